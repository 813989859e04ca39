//! The health check members of `CreateTargetGroup` and `ModifyTargetGroup`.

use serde_json::{Value, json};

use super::{HealthCheck, not_found, output, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::text;

/// `ModifyTargetGroup`: the health check settings that the input names.
pub(super) fn modify(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let arn = text(input, "TargetGroupArn").unwrap_or_default();
    let group = elbv2.target_groups.get_mut(arn).ok_or_else(|| not_found("target group"))?;
    group.health_check = changed(&group.health_check, input)?;
    let elbv2 = &scope.region.elbv2;
    Ok(json!({"TargetGroups": [output::target_group(&elbv2.target_groups[arn], elbv2)]}))
}

/// The settings with what the input names.
pub(super) fn changed(known: &HealthCheck, input: &Value) -> Result<HealthCheck, ApiError> {
    let mut check = known.clone();
    let set_text = |member: &str, field: &mut String| {
        if let Some(value) = text(input, member) {
            value.clone_into(field);
        }
    };
    set_text("HealthCheckProtocol", &mut check.protocol);
    set_text("HealthCheckPort", &mut check.port);
    set_text("HealthCheckPath", &mut check.path);
    let matcher = &input["Matcher"];
    if let Some(code) = text(matcher, "HttpCode").or_else(|| text(matcher, "GrpcCode")) {
        code.clone_into(&mut check.matcher_http_code);
    }
    if let Some(enabled) = input["HealthCheckEnabled"].as_bool() {
        check.enabled = enabled;
    }
    for (member, field, range) in [
        ("HealthCheckIntervalSeconds", &mut check.interval_seconds, 5..=300),
        ("HealthCheckTimeoutSeconds", &mut check.timeout_seconds, 2..=120),
        ("HealthyThresholdCount", &mut check.healthy_threshold_count, 2..=10),
        ("UnhealthyThresholdCount", &mut check.unhealthy_threshold_count, 2..=10),
    ] {
        let Some(value) = input[member].as_u64() else { continue };
        let within = u32::try_from(value).ok().filter(|value| range.contains(value));
        *field = within.ok_or_else(|| {
            validation(format!("{member} must be between {} and {}", range.start(), range.end()))
        })?;
    }
    if text(input, "HealthCheckPath").is_some_and(|path| !path.starts_with('/')) {
        return Err(validation(format!("Health check path '{}' must begin with '/'", check.path)));
    }
    if check.timeout_seconds >= check.interval_seconds {
        return Err(validation("Health check interval must be greater than the timeout."));
    }
    Ok(check)
}
