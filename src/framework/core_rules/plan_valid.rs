//! The rules that core holds a plan to.

use std::collections::BTreeMap;

use super::{Violation, element, entry, member};
use crate::framework::schema::{Attribute, Kind, Nesting};
use crate::framework::{Path, Value};

/// What core will reject in a plan. `prior` is null on create.
pub fn plan_violations(
    members: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    check_object(members, prior, config, planned, &Path::default(), &mut violations);
    violations
}

fn check_object(
    members: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    violations: &mut Vec<Violation>,
) {
    if planned.is_null() || config.is_null() || planned.is_unknown() || config.is_unknown() {
        if planned != config {
            violations.push(Violation::new(path, mismatch(prior, config, planned)));
        }
        return;
    }
    for attribute in members {
        let name = attribute.name;
        let (prior, config, planned) = (member(prior, name), member(config, name), member(planned, name));
        check_attribute(attribute, prior, config, planned, &path.then(name), violations);
    }
}

fn check_attribute(
    attribute: &Attribute,
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    violations: &mut Vec<Violation>,
) {
    if attribute.write_only {
        if !planned.is_null() {
            violations.push(Violation::new(path, "a write-only attribute must be planned as null"));
        }
        return;
    }
    let follows_config = planned == config;
    let keeps_prior = planned == prior && !prior.is_null() && !config.is_null();
    if follows_config || keeps_prior || (config.is_null() && attribute.is_computed()) {
        return;
    }
    match &attribute.kind {
        Kind::Nested(nesting, members) if !config.is_null() => {
            check_nested(*nesting, members, prior, config, planned, path, violations);
        }
        _ => violations.push(Violation::new(path, mismatch(prior, config, planned))),
    }
}

fn check_nested(
    nesting: Nesting,
    members: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &Path,
    violations: &mut Vec<Violation>,
) {
    match (nesting, config, planned) {
        (Nesting::Single, Value::Object(_), Value::Object(_)) => {
            check_object(members, prior, config, planned, path, violations);
        }
        (Nesting::List, Value::List(configs), Value::List(plans)) if configs.len() == plans.len() => {
            for (index, (config, planned)) in configs.iter().zip(plans).enumerate() {
                check_object(members, element(prior, index), config, planned, &path.index(index), violations);
            }
        }
        (Nesting::Map, Value::Map(configs), Value::Map(plans)) if configs.keys().eq(plans.keys()) => {
            check_entries(members, prior, configs, plans, path, violations);
        }
        (Nesting::Set, Value::Set(configs), Value::Set(plans)) => {
            check_set(members, configs, plans, path, violations);
        }
        _ => violations.push(Violation::new(path, mismatch(prior, config, planned))),
    }
}

fn check_entries(
    members: &[Attribute],
    prior: &Value,
    configs: &BTreeMap<String, Value>,
    plans: &BTreeMap<String, Value>,
    path: &Path,
    violations: &mut Vec<Violation>,
) {
    for (key, config) in configs {
        let planned = plans.get(key).unwrap_or(&Value::Null);
        check_object(members, entry(prior, key), config, planned, &path.key(key), violations);
    }
}

/// Elements of a set have no identity: each side must hold a counterpart, and core does not look at the state.
fn check_set(
    members: &[Attribute],
    configs: &[Value],
    plans: &[Value],
    path: &Path,
    violations: &mut Vec<Violation>,
) {
    let fits = |config: &Value, planned: &Value| {
        let mut nested = Vec::new();
        check_object(members, &Value::Null, config, planned, path, &mut nested);
        nested.is_empty()
    };
    let counterparts = configs.len() == plans.len()
        && configs.iter().all(|config| plans.iter().any(|planned| fits(config, planned)))
        && plans.iter().all(|planned| configs.iter().any(|config| fits(config, planned)));
    if !counterparts {
        violations.push(Violation::new(path, "the planned set does not hold the configured elements"));
    }
}

fn mismatch(prior: &Value, config: &Value, planned: &Value) -> String {
    format!(
        "configured is {}, the state holds {}, planned is {}",
        describe(config),
        describe(prior),
        describe(planned)
    )
}

fn describe(value: &Value) -> String {
    let count = match value {
        Value::List(elements) | Value::Set(elements) => elements.len(),
        Value::Map(elements) => elements.len(),
        _ => return value.kind_name().to_owned(),
    };
    format!("{} of {count}", value.kind_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Type;
    use crate::framework::schema::Mode;

    fn text(value: &str) -> Value {
        Value::String(value.to_owned())
    }

    fn check(attribute: &Attribute, prior: Value, config: Value, planned: Value, allowed: bool) {
        let name = attribute.name;
        let violations = plan_violations(
            std::slice::from_ref(attribute),
            &Value::object([(name, prior)]),
            &Value::object([(name, config)]),
            &Value::object([(name, planned)]),
        );
        assert_eq!(violations.is_empty(), allowed, "{violations:?}");
    }

    #[test]
    fn a_configured_value_is_planned_as_it_is_or_as_it_was() {
        let attribute = Attribute::optional_computed("a", Type::String);
        check(&attribute, text("old"), text("new"), text("new"), true);
        check(&attribute, text("old"), text("new"), text("old"), true);
        check(&attribute, text("old"), text("new"), text("other"), false);
        check(&attribute, text("old"), text("new"), Value::unknown(), false);
        check(&attribute, text("old"), Value::unknown(), text("new"), false);
    }

    #[test]
    fn only_a_computed_attribute_may_be_planned_when_it_is_not_configured() {
        let optional = Attribute::optional("a", Type::String);
        check(&optional, text("old"), Value::Null, Value::Null, true);
        check(&optional, text("old"), Value::Null, text("old"), false);
        let computed = Attribute::computed("a", Type::String);
        check(&computed, text("old"), Value::Null, text("new"), true);
        check(&computed, text("old"), Value::Null, Value::unknown(), true);
    }

    #[test]
    fn a_write_only_attribute_is_never_planned() {
        let mut attribute = Attribute::optional("a", Type::String);
        attribute.write_only = true;
        check(&attribute, Value::Null, text("secret"), Value::Null, true);
        check(&attribute, Value::Null, text("secret"), text("secret"), false);
    }

    #[test]
    fn nested_members_are_held_to_the_rules_one_by_one() {
        let nested = vec![
            Attribute::required("image", Type::String),
            Attribute::optional_computed("port", Type::String),
        ];
        let object = |image, port| Value::object([("image", image), ("port", port)]);
        let list = Attribute::nested("c", Mode::Optional, Nesting::List, nested);
        let config = Value::List(vec![object(text("i"), Value::Null)]);
        let planned = |image, port| Value::List(vec![object(image, port)]);
        check(&list, Value::Null, config.clone(), planned(text("i"), Value::unknown()), true);
        check(&list, Value::Null, config.clone(), planned(text("j"), Value::unknown()), false);
        check(&list, Value::Null, config.clone(), Value::List(Vec::new()), false);
        check(&list, Value::Null, config, Value::Null, false);
    }

    #[test]
    fn a_violation_names_kinds_of_values_only() {
        let violations = plan_violations(
            &[Attribute::required("a", Type::String)],
            &Value::Null,
            &Value::object([("a", text("secret"))]),
            &Value::object([("a", text("other"))]),
        );
        assert_eq!(
            violations,
            [Violation {
                path: Path::attribute("a"),
                problem: "configured is a string, the state holds null, planned is a string".to_owned(),
            }]
        );
    }
}
