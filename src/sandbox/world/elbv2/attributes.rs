//! Attributes of load balancers and target groups: defaults, and what was set.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{not_found, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::{list, text};

/// Attributes of an application load balancer and their defaults.
const LOAD_BALANCER_DEFAULTS: [(&str, &str); 18] = [
    ("access_logs.s3.bucket", ""),
    ("access_logs.s3.enabled", "false"),
    ("access_logs.s3.prefix", ""),
    ("client_keep_alive.seconds", "3600"),
    ("connection_logs.s3.bucket", ""),
    ("connection_logs.s3.enabled", "false"),
    ("connection_logs.s3.prefix", ""),
    ("deletion_protection.enabled", "false"),
    ("idle_timeout.timeout_seconds", "60"),
    ("load_balancing.cross_zone.enabled", "true"),
    ("routing.http.desync_mitigation_mode", "defensive"),
    ("routing.http.drop_invalid_header_fields.enabled", "false"),
    ("routing.http.preserve_host_header.enabled", "false"),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
    ("routing.http.xff_client_port.enabled", "false"),
    ("routing.http.xff_header_processing.mode", "append"),
    ("routing.http2.enabled", "true"),
    ("waf.fail_open.enabled", "false"),
];

/// Attributes of a target group of an application load balancer and their defaults.
const TARGET_GROUP_DEFAULTS: [(&str, &str); 14] = [
    ("deregistration_delay.timeout_seconds", "300"),
    ("load_balancing.algorithm.anomaly_mitigation", "off"),
    ("load_balancing.algorithm.type", "round_robin"),
    ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
    ("slow_start.duration_seconds", "0"),
    ("stickiness.app_cookie.cookie_name", ""),
    ("stickiness.app_cookie.duration_seconds", "86400"),
    ("stickiness.enabled", "false"),
    ("stickiness.lb_cookie.duration_seconds", "86400"),
    ("stickiness.type", "lb_cookie"),
    ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
    ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"),
];

/// `DescribeLoadBalancerAttributes`.
pub(super) fn describe_load_balancer(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    Ok(described(&LOAD_BALANCER_DEFAULTS, load_balancer(scope, input)?))
}

/// `ModifyLoadBalancerAttributes`.
pub(super) fn modify_load_balancer(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    modified("Load balancer", &LOAD_BALANCER_DEFAULTS, load_balancer(scope, input)?, input)
}

/// `DescribeTargetGroupAttributes`.
pub(super) fn describe_target_group(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    Ok(described(&TARGET_GROUP_DEFAULTS, target_group(scope, input)?))
}

/// `ModifyTargetGroupAttributes`.
pub(super) fn modify_target_group(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    modified("Target group", &TARGET_GROUP_DEFAULTS, target_group(scope, input)?, input)
}

/// Whether the load balancer with these attributes refuses to be deleted.
pub(super) fn is_protected(attributes: &BTreeMap<String, String>) -> bool {
    attributes.get("deletion_protection.enabled").is_some_and(|value| value == "true")
}

fn load_balancer<'a>(
    scope: &'a mut Scope<'_>,
    input: &Value,
) -> Result<&'a mut BTreeMap<String, String>, ApiError> {
    let arn = text(input, "LoadBalancerArn").unwrap_or_default();
    let balancer = scope.region.elbv2.load_balancers.get_mut(arn);
    balancer.map(|balancer| &mut balancer.attributes).ok_or_else(|| not_found("load balancer"))
}

fn target_group<'a>(
    scope: &'a mut Scope<'_>,
    input: &Value,
) -> Result<&'a mut BTreeMap<String, String>, ApiError> {
    let arn = text(input, "TargetGroupArn").unwrap_or_default();
    let group = scope.region.elbv2.target_groups.get_mut(arn);
    group.map(|group| &mut group.attributes).ok_or_else(|| not_found("target group"))
}

fn described(defaults: &[(&str, &str)], set: &BTreeMap<String, String>) -> Value {
    let attribute = |(key, default): &(&str, &str)| {
        let value = set.get(*key).map_or(*default, String::as_str);
        json!({"Key": key, "Value": value})
    };
    json!({"Attributes": defaults.iter().map(attribute).collect::<Vec<Value>>()})
}

fn modified(
    kind: &str,
    defaults: &[(&str, &str)],
    set: &mut BTreeMap<String, String>,
    input: &Value,
) -> Result<Value, ApiError> {
    let asked: Vec<(&str, &str)> = list(input, "Attributes")
        .iter()
        .map(|attribute| {
            (text(attribute, "Key").unwrap_or_default(), text(attribute, "Value").unwrap_or_default())
        })
        .collect();
    let is_known = |key: &str| defaults.iter().any(|(known, _)| *known == key);
    if let Some((key, _)) = asked.iter().find(|(key, _)| !is_known(key)) {
        return Err(validation(format!("{kind} attribute key '{key}' is not recognized")));
    }
    set.extend(asked.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())));
    Ok(described(defaults, set))
}
