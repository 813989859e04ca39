//! Deleting, with the references that AWS checks and the things that it takes along.

use serde_json::{Value, json};

use super::{attributes, not_found, output};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::text;

/// `DeleteRule`.
pub(super) fn rule(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let arn = text(input, "RuleArn").unwrap_or_default();
    if elbv2.listeners.keys().any(|listener| output::default_rule_arn(listener) == arn) {
        let message = format!("Default rule '{arn}' cannot be deleted");
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    elbv2.rules.remove(arn).map(|_| json!({})).ok_or_else(|| not_found("rule"))
}

/// `DeleteListener`: takes its rules along.
pub(super) fn listener(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let arn = text(input, "ListenerArn").unwrap_or_default();
    elbv2.listeners.remove(arn).ok_or_else(|| not_found("listener"))?;
    elbv2.rules.retain(|_, rule| rule.listener_arn != arn);
    Ok(json!({}))
}

/// `DeleteTargetGroup`: refused while a rule or listener forwards to it; a missing group counts as deleted.
pub(super) fn target_group(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let arn = text(input, "TargetGroupArn").unwrap_or_default();
    if !elbv2.load_balancers_of_target_group(arn).is_empty() {
        let message = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(ApiError::client("ResourceInUse", message));
    }
    elbv2.target_groups.remove(arn);
    Ok(json!({}))
}

/// `DeleteLoadBalancer`: takes listeners, rules and network interfaces along, unless protected; a missing one
/// counts as deleted.
pub(super) fn load_balancer(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let region = &mut *scope.region;
    let arn = text(input, "LoadBalancerArn").unwrap_or_default();
    let Some(balancer) = region.elbv2.load_balancers.get(arn) else { return Ok(json!({})) };
    if attributes::is_protected(&balancer.attributes) {
        let message =
            format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    for interface in &balancer.network_interface_ids {
        region.ec2.network_interfaces.remove(interface);
    }
    region.elbv2.load_balancers.remove(arn);
    region.elbv2.listeners.retain(|_, listener| listener.load_balancer_arn != arn);
    let listeners = &region.elbv2.listeners;
    region.elbv2.rules.retain(|_, rule| listeners.contains_key(&rule.listener_arn));
    Ok(json!({}))
}
