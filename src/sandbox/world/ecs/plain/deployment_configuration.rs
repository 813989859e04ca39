//! `deploymentConfiguration` of a service: defaults, changes, and what ECS refuses.

use serde_json::{Value, json};

use crate::sandbox::api::ApiError;
use crate::sandbox::world::ecs::errors::invalid_parameter;

/// The parts that belong to one strategy each.
const PARTS: [(&str, &str); 2] = [("canaryConfiguration", "CANARY"), ("linearConfiguration", "LINEAR")];

/// What ECS fills in where a part of a strategy says nothing.
const PART_DEFAULTS: [(&str, &str, u32); 4] = [
    ("canaryConfiguration", "canaryPercent", 10),
    ("canaryConfiguration", "canaryBakeTimeInMinutes", 10),
    ("linearConfiguration", "stepPercent", 10),
    ("linearConfiguration", "stepBakeTimeInMinutes", 6),
];

/// Most minutes of any bake time.
const MOST_MINUTES: i64 = 1440;

/// ECS's defaults with what was given.
pub(crate) fn with_defaults(given: Option<&Value>) -> Value {
    let mut configuration = json!({
        "strategy": "ROLLING",
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "deploymentCircuitBreaker": {"enable": false, "rollback": false},
    });
    if let Some(given) = given {
        change(&mut configuration, given);
    }
    configuration
}

/// Replaces the members that `given` has. The parts of other strategies go.
///
/// Probed by go-to-k/cdkd (ecs-provider.ts, 2026-08-13): what is optional in the circuit breaker stays if it is not given;
/// the part of a strategy is replaced, and filled with fixed defaults; hooks are replaced as a list.
pub(crate) fn change(configuration: &mut Value, given: &Value) {
    let (Value::Object(members), Value::Object(given)) = (&mut *configuration, given) else { return };
    for (name, value) in given {
        let mut value = value.clone();
        let kept = members.get(name).filter(|_| name == "deploymentCircuitBreaker").cloned();
        let defaults = PART_DEFAULTS.iter().filter(|(part, ..)| part == name);
        if let Value::Object(object) = &mut value {
            for (member, present) in kept.as_ref().and_then(Value::as_object).into_iter().flatten() {
                object.entry(member).or_insert_with(|| present.clone());
            }
            for (_, member, default) in defaults {
                object.entry(*member).or_insert_with(|| default_of(member, *default));
            }
        }
        members.insert(name.clone(), value);
    }
    let strategy = members.get("strategy").and_then(Value::as_str).unwrap_or("ROLLING").to_owned();
    for (part, owner) in PARTS {
        if strategy != owner && !given.contains_key(part) {
            members.remove(part);
        }
    }
}

/// Minutes are whole numbers.
fn default_of(member: &str, default: u32) -> Value {
    if member.ends_with("Percent") { json!(f64::from(default)) } else { json!(default) }
}

/// The configuration as `DescribeServices` answers it.
pub(crate) fn described(configuration: &Value) -> Value {
    let mut described = configuration.clone();
    if let Some(breaker) = described["deploymentCircuitBreaker"].as_object_mut() {
        breaker.entry("resetOnHealthyTask").or_insert(json!(true));
        let threshold = json!({"type": "BOUNDED_PERCENT", "value": 50});
        breaker.entry("thresholdConfiguration").or_insert(threshold);
    }
    if described["strategy"] == "ROLLING" && described["bakeTimeInMinutes"].is_null() {
        described["bakeTimeInMinutes"] = json!(0);
    }
    described
}

/// Whether traffic moves between two target groups.
pub(crate) fn shifts_traffic(configuration: &Value) -> bool {
    matches!(configuration["strategy"].as_str(), Some("CANARY" | "LINEAR" | "BLUE_GREEN"))
}

/// Checks a configuration (facts, composition section 2.1).
///
/// # Errors
/// `InvalidParameterException` with what does not fit.
pub(crate) fn check(configuration: &Value, availability_zone_rebalancing: &Value) -> Result<(), ApiError> {
    let strategy = configuration["strategy"].as_str().unwrap_or("ROLLING");
    if !["ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"].contains(&strategy) {
        return Err(invalid_parameter(
            "deploymentConfiguration.strategy must be one of ROLLING, BLUE_GREEN, LINEAR, CANARY.",
        ));
    }
    for (part, owner) in PARTS {
        if strategy != owner && !configuration[part].is_null() {
            return Err(invalid_parameter(format!(
                "{part} can only be specified with the deployment strategy {owner}."
            )));
        }
    }
    check_breaker(&configuration["deploymentCircuitBreaker"])?;
    configuration["lifecycleHooks"].as_array().into_iter().flatten().try_for_each(check_hook)?;
    let canary = &configuration["canaryConfiguration"];
    check_percent(&canary["canaryPercent"], "canaryPercent", 0.1)?;
    check_minutes(&canary["canaryBakeTimeInMinutes"], "canaryBakeTimeInMinutes")?;
    let linear = &configuration["linearConfiguration"];
    check_percent(&linear["stepPercent"], "stepPercent", 3.0)?;
    check_minutes(&linear["stepBakeTimeInMinutes"], "stepBakeTimeInMinutes")?;
    check_minutes(&configuration["bakeTimeInMinutes"], "bakeTimeInMinutes")?;
    if availability_zone_rebalancing == "ENABLED" && configuration["maximumPercent"].as_i64() <= Some(100) {
        return Err(invalid_parameter(
            "The maximumPercent value must be greater than 100 when availabilityZoneRebalancing is ENABLED.",
        ));
    }
    let alarms = &configuration["alarms"];
    if alarms["enable"] == true && alarms["alarmNames"].as_array().is_none_or(Vec::is_empty) {
        return Err(invalid_parameter("alarmNames must not be empty when deployment alarms are enabled."));
    }
    Ok(())
}

/// Refusals of cdkd's probe (2026-08-13); their words are ours.
fn check_breaker(breaker: &Value) -> Result<(), ApiError> {
    let threshold = &breaker["thresholdConfiguration"];
    if threshold.is_object() && threshold["value"].is_null() {
        return Err(invalid_parameter("deploymentCircuitBreaker.thresholdConfiguration must have a value."));
    }
    Ok(())
}

fn check_hook(hook: &Value) -> Result<(), ApiError> {
    if hook["lifecycleStages"].as_array().is_none_or(Vec::is_empty) {
        return Err(invalid_parameter("lifecycleHooks must each have at least one lifecycle stage."));
    }
    // A pause waits for a person and calls nothing (botocore 1.44: both members are optional, targetType PAUSE).
    if hook["targetType"] == "PAUSE" {
        return Ok(());
    }
    match ["hookTargetArn", "roleArn"]
        .into_iter()
        .find(|member| hook[member].as_str().is_none_or(str::is_empty))
    {
        Some(member) => Err(invalid_parameter(format!("lifecycleHooks must each have {member}."))),
        None => Ok(()),
    }
}

fn check_percent(value: &Value, member: &str, lowest: f64) -> Result<(), ApiError> {
    match value.as_f64() {
        Some(percent) if !(lowest..=100.0).contains(&percent) => {
            Err(invalid_parameter(format!("{member} must be between {lowest:.1} and 100.0.")))
        }
        _ => Ok(()),
    }
}

fn check_minutes(value: &Value, member: &str) -> Result<(), ApiError> {
    match value.as_i64() {
        Some(minutes) if !(0..=MOST_MINUTES).contains(&minutes) => {
            Err(invalid_parameter(format!("{member} must be between 0 and {MOST_MINUTES}.")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_strategy_drops_the_part_of_the_old_one() {
        let mut configuration = with_defaults(Some(&json!({
            "strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 5.0}
        })));
        change(&mut configuration, &json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1}));
        assert_eq!(configuration["canaryConfiguration"], Value::Null);
        assert_eq!(configuration["maximumPercent"], 200);
        assert!(shifts_traffic(&configuration) && check(&configuration, &json!("ENABLED")).is_ok());
    }

    #[test]
    fn a_part_is_filled_with_defaults_and_the_breaker_keeps_what_is_not_given() {
        let breaker = json!({"enable": true, "rollback": true, "resetOnHealthyTask": false});
        let mut configuration = with_defaults(Some(&json!({"deploymentCircuitBreaker": breaker})));
        change(
            &mut configuration,
            &json!({"deploymentCircuitBreaker": {"enable": false, "rollback": false}}),
        );
        let expected = json!({"enable": false, "rollback": false, "resetOnHealthyTask": false});
        assert_eq!(configuration["deploymentCircuitBreaker"], expected);
        let canary = json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 5.0}});
        change(&mut configuration, &canary);
        let expected = json!({"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10});
        assert_eq!(configuration["canaryConfiguration"], expected);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for wrong in [
            json!({"strategy": "SOMERSAULT"}),
            json!({"strategy": "LINEAR", "canaryConfiguration": {"canaryPercent": 5.0}}),
            json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.0}}),
            json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.0}}),
            json!({"bakeTimeInMinutes": 1441}),
            json!({"maximumPercent": 100}),
            json!({"alarms": {"enable": true, "alarmNames": []}}),
            json!({"deploymentCircuitBreaker": {"enable": true, "thresholdConfiguration": {"type": "COUNT"}}}),
            json!({"lifecycleHooks": [{"hookTargetArn": "f", "roleArn": "r"}]}),
            json!({"lifecycleHooks": [{"lifecycleStages": ["POST_SCALE_UP"], "roleArn": "r"}]}),
        ] {
            assert!(check(&with_defaults(Some(&wrong)), &json!("ENABLED")).is_err(), "{wrong}");
        }
    }
}
