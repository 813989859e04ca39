//! Write-only attributes are in configurations and nowhere else.

use crate::framework::Value;
use crate::framework::schema::Attribute;

/// `value` with every write-only attribute null, as core demands of plans and states.
pub(crate) fn without_write_only(members: &[Attribute], value: Value) -> Value {
    match value {
        Value::Object(mut values) => {
            for attribute in members {
                let Some(value) = values.get_mut(attribute.name) else { continue };
                let taken = std::mem::replace(value, Value::Null);
                if !attribute.write_only {
                    *value = without_write_only(attribute.nested_attributes(), taken);
                }
            }
            Value::Object(values)
        }
        Value::List(elements) if !members.is_empty() => {
            Value::List(elements.into_iter().map(|element| without_write_only(members, element)).collect())
        }
        Value::Map(elements) if !members.is_empty() => Value::Map(
            elements.into_iter().map(|(key, element)| (key, without_write_only(members, element))).collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Type;
    use crate::framework::schema::{Mode, Nesting};

    #[test]
    fn write_only_attributes_are_null_at_every_depth() {
        let nested = vec![
            Attribute::optional("secret", Type::String).write_only(),
            Attribute::optional("name", Type::String),
        ];
        let members = [Attribute::nested("n", Mode::Optional, Nesting::List, nested)];
        let object = |secret| {
            let name = Value::String("n".to_owned());
            Value::object([("n", Value::List(vec![Value::object([("secret", secret), ("name", name)])]))])
        };
        let value = object(Value::String("s".to_owned()));
        assert_eq!(without_write_only(&members, value), object(Value::Null));
    }
}
