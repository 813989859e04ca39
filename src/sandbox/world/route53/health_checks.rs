//! Health checks: made, listed and deleted. Nothing is ever checked.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{bare_id, invalid, not_found};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::{text, texts};

/// A health check.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct HealthCheck {
    id: String,
    caller_reference: String,
    /// `HealthCheckConfig` in API form.
    config: Value,
}

/// `CreateHealthCheck`: the reference of an earlier one with the same settings answers with the earlier one.
pub(super) fn create(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let reference = text(input, "CallerReference").unwrap_or_default();
    let config = &input["HealthCheckConfig"];
    if text(config, "Type").is_none() {
        return Err(invalid("Invalid request: a health check needs a type"));
    }
    let checks = &scope.account.route53.health_checks;
    if let Some(known) = checks.values().find(|check| check.caller_reference == reference) {
        if known.config != *config {
            let message =
                "A health check with the same caller reference, but with different settings, exists.";
            return Err(ApiError { status: 409, ..ApiError::client("HealthCheckAlreadyExists", message) });
        }
        return Ok(json!({"HealthCheck": output(known)}));
    }
    let children = texts(config, "ChildHealthChecks");
    if let Some(missing) = children.iter().find(|child| !checks.contains_key(**child)) {
        return Err(invalid(format!("The child health check {missing} does not exist")));
    }
    let id = scope.ids.uuid();
    let caller_reference = reference.to_owned();
    let check = HealthCheck { id: id.clone(), caller_reference, config: config.clone() };
    let answer = json!({"HealthCheck": output(&check)});
    scope.account.route53.health_checks.insert(id, check);
    Ok(answer)
}

/// `GetHealthCheck`.
pub(super) fn get(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let id = bare_id(text(input, "HealthCheckId").unwrap_or_default());
    let check = scope.account.route53.health_checks.get(id).ok_or_else(|| missing(id))?;
    Ok(json!({"HealthCheck": output(check)}))
}

/// `ListHealthChecks`, in one page.
pub(super) fn list(scope: &Scope<'_>) -> Value {
    let checks: Vec<Value> = scope.account.route53.health_checks.values().map(output).collect();
    json!({"HealthChecks": checks, "Marker": "", "IsTruncated": false, "MaxItems": "100"})
}

/// `DeleteHealthCheck`: refused while another one counts it.
pub(super) fn delete(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let id = bare_id(text(input, "HealthCheckId").unwrap_or_default());
    let checks = &mut scope.account.route53.health_checks;
    if checks.values().any(|check| texts(&check.config, "ChildHealthChecks").contains(&id)) {
        let message = format!("The health check {id} is in use by another health check");
        return Err(ApiError::client("HealthCheckInUse", message));
    }
    checks.remove(id).map(|_| json!({})).ok_or_else(|| missing(id))
}

fn output(check: &HealthCheck) -> Value {
    json!({
        "Id": check.id,
        "CallerReference": check.caller_reference,
        "HealthCheckConfig": check.config,
        "HealthCheckVersion": 1,
    })
}

fn missing(id: &str) -> ApiError {
    not_found("NoSuchHealthCheck", format!("A health check with id {id} does not exist."))
}
