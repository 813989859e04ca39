//! The conditions of a rule: their fields, their values and how many there may be.

use serde_json::{Value, json};

use super::validation;
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text, texts};

/// Most values over all conditions of one rule (an ELB quota).
const MAX_VALUES: usize = 5;
/// Most wildcards over all conditions of one rule (an ELB quota).
const MAX_WILDCARDS: usize = 5;
/// Longest host name or path.
const MAX_VALUE_LENGTH: usize = 128;
/// Fields of which a rule has one condition at the most.
const SINGLE_FIELDS: [&str; 4] = ["host-header", "http-request-method", "path-pattern", "source-ip"];

/// Conditions with the values of the older member `Values` moved to where the newer one has them.
pub(super) fn checked(conditions: &[Value]) -> Result<Vec<Value>, ApiError> {
    if conditions.is_empty() {
        return Err(validation("A condition must be specified"));
    }
    let mut checked = Vec::with_capacity(conditions.len());
    let (mut value_count, mut wildcard_count) = (0, 0);
    for condition in conditions {
        let condition = with_config(condition)?;
        let field = text(&condition, "Field").unwrap_or_default();
        if SINGLE_FIELDS.contains(&field) && checked.iter().any(|known| text(known, "Field") == Some(field)) {
            return Err(validation(format!("A rule can only have one '{field}' condition")));
        }
        let values = compared_texts(&condition);
        if values.is_empty() {
            return Err(validation("A condition value must be specified"));
        }
        for value in &values {
            check_value(field, value)?;
        }
        value_count += values.len();
        wildcard_count +=
            values.iter().flat_map(|value| value.chars()).filter(|it| "*?".contains(*it)).count();
        checked.push(condition);
    }
    if value_count > MAX_VALUES {
        return Err(validation(format!(
            "The number of condition values '{value_count}' exceeds the limit of '{MAX_VALUES}'"
        )));
    }
    if wildcard_count > MAX_WILDCARDS {
        return Err(validation(format!(
            "The number of wildcards '{wildcard_count}' exceeds the limit of '{MAX_WILDCARDS}'"
        )));
    }
    Ok(checked)
}

fn config_member(field: &str) -> Option<&'static str> {
    Some(match field {
        "host-header" => "HostHeaderConfig",
        "path-pattern" => "PathPatternConfig",
        "http-request-method" => "HttpRequestMethodConfig",
        "http-header" => "HttpHeaderConfig",
        "query-string" => "QueryStringConfig",
        "source-ip" => "SourceIpConfig",
        _ => return None,
    })
}

fn with_config(condition: &Value) -> Result<Value, ApiError> {
    let member = text(condition, "Field").and_then(config_member);
    let member = member.ok_or_else(|| validation("Condition field is not valid"))?;
    let mut condition = condition.clone();
    if condition[member].is_null() {
        let older = if condition["RegexValues"].is_array() { "RegexValues" } else { "Values" };
        condition[member] = json!({older: condition[older]});
    }
    if member == "HttpHeaderConfig" && text(&condition[member], "HttpHeaderName").is_none() {
        return Err(validation("The HTTP header name must be specified"));
    }
    if let Some(object) = condition.as_object_mut() {
        object.retain(|name, _| name == "Field" || name == member);
    }
    Ok(condition)
}

/// What requests are compared with: the values, the expressions, or the values of a query.
fn compared_texts(condition: &Value) -> Vec<String> {
    let Some(member) = text(condition, "Field").and_then(config_member) else { return Vec::new() };
    let config = &condition[member];
    if member == "QueryStringConfig" {
        return list(config, "Values")
            .iter()
            .filter_map(|pair| text(pair, "Value"))
            .map(str::to_owned)
            .collect();
    }
    texts(config, "Values").into_iter().chain(texts(config, "RegexValues")).map(str::to_owned).collect()
}

fn check_value(field: &str, value: &str) -> Result<(), ApiError> {
    if value.is_empty() || value.len() > MAX_VALUE_LENGTH {
        return Err(validation(format!(
            "Condition value '{value}' must be between 1 and {MAX_VALUE_LENGTH} characters long"
        )));
    }
    let is_host_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-.*?".contains(&byte);
    if field == "host-header" && !value.bytes().all(is_host_byte) {
        return Err(validation(format!("Condition value '{value}' contains a character that is not valid")));
    }
    if field == "path-pattern" && value.contains(['%', ' ']) {
        return Err(validation(format!("Condition value '{value}' contains a character that is not valid")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(hosts: &[&str]) -> Value {
        json!([{"Field": "host-header", "HostHeaderConfig": {"Values": hosts}}])
    }

    fn refusal(conditions: &Value) -> String {
        checked(conditions.as_array().expect("a list")).expect_err("refused").message
    }

    #[test]
    fn five_values_fit_and_six_do_not() {
        let five = ["a.b", "c.d", "e.f", "g.h", "i.j"];
        assert!(checked(hosts(&five).as_array().expect("a list")).is_ok());
        let six = ["a.b", "c.d", "e.f", "g.h", "i.j", "k.l"];
        assert_eq!(refusal(&hosts(&six)), "The number of condition values '6' exceeds the limit of '5'");
        assert_eq!(refusal(&hosts(&["******"])), "The number of wildcards '6' exceeds the limit of '5'");
    }

    #[test]
    fn hosts_are_spelt_as_hosts() {
        assert_eq!(
            refusal(&hosts(&["a_b.c"])),
            "Condition value 'a_b.c' contains a character that is not valid"
        );
        assert_eq!(refusal(&hosts(&[])), "A condition value must be specified");
        assert_eq!(refusal(&json!([])), "A condition must be specified");
        let long = format!("{}.example", "a".repeat(125));
        assert!(refusal(&hosts(&[&long])).contains("between 1 and 128 characters"));
    }

    #[test]
    fn a_rule_has_one_condition_of_a_host() {
        let twice = json!([hosts(&["a.b"])[0], hosts(&["c.d"])[0]]);
        assert_eq!(refusal(&twice), "A rule can only have one 'host-header' condition");
    }

    #[test]
    fn the_older_member_is_moved() {
        let older = json!([{"Field": "path-pattern", "Values": ["/a"]}]);
        let moved = checked(older.as_array().expect("a list")).expect("valid");
        assert_eq!(moved, [json!({"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a"]}})]);
    }
}
