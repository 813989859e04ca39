//! What core proposes as the new state when it asks for a plan.

use super::{element, entry, member};
use crate::framework::Value;
use crate::framework::schema::{Attribute, Kind, Mode, Nesting};

/// Core's proposal: the configuration, with the state's values where a computed attribute is not configured.
/// `prior` is null on create.
pub fn proposed_new(members: &[Attribute], prior: &Value, config: &Value) -> Value {
    if !matches!(config, Value::Object(_)) {
        return if config.is_unknown() { prior.clone() } else { config.clone() };
    }
    let proposed = members.iter().map(|attribute| {
        let name = attribute.name;
        (name, proposed_attribute(attribute, member(prior, name), member(config, name)))
    });
    Value::object(proposed)
}

fn proposed_attribute(attribute: &Attribute, prior: &Value, config: &Value) -> Value {
    if attribute.is_computed() && config.is_null() {
        return if was_configured(attribute, prior) { Value::Null } else { prior.clone() };
    }
    let Kind::Nested(nesting, members) = &attribute.kind else { return config.clone() };
    match (nesting, config) {
        (Nesting::Single, Value::Object(_)) => proposed_new(members, prior, config),
        (Nesting::List, Value::List(elements)) => {
            let elements = elements.iter().enumerate();
            Value::List(
                elements
                    .map(|(index, config)| proposed_new(members, element(prior, index), config))
                    .collect(),
            )
        }
        (Nesting::Map, Value::Map(elements)) => {
            let elements = elements.iter();
            let elements =
                elements.map(|(key, config)| (key.clone(), proposed_new(members, entry(prior, key), config)));
            Value::Map(elements.collect())
        }
        // Elements of a set have no computed members (schema check), so nothing is carried over.
        _ => config.clone(),
    }
}

/// Whether a prior nested value holds something that only a configuration can have put there.
fn was_configured(attribute: &Attribute, prior: &Value) -> bool {
    attribute.mode == Mode::OptionalComputed && holds_configured(attribute.nested_attributes(), prior)
}

fn holds_configured(members: &[Attribute], value: &Value) -> bool {
    match value {
        Value::Object(_) => members.iter().any(|attribute| {
            let value = member(value, attribute.name);
            !value.is_null()
                && (!attribute.is_computed() || holds_configured(attribute.nested_attributes(), value))
        }),
        Value::List(elements) | Value::Set(elements) => {
            elements.iter().any(|value| holds_configured(members, value))
        }
        Value::Map(elements) => elements.values().any(|value| holds_configured(members, value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Type;

    fn text(value: &str) -> Value {
        Value::String(value.to_owned())
    }

    #[test]
    fn computed_values_of_the_state_fill_what_is_not_configured() {
        let members = [
            Attribute::optional("a", Type::String),
            Attribute::optional_computed("b", Type::String),
            Attribute::computed("c", Type::String),
        ];
        let prior = Value::object([("a", text("1")), ("b", text("2")), ("c", text("3"))]);
        let config = Value::object([("a", Value::Null), ("b", Value::Null), ("c", Value::Null)]);
        let expected = Value::object([("a", Value::Null), ("b", text("2")), ("c", text("3"))]);
        assert_eq!(proposed_new(&members, &prior, &config), expected);
        assert_eq!(proposed_new(&members, &Value::Null, &config), config);
    }

    #[test]
    fn a_removed_nested_object_with_values_of_the_users_is_proposed_as_null() {
        let nested = vec![
            Attribute::optional("mine", Type::String),
            Attribute::optional_computed("theirs", Type::String),
        ];
        let members = [Attribute::nested("n", Mode::OptionalComputed, Nesting::Single, nested)];
        let prior = |mine| Value::object([("n", Value::object([("mine", mine), ("theirs", text("x"))]))]);
        let config = Value::object([("n", Value::Null)]);
        assert_eq!(proposed_new(&members, &prior(text("y")), &config), config);
        assert_eq!(proposed_new(&members, &prior(Value::Null), &config), prior(Value::Null));
    }
}
