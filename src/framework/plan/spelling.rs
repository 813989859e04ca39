//! Two spellings of the same thing: the one in the state stays.

use crate::framework::Value;
use crate::framework::schema::{Attribute, Kind, Nesting};

/// An object as `prior` spells it, wherever an attribute or one inside it says that both mean the same.
pub fn respell_object(members: &[Attribute], prior: &Value, value: &Value) -> Value {
    let (Value::Object(priors), Value::Object(values)) = (prior, value) else { return value.clone() };
    let respelled = members.iter().map(|attribute| {
        let prior = priors.get(attribute.name).unwrap_or(&Value::Null);
        let value = values.get(attribute.name).unwrap_or(&Value::Null);
        (attribute.name, respell(attribute, prior, value))
    });
    Value::object(respelled)
}

fn respell(attribute: &Attribute, prior: &Value, value: &Value) -> Value {
    if is_same(attribute, prior, value) {
        return prior.clone();
    }
    let Kind::Nested(nesting, members) = &attribute.kind else { return value.clone() };
    match (nesting, prior, value) {
        (Nesting::Single, Value::Object(_), Value::Object(_)) => respell_object(members, prior, value),
        (Nesting::List, Value::List(priors), Value::List(values)) => {
            let values = values.iter().enumerate();
            Value::List(
                values
                    .map(|(index, value)| match priors.get(index) {
                        Some(prior) => respell_object(members, prior, value),
                        None => value.clone(),
                    })
                    .collect(),
            )
        }
        (Nesting::Map, Value::Map(priors), Value::Map(values)) => {
            let values = values.iter().map(|(key, value)| match priors.get(key) {
                Some(prior) => (key.clone(), respell_object(members, prior, value)),
                None => (key.clone(), value.clone()),
            });
            Value::Map(values.collect())
        }
        // Members of a set's elements have no spellings of their own (schema check).
        _ => value.clone(),
    }
}

/// Whether both values are equal, or known and the attribute calls them the same.
pub(super) fn is_same(attribute: &Attribute, prior: &Value, value: &Value) -> bool {
    if prior == value {
        return true;
    }
    let comparable = |value: &Value| !value.is_null() && value.is_wholly_known();
    attribute
        .semantic_equality
        .is_some_and(|is_equal| comparable(prior) && comparable(value) && is_equal(prior, value))
}

#[cfg(test)]
mod tests;
