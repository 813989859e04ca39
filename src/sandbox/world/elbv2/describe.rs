//! What there is: the describing operations of ELBv2, paged as the service pages them.

use serde_json::{Value, json};

use super::{Elbv2State, not_found, output, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::{list, page, page_size, text, texts};

/// Largest page of every describing operation.
const PAGE_SIZE: usize = 400;
/// Most resources that one call may name.
const MAX_NAMED: usize = 20;

/// `DescribeLoadBalancers`: all, or those named by ARN or name.
pub(super) fn load_balancers(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &scope.region.elbv2;
    let (arns, names) = (texts(input, "LoadBalancerArns"), texts(input, "Names"));
    check_count("LoadBalancerArns", &arns)?;
    let all = elbv2.load_balancers.values();
    let found: Vec<_> = all
        .filter(|balancer| is_asked_for(&arns, &balancer.arn) && is_asked_for(&names, &balancer.name))
        .collect();
    if let Some(missing) = names.iter().find(|name| found.iter().all(|balancer| balancer.name != **name)) {
        let message = format!("Load balancers '[{missing}]' not found");
        return Err(ApiError::client("LoadBalancerNotFound", message));
    }
    if found.len() < arns.len() {
        return Err(not_found("load balancer"));
    }
    let describe = |balancer| output::load_balancer(balancer, &scope.region.ec2, scope.now);
    paged("LoadBalancers", found.into_iter().map(describe).collect(), input)
}

/// `DescribeListeners`: of one load balancer, or by ARN.
pub(super) fn listeners(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &scope.region.elbv2;
    let arns = texts(input, "ListenerArns");
    let of_balancer = text(input, "LoadBalancerArn");
    if let Some(arn) = of_balancer
        && !elbv2.load_balancers.contains_key(arn)
    {
        return Err(not_found("load balancer"));
    }
    if of_balancer.is_none() && arns.is_empty() {
        return Err(validation("You must specify either listener ARNs or a load balancer ARN"));
    }
    let found: Vec<Value> = elbv2
        .listeners
        .values()
        .filter(|listener| is_asked_for(&arns, &listener.arn))
        .filter(|listener| of_balancer.is_none_or(|arn| listener.load_balancer_arn == arn))
        .map(output::listener)
        .collect();
    if found.len() < arns.len() {
        return Err(not_found("listener"));
    }
    paged("Listeners", found, input)
}

/// `DescribeListenerCertificates`: the default certificate first, then those for further host names.
pub(super) fn listener_certificates(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let arn = text(input, "ListenerArn").unwrap_or_default();
    let listener = scope.region.elbv2.listeners.get(arn).ok_or_else(|| not_found("listener"))?;
    let certificates = listener.certificate_arns.iter().enumerate();
    let certificates =
        certificates.map(|(index, arn)| json!({"CertificateArn": arn, "IsDefault": index == 0})).collect();
    paged("Certificates", certificates, input)
}

/// `DescribeRules`: of one listener, the default rule last; or by ARN.
pub(super) fn rules(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &scope.region.elbv2;
    let arns = texts(input, "RuleArns");
    if !arns.is_empty() {
        let found: Option<Vec<Value>> = arns.iter().map(|arn| find_rule(elbv2, arn)).collect();
        return paged("Rules", found.ok_or_else(|| not_found("rule"))?, input);
    }
    let Some(arn) = text(input, "ListenerArn") else {
        return Err(validation("You must specify either listener rule ARNs or a listener ARN"));
    };
    let listener = elbv2.listeners.get(arn).ok_or_else(|| not_found("listener"))?;
    let mut of_listener: Vec<_> = elbv2.rules.values().filter(|rule| rule.listener_arn == arn).collect();
    of_listener.sort_by_key(|rule| rule.priority);
    let described = of_listener.into_iter().map(output::rule);
    paged("Rules", described.chain([output::default_rule(listener)]).collect(), input)
}

fn find_rule(elbv2: &Elbv2State, arn: &str) -> Option<Value> {
    let default = || {
        let mut listeners = elbv2.listeners.values();
        listeners.find(|listener| output::default_rule_arn(&listener.arn) == arn).map(output::default_rule)
    };
    elbv2.rules.get(arn).map(output::rule).or_else(default)
}

/// `DescribeTargetGroups`: all, those of a load balancer, or those named by ARN or name.
pub(super) fn target_groups(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &scope.region.elbv2;
    let (arns, names) = (texts(input, "TargetGroupArns"), texts(input, "Names"));
    let of_balancer = text(input, "LoadBalancerArn");
    if let Some(arn) = of_balancer
        && !elbv2.load_balancers.contains_key(arn)
    {
        return Err(not_found("load balancer"));
    }
    let found: Vec<Value> = elbv2
        .target_groups
        .values()
        .filter(|group| is_asked_for(&arns, &group.arn) && is_asked_for(&names, &group.name))
        .filter(|group| {
            of_balancer.is_none_or(|arn| elbv2.load_balancers_of_target_group(&group.arn).contains(arn))
        })
        .map(|group| output::target_group(group, elbv2))
        .collect();
    if found.len() < arns.len().max(names.len()) {
        return Err(not_found("target group"));
    }
    paged("TargetGroups", found, input)
}

/// `DescribeTargetHealth`: of all targets of a group, or of those asked for; unknown ones are `unused`.
pub(super) fn target_health(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let arn = text(input, "TargetGroupArn").unwrap_or_default();
    let group = scope.region.elbv2.target_groups.get(arn).ok_or_else(|| not_found("target group"))?;
    let described = output::target_health(group);
    let asked = list(input, "Targets");
    if asked.is_empty() {
        return Ok(json!({"TargetHealthDescriptions": described}));
    }
    let of_target = |target: &Value| {
        let is_it = |health: &&Value| health["Target"]["Id"] == target["Id"];
        described.iter().find(is_it).cloned().unwrap_or_else(|| {
            json!({"Target": target, "TargetHealth": {
                "State": "unused",
                "Reason": "Target.NotRegistered",
                "Description": "Target is not registered to the target group",
            }})
        })
    };
    Ok(json!({"TargetHealthDescriptions": asked.iter().map(of_target).collect::<Vec<Value>>()}))
}

/// Refuses a call that names more resources than one may.
pub(super) fn check_count(member: &str, named: &[&str]) -> Result<(), ApiError> {
    if named.len() > MAX_NAMED {
        return Err(validation(format!("{member} can name up to {MAX_NAMED} resources")));
    }
    Ok(())
}

fn is_asked_for(asked: &[&str], name: &str) -> bool {
    asked.is_empty() || asked.contains(&name)
}

fn paged(member: &str, items: Vec<Value>, input: &Value) -> Result<Value, ApiError> {
    let page = page(items, page_size(input, "PageSize", PAGE_SIZE), text(input, "Marker"));
    let page = page.ok_or_else(|| validation("The specified marker is invalid"))?;
    let mut answer = json!({member: page.items});
    if let Some(marker) = page.next_token {
        answer["NextMarker"] = marker.into();
    }
    Ok(answer)
}
