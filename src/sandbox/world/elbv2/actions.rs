//! The actions of rules and of listeners' defaults.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Elbv2State, WeightedTargetGroup, not_found, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text};

/// Most target groups of one action (an ELB quota).
const MAX_GROUPS: usize = 5;
/// Most target groups that one load balancer sends requests to (an ELB quota that cannot be raised).
const MAX_GROUPS_PER_LOAD_BALANCER: usize = 100;

/// The actions of a rule: its forward action apart from the others.
#[derive(Debug, Default)]
pub(super) struct Actions {
    pub(super) forward: Vec<WeightedTargetGroup>,
    pub(super) stickiness_seconds: Option<u32>,
    pub(super) others: Vec<Value>,
}

/// Reads and checks the actions of a rule on the load balancer.
pub(super) fn checked(
    actions: &[Value],
    load_balancer_arn: &str,
    elbv2: &Elbv2State,
) -> Result<Actions, ApiError> {
    let mut checked = Actions::default();
    let mut final_count = 0;
    for action in actions {
        match text(action, "Type").unwrap_or_default() {
            "forward" => {
                checked.forward = forwarded_groups(action);
                checked.stickiness_seconds = stickiness_seconds(action);
                check_groups(&checked.forward, load_balancer_arn, elbv2)?;
                final_count += 1;
            }
            "fixed-response" => {
                check_fixed_response(&action["FixedResponseConfig"])?;
                checked.others.push(action.clone());
                final_count += 1;
            }
            "redirect" => {
                check_redirect(&action["RedirectConfig"])?;
                checked.others.push(action.clone());
                final_count += 1;
            }
            "authenticate-oidc" | "authenticate-cognito" | "jwt-validation" => {
                checked.others.push(action.clone());
            }
            other => return Err(validation(format!("Action type '{other}' is not valid"))),
        }
    }
    match final_count {
        0 => Err(validation("At least one action must be specified")),
        1 => Ok(checked),
        _ => Err(validation("A rule can only have one forward, redirect or fixed-response action")),
    }
}

/// The default actions of a listener, checked, in the form in which they are described.
pub(super) fn checked_defaults(
    actions: &[Value],
    load_balancer_arn: &str,
    elbv2: &Elbv2State,
) -> Result<Vec<Value>, ApiError> {
    let checked = checked(actions, load_balancer_arn, elbv2)?;
    let mut described = checked.others;
    if !checked.forward.is_empty() {
        described.push(describe_forward(&checked.forward, checked.stickiness_seconds, described.len() + 1));
    }
    for (index, action) in described.iter_mut().enumerate() {
        action["Order"] = json!(index + 1);
    }
    Ok(described)
}

/// A forward action as the API describes it.
pub(super) fn describe_forward(
    forward: &[WeightedTargetGroup],
    stickiness_seconds: Option<u32>,
    order: usize,
) -> Value {
    let group = |weighted: &WeightedTargetGroup| json!({"TargetGroupArn": weighted.target_group_arn, "Weight": weighted.weight});
    let only = match forward {
        [only] => Some(&only.target_group_arn),
        _ => None,
    };
    json!({
        "Type": "forward",
        "Order": order,
        "TargetGroupArn": only,
        "ForwardConfig": {
            "TargetGroups": forward.iter().map(group).collect::<Vec<Value>>(),
            "TargetGroupStickinessConfig": {
                "Enabled": stickiness_seconds.is_some(),
                "DurationSeconds": stickiness_seconds,
            },
        },
    })
}

/// The target groups that default actions name.
pub(super) fn named_groups(actions: &[Value]) -> BTreeSet<String> {
    let forwards = actions.iter().filter(|action| text(action, "Type") == Some("forward"));
    forwards.flat_map(forwarded_groups).map(|weighted| weighted.target_group_arn).collect()
}

fn forwarded_groups(action: &Value) -> Vec<WeightedTargetGroup> {
    let weighted = list(&action["ForwardConfig"], "TargetGroups").iter().map(|group| {
        let target_group_arn = text(group, "TargetGroupArn").unwrap_or_default().to_owned();
        let weight = group["Weight"].as_u64().and_then(|weight| u32::try_from(weight).ok());
        WeightedTargetGroup { target_group_arn, weight: weight.unwrap_or(1) }
    });
    let weighted: Vec<WeightedTargetGroup> = weighted.collect();
    match text(action, "TargetGroupArn") {
        Some(arn) if weighted.is_empty() => {
            vec![WeightedTargetGroup { target_group_arn: arn.to_owned(), weight: 1 }]
        }
        _ => weighted,
    }
}

fn stickiness_seconds(action: &Value) -> Option<u32> {
    let stickiness = &action["ForwardConfig"]["TargetGroupStickinessConfig"];
    let is_enabled = stickiness["Enabled"].as_bool() == Some(true);
    stickiness["DurationSeconds"].as_u64().filter(|_| is_enabled).and_then(|it| u32::try_from(it).ok())
}

fn check_groups(
    groups: &[WeightedTargetGroup],
    load_balancer_arn: &str,
    elbv2: &Elbv2State,
) -> Result<(), ApiError> {
    if groups.is_empty() {
        return Err(validation("A target group ARN must be specified"));
    }
    if groups.len() > MAX_GROUPS {
        let message = format!("The number of target groups in an action cannot exceed '{MAX_GROUPS}'");
        return Err(ApiError::client("TooManyTargetGroups", message));
    }
    if groups.iter().any(|group| !elbv2.target_groups.contains_key(&group.target_group_arn)) {
        return Err(not_found("target group"));
    }
    if groups.iter().any(|group| group.weight > 999) {
        return Err(validation("Weight must be between 0 and 999"));
    }
    for group in groups {
        let users = elbv2.load_balancers_of_target_group(&group.target_group_arn);
        if users.iter().any(|user| *user != load_balancer_arn) {
            let message = format!(
                "The following target groups cannot be associated with more than one load balancer: {}",
                group.target_group_arn
            );
            return Err(ApiError::client("TargetGroupAssociationLimit", message));
        }
    }
    let mut used = elbv2.target_groups_of_load_balancer(load_balancer_arn);
    used.extend(groups.iter().map(|group| group.target_group_arn.as_str()));
    if used.len() > MAX_GROUPS_PER_LOAD_BALANCER {
        let message = "The maximum number of unique target groups on this load balancer has been reached";
        return Err(ApiError::client("TooManyUniqueTargetGroupsPerLoadBalancer", message));
    }
    Ok(())
}

fn check_fixed_response(config: &Value) -> Result<(), ApiError> {
    let code = text(config, "StatusCode").unwrap_or_default();
    let is_valid = code.len() == 3 && matches!(code.as_bytes()[0], b'2' | b'4' | b'5');
    if !is_valid || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(validation(format!(
            "The status code '{code}' of a fixed response must be 2XX, 4XX or 5XX"
        )));
    }
    let body_length = text(config, "MessageBody").map_or(0, str::len);
    if body_length > 1024 {
        return Err(validation("The message body of a fixed response cannot be longer than 1024 characters"));
    }
    Ok(())
}

fn check_redirect(config: &Value) -> Result<(), ApiError> {
    match text(config, "StatusCode") {
        Some("HTTP_301" | "HTTP_302") => Ok(()),
        _ => Err(validation("The status code of a redirect must be HTTP_301 or HTTP_302")),
    }
}
