//! Changes by hand to what Express Mode made: rules, target groups, certificates of a listener.

use serde_json::{Value, json};

use super::{Elbv2State, Rule, WeightedTargetGroup, not_found, output, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::{list, text};

/// Most values over all conditions of one rule (an ELB quota).
const MAX_CONDITION_VALUES: usize = 5;

/// Most certificates of a listener beside the default one (an ELB quota).
const MAX_CERTIFICATES: usize = 25;

/// `ModifyRule`: replaces the conditions, the actions, or both.
pub(super) fn rule(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let arn = text(input, "RuleArn").unwrap_or_default();
    if elbv2.listeners.keys().any(|listener| output::default_rule_arn(listener) == arn) {
        let message = format!("Default rule '{arn}' cannot be modified");
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    let mut changed = elbv2.rules.get(arn).cloned().ok_or_else(|| not_found("rule"))?;
    let (conditions, actions) = (list(input, "Conditions"), list(input, "Actions"));
    if !conditions.is_empty() {
        changed.conditions = checked_conditions(conditions)?;
    }
    if !actions.is_empty() {
        set_actions(&mut changed, actions, elbv2)?;
    }
    let answer = json!({"Rules": [output::rule(&changed)]});
    elbv2.rules.insert(arn.to_owned(), changed);
    Ok(answer)
}

/// Conditions with the values of the older member `Values` moved to where the newer one has them.
fn checked_conditions(conditions: &[Value]) -> Result<Vec<Value>, ApiError> {
    let mut checked = Vec::with_capacity(conditions.len());
    let mut value_count = 0;
    for condition in conditions {
        let mut condition = condition.clone();
        let config = match text(&condition, "Field") {
            Some("host-header") => "HostHeaderConfig",
            Some("path-pattern") => "PathPatternConfig",
            Some("http-request-method") => "HttpRequestMethodConfig",
            Some("http-header") => "HttpHeaderConfig",
            Some("query-string") => "QueryStringConfig",
            Some("source-ip") => "SourceIpConfig",
            _ => return Err(validation("Condition field is not valid")),
        };
        if condition[config].is_null() {
            condition[config] = json!({"Values": condition["Values"]});
        }
        let values = condition[config]["Values"].as_array().map_or(0, Vec::len);
        if values == 0 {
            return Err(validation("A condition value must be specified"));
        }
        value_count += values;
        checked.push(condition);
    }
    if value_count > MAX_CONDITION_VALUES {
        return Err(validation(format!(
            "The number of condition values '{value_count}' exceeds the limit of '{MAX_CONDITION_VALUES}'"
        )));
    }
    Ok(checked)
}

fn set_actions(rule: &mut Rule, actions: &[Value], elbv2: &Elbv2State) -> Result<(), ApiError> {
    let mut forward = Vec::new();
    let mut others = Vec::new();
    for action in actions {
        if text(action, "Type") == Some("forward") {
            forward = forwarded_groups(action);
        } else {
            others.push(action.clone());
        }
    }
    let is_missing = |group: &WeightedTargetGroup| !elbv2.target_groups.contains_key(&group.target_group_arn);
    if forward.iter().any(is_missing) {
        return Err(not_found("target group"));
    }
    if forward.iter().any(|group| group.weight > 999) {
        return Err(validation("Weight must be between 0 and 999"));
    }
    if forward.is_empty() && others.is_empty() {
        return Err(validation("At least one action must be specified"));
    }
    (rule.forward, rule.other_actions) = (forward, others);
    Ok(())
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

/// `ModifyTargetGroup`: the health check settings that the input names.
pub(super) fn target_group(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let arn = text(input, "TargetGroupArn").unwrap_or_default();
    let mut group = elbv2.target_groups.get(arn).cloned().ok_or_else(|| not_found("target group"))?;
    let check = &mut group.health_check;
    let set_text = |member: &str, field: &mut String| {
        if let Some(value) = text(input, member) {
            value.clone_into(field);
        }
    };
    set_text("HealthCheckProtocol", &mut check.protocol);
    set_text("HealthCheckPort", &mut check.port);
    set_text("HealthCheckPath", &mut check.path);
    if let Some(code) = text(&input["Matcher"], "HttpCode") {
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
    if check.timeout_seconds >= check.interval_seconds {
        return Err(validation("Health check interval must be greater than the timeout."));
    }
    elbv2.target_groups.insert(arn.to_owned(), group);
    let elbv2 = &scope.region.elbv2;
    Ok(json!({"TargetGroups": [output::target_group(&elbv2.target_groups[arn], elbv2)]}))
}

/// `AddListenerCertificates`: idempotent for certificates that are there already.
pub(super) fn add_listener_certificates(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let region = &mut *scope.region;
    let arn = text(input, "ListenerArn").unwrap_or_default();
    let listener = region.elbv2.listeners.get_mut(arn).ok_or_else(|| not_found("listener"))?;
    let asked = list(input, "Certificates").iter().filter_map(|entry| text(entry, "CertificateArn"));
    for certificate_arn in asked {
        if !region.acm.certificates.contains_key(certificate_arn) {
            let message = format!("Certificate ARN '{certificate_arn}' is not valid");
            return Err(ApiError::client("CertificateNotFound", message));
        }
        if listener.certificate_arns.iter().any(|known| known == certificate_arn) {
            continue;
        }
        if listener.certificate_arns.len() > MAX_CERTIFICATES {
            let message = format!("The maximum number of certificates on listener '{arn}' has been reached");
            return Err(ApiError::client("TooManyCertificates", message));
        }
        listener.certificate_arns.push(certificate_arn.to_owned());
    }
    Ok(json!({"Certificates": input["Certificates"]}))
}

/// `RemoveListenerCertificates`: every certificate but the default one can go.
pub(super) fn remove_listener_certificates(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let arn = text(input, "ListenerArn").unwrap_or_default();
    let listener = scope.region.elbv2.listeners.get_mut(arn).ok_or_else(|| not_found("listener"))?;
    let asked: Vec<&str> =
        list(input, "Certificates").iter().filter_map(|entry| text(entry, "CertificateArn")).collect();
    if listener.certificate_arns.first().is_some_and(|default| asked.contains(&default.as_str())) {
        let message = "The default certificate of a listener cannot be removed";
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    listener.certificate_arns.retain(|known| !asked.contains(&known.as_str()));
    Ok(json!({}))
}
