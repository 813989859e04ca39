//! Whether a value is one of a type, found out before it is encoded.

use crate::framework::value::CodecError;
use crate::framework::value::json::check_names;
use crate::framework::{Path, Type, Value};

impl Type {
    /// Whether `value` is one of this type; null and unknown are of every type.
    ///
    /// # Errors
    /// The first place that does not fit.
    pub fn check(&self, value: &Value) -> Result<(), CodecError> {
        check(self, value, &Path::default())
    }
}

fn check(r#type: &Type, value: &Value, path: &Path) -> Result<(), CodecError> {
    match (r#type, value) {
        (_, Value::Null | Value::Unknown(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::String, Value::String(_)) => Ok(()),
        (Type::List(element), Value::List(elements)) => elements
            .iter()
            .enumerate()
            .try_for_each(|(index, value)| check(element, value, &path.index(index))),
        (Type::Set(element), Value::Set(elements)) => {
            elements.iter().try_for_each(|value| check(element, value, path))
        }
        (Type::Map(element), Value::Map(elements)) => {
            elements.iter().try_for_each(|(key, value)| check(element, value, &path.key(key)))
        }
        (Type::Tuple(types), Value::Tuple(elements)) if types.len() == elements.len() => {
            let mut elements = types.iter().zip(elements).enumerate();
            elements.try_for_each(|(index, (r#type, value))| check(r#type, value, &path.index(index)))
        }
        (Type::Object(types), Value::Object(members)) => {
            check_names(types, members.keys(), path)?;
            let mut members = types.iter().zip(members.values());
            members.try_for_each(|((name, r#type), value)| check(r#type, value, &path.then(name)))
        }
        (Type::Dynamic, Value::Dynamic(dynamic)) => check(&dynamic.0, &dynamic.1, path),
        _ => Err(CodecError::new(path, format!("expected {type}, found {}", value.kind_name()))),
    }
}
