//! Deleting, with the references that AWS checks and the things that it takes along.

use serde_json::{Value, json};

use super::{Elbv2Event, Listener, Rule, actions, attributes, not_found, output};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::agenda::Event;
use crate::sandbox::world::input::text;
use crate::sandbox::world::{Scope, timing};

/// `DeleteRule`.
pub(super) fn rule(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let arn = text(input, "RuleArn").unwrap_or_default();
    if elbv2.listeners.keys().any(|listener| output::default_rule_arn(listener) == arn) {
        let message = format!("Default rule '{arn}' cannot be deleted");
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    let rule = elbv2.rules.remove(arn).ok_or_else(|| not_found("rule"))?;
    release_target_groups(scope, &rule);
    Ok(json!({}))
}

/// `DeleteListener`: takes its rules along.
pub(super) fn listener(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let arn = text(input, "ListenerArn").unwrap_or_default();
    let listener = scope.region.elbv2.listeners.get(arn).cloned().ok_or_else(|| not_found("listener"))?;
    remove_listener(scope, &listener);
    Ok(json!({}))
}

/// `DeleteTargetGroup`: refused while a rule or listener forwards to it, and for a moment more; a missing group
/// counts as deleted.
pub(super) fn target_group(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let arn = text(input, "TargetGroupArn").unwrap_or_default();
    elbv2.target_group_uses.forget(scope.now);
    let is_used = !elbv2.load_balancers_of_target_group(arn).is_empty();
    if is_used || elbv2.target_group_uses.find_user(arn, scope.now).is_some() {
        let message = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(ApiError::client("ResourceInUse", message));
    }
    elbv2.target_groups.remove(arn);
    Ok(json!({}))
}

/// `DeleteLoadBalancer`: takes listeners and rules along at once and network interfaces a little later, unless
/// protected; a missing one counts as deleted.
pub(super) fn load_balancer(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let arn = text(input, "LoadBalancerArn").unwrap_or_default();
    let Some(balancer) = scope.region.elbv2.load_balancers.get(arn).cloned() else { return Ok(json!({})) };
    if attributes::is_protected(&balancer.attributes) {
        let message =
            format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    let is_its = |listener: &&Listener| listener.load_balancer_arn == arn;
    let listeners: Vec<Listener> = scope.region.elbv2.listeners.values().filter(is_its).cloned().collect();
    for listener in listeners {
        remove_listener(scope, &listener);
    }
    scope.region.elbv2.load_balancers.remove(arn);
    scope.region.wafv2.disassociate(arn);
    let interfaces = balancer.network_interface_ids;
    let event = Elbv2Event::NetworkInterfacesReleased { interfaces };
    scope.schedule(timing::LOAD_BALANCER_INTERFACES_RELEASED, Event::Elbv2(event));
    Ok(json!({}))
}

/// Removes the network interfaces of a load balancer that is gone.
pub(super) fn release_interfaces(scope: &mut Scope<'_>, interfaces: &[String]) {
    for interface in interfaces {
        scope.region.ec2.network_interfaces.remove(interface);
    }
}

fn remove_listener(scope: &mut Scope<'_>, listener: &Listener) {
    let elbv2 = &mut scope.region.elbv2;
    elbv2.listeners.remove(&listener.arn);
    let rules: Vec<Rule> = elbv2
        .rules
        .extract_if(.., |_, rule| rule.listener_arn == listener.arn)
        .map(|(_, rule)| rule)
        .collect();
    let groups = actions::named_groups(&listener.default_actions);
    let until = scope.now.after(timing::TARGET_GROUP_RELEASED);
    elbv2.target_group_uses.leave(groups, &listener.load_balancer_arn, until);
    let until = scope.now.after(timing::CERTIFICATE_RELEASED);
    let certificates = listener.certificate_arns.iter().cloned();
    elbv2.certificate_uses.leave(certificates, &listener.load_balancer_arn, until);
    for rule in rules {
        release_target_groups(scope, &rule);
    }
}

fn release_target_groups(scope: &mut Scope<'_>, rule: &Rule) {
    let groups = rule.forward.iter().map(|weighted| weighted.target_group_arn.clone());
    let until = scope.now.after(timing::TARGET_GROUP_RELEASED);
    scope.region.elbv2.target_group_uses.leave(groups, &rule.listener_arn, until);
}
