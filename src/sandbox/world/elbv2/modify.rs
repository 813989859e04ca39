//! `ModifyRule` and `SetSecurityGroups`.

use serde_json::{Value, json};

use super::{actions, conditions, not_found, output};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text, texts};
use crate::sandbox::world::{Scope, timing};

/// `ModifyRule`: replaces the conditions, the actions, or both.
pub(super) fn rule(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let arn = text(input, "RuleArn").unwrap_or_default();
    if elbv2.listeners.keys().any(|listener| output::default_rule_arn(listener) == arn) {
        let message = format!("Default rule '{arn}' cannot be modified");
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    let mut changed = elbv2.rules.get(arn).cloned().ok_or_else(|| not_found("rule"))?;
    let (asked_conditions, asked_actions) = (list(input, "Conditions"), list(input, "Actions"));
    if !asked_conditions.is_empty() {
        changed.conditions = conditions::checked(asked_conditions)?;
    }
    let before = changed.forward.clone();
    let balancer = elbv2.listeners.get(&changed.listener_arn).map(|it| it.load_balancer_arn.clone());
    let balancer = balancer.unwrap_or_default();
    if !asked_actions.is_empty() {
        let checked = actions::checked(asked_actions, &balancer, elbv2)?;
        changed.forward = checked.forward;
        changed.stickiness_seconds = checked.stickiness_seconds;
        changed.other_actions = checked.others;
    }
    let is_gone = |arn: &String| changed.forward.iter().all(|group| group.target_group_arn != *arn);
    let gone: Vec<String> = before.into_iter().map(|it| it.target_group_arn).filter(is_gone).collect();
    elbv2.target_group_uses.leave(gone, &balancer, scope.now.after(timing::TARGET_GROUP_RELEASED));
    let answer = json!({"Rules": [output::rule(&changed)]});
    elbv2.rules.insert(arn.to_owned(), changed);
    Ok(answer)
}

/// `SetSecurityGroups`: replaces the groups of a load balancer and of its network interfaces.
pub(super) fn security_groups(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let region = &mut *scope.region;
    let arn = text(input, "LoadBalancerArn").unwrap_or_default();
    let balancer = region.elbv2.load_balancers.get_mut(arn).ok_or_else(|| not_found("load balancer"))?;
    let asked: Vec<String> = texts(input, "SecurityGroups").into_iter().map(str::to_owned).collect();
    let is_valid =
        |id: &String| region.ec2.security_groups.get(id).is_some_and(|group| group.vpc_id == balancer.vpc_id);
    if asked.is_empty() || !asked.iter().all(is_valid) {
        let message = "One or more security groups are invalid";
        return Err(ApiError::client("InvalidSecurityGroup", message));
    }
    balancer.security_group_ids.clone_from(&asked);
    for id in &balancer.network_interface_ids {
        if let Some(interface) = region.ec2.network_interfaces.get_mut(id) {
            interface.group_ids.clone_from(&asked);
        }
    }
    Ok(json!({"SecurityGroupIds": asked}))
}
