//! Values as JSON: raw states, and the rare `DynamicValue` that is JSON (protocol section 1.6).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use unicode_normalization::UnicodeNormalization;

use crate::framework::value::CodecError;
use crate::framework::{Path, Type, Value};

/// Whether an object may lack attributes or have others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Members {
    /// It has exactly those of the type.
    Exact,
    /// Others are dropped, missing ones are null.
    Adapt,
}

/// Decodes JSON text as `r#type`. No text at all is null.
///
/// # Errors
/// Text that is not JSON, and every mismatch with the type, with its path.
pub fn decode(bytes: &[u8], r#type: &Type) -> Result<Value, CodecError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let json = parse(bytes)?;
    from_json(&json, r#type, Members::Exact, &Path::default())
}

/// Decodes the JSON of a state as `r#type`: attributes that the type does not have are dropped, those that
/// the JSON does not have become null.
pub fn adapt(json: &Json, r#type: &Type) -> Result<Value, CodecError> {
    from_json(json, r#type, Members::Adapt, &Path::default())
}

/// Parses JSON text, keeping every digit of its numbers.
pub fn parse(bytes: &[u8]) -> Result<Json, CodecError> {
    serde_json::from_slice(bytes)
        .map_err(|error| CodecError::new(&Path::default(), format!("not JSON: {error}")))
}

/// Encodes a wholly known value as the JSON of its type.
///
/// # Errors
/// An unknown value, and every mismatch with the type, with its path.
pub fn encode(value: &Value, r#type: &Type) -> Result<Json, CodecError> {
    to_json(value, r#type, &Path::default())
}

fn from_json(json: &Json, r#type: &Type, members: Members, path: &Path) -> Result<Value, CodecError> {
    if json.is_null() {
        return Ok(Value::Null);
    }
    match (r#type, json) {
        (Type::Bool, Json::Bool(flag)) => Ok(Value::Bool(*flag)),
        (Type::Bool, Json::String(text)) if text == "true" || text == "false" => {
            Ok(Value::Bool(text == "true"))
        }
        (Type::Number, Json::Number(number)) => number_from(&number.to_string(), path),
        (Type::Number, Json::String(text)) => number_from(text, path),
        (Type::String, Json::String(text)) => Ok(Value::String(text.nfc().collect())),
        (Type::String, Json::Number(number)) => Ok(Value::String(number.to_string())),
        (Type::String, Json::Bool(flag)) => Ok(Value::String(flag.to_string())),
        (Type::List(element), Json::Array(elements)) => {
            Ok(Value::List(elements_from(elements, element, members, path)?))
        }
        (Type::Set(element), Json::Array(elements)) => {
            let elements = elements
                .iter()
                .map(|json| from_json(json, element, members, path))
                .collect::<Result<_, _>>()?;
            Ok(Value::set(elements))
        }
        (Type::Map(element), Json::Object(elements)) => Ok(Value::Map(
            elements
                .iter()
                .map(|(key, json)| {
                    let key: String = key.nfc().collect();
                    let element = from_json(json, element, members, &path.key(&key))?;
                    Ok((key, element))
                })
                .collect::<Result<_, CodecError>>()?,
        )),
        (Type::Tuple(types), Json::Array(elements)) if types.len() == elements.len() => {
            let elements = types.iter().zip(elements).enumerate();
            Ok(Value::Tuple(
                elements
                    .map(|(index, (r#type, json))| from_json(json, r#type, members, &path.index(index)))
                    .collect::<Result<_, _>>()?,
            ))
        }
        (Type::Object(types), Json::Object(found)) => object_from(found, types, members, path),
        (Type::Dynamic, Json::Object(found)) => dynamic_from(found, members, path),
        _ => Err(CodecError::new(path, format!("expected {type}, found {}", kind_of(json)))),
    }
}

fn number_from(text: &str, path: &Path) -> Result<Value, CodecError> {
    text.parse().map(Value::Number).map_err(|error| CodecError::new(path, format!("{error}")))
}

fn elements_from(
    elements: &[Json],
    r#type: &Type,
    members: Members,
    path: &Path,
) -> Result<Vec<Value>, CodecError> {
    let elements = elements.iter().enumerate();
    elements.map(|(index, json)| from_json(json, r#type, members, &path.index(index))).collect()
}

fn object_from(
    found: &serde_json::Map<String, Json>,
    types: &BTreeMap<String, Type>,
    members: Members,
    path: &Path,
) -> Result<Value, CodecError> {
    let found: BTreeMap<String, &Json> =
        found.iter().map(|(name, json)| (name.nfc().collect(), json)).collect();
    if members == Members::Exact {
        check_names(types, found.keys(), path)?;
    }
    let members = types
        .iter()
        .map(|(name, r#type)| {
            let value = match found.get(name) {
                Some(json) => from_json(json, r#type, members, &path.then(name))?,
                None => Value::Null,
            };
            Ok((name.clone(), value))
        })
        .collect::<Result<_, CodecError>>()?;
    Ok(Value::Object(members))
}

/// Whether an object has exactly the attributes of its type.
pub(super) fn check_names<'a>(
    types: &BTreeMap<String, Type>,
    found: impl Iterator<Item = &'a String>,
    path: &Path,
) -> Result<(), CodecError> {
    let found: BTreeSet<&String> = found.collect();
    if let Some(name) = types.keys().find(|name| !found.contains(name)) {
        return Err(CodecError::new(&path.then(name), "the attribute is missing"));
    }
    match found.into_iter().find(|name| !types.contains_key(*name)) {
        Some(name) => Err(CodecError::new(&path.then(name), "the type has no such attribute")),
        None => Ok(()),
    }
}

fn dynamic_from(
    found: &serde_json::Map<String, Json>,
    members: Members,
    path: &Path,
) -> Result<Value, CodecError> {
    let (Some(r#type), Some(value)) = (found.get("type"), found.get("value")) else {
        return Err(CodecError::new(path, "expected an object with \"type\" and \"value\""));
    };
    let r#type = Type::from_json_value(r#type).map_err(|error| CodecError::new(path, error.problem))?;
    let value = from_json(value, &r#type, members, path)?;
    Ok(Value::Dynamic(Box::new((r#type, value))))
}

fn to_json(value: &Value, r#type: &Type, path: &Path) -> Result<Json, CodecError> {
    match (r#type, value) {
        (_, Value::Null) => Ok(Json::Null),
        (Type::Bool, Value::Bool(flag)) => Ok(Json::Bool(*flag)),
        (Type::Number, Value::Number(number)) => number
            .to_string()
            .parse()
            .map(Json::Number)
            .map_err(|_| CodecError::new(path, "the number has no JSON form")),
        (Type::String, Value::String(text)) => Ok(Json::String(text.clone())),
        (Type::List(element), Value::List(elements)) => {
            let elements = elements.iter().enumerate();
            elements.map(|(index, value)| to_json(value, element, &path.index(index))).collect()
        }
        (Type::Set(element), Value::Set(elements)) => {
            elements.iter().map(|value| to_json(value, element, path)).collect()
        }
        (Type::Map(element), Value::Map(elements)) => Ok(Json::Object(
            elements
                .iter()
                .map(|(key, value)| Ok((key.clone(), to_json(value, element, &path.key(key))?)))
                .collect::<Result<_, CodecError>>()?,
        )),
        (Type::Tuple(types), Value::Tuple(elements)) if types.len() == elements.len() => {
            let elements = types.iter().zip(elements).enumerate();
            elements.map(|(index, (r#type, value))| to_json(value, r#type, &path.index(index))).collect()
        }
        (Type::Object(types), Value::Object(members)) => {
            check_names(types, members.keys(), path)?;
            let members = types.iter().zip(members.values());
            Ok(Json::Object(
                members
                    .map(|((name, r#type), value)| {
                        Ok((name.clone(), to_json(value, r#type, &path.then(name))?))
                    })
                    .collect::<Result<_, CodecError>>()?,
            ))
        }
        (Type::Dynamic, Value::Dynamic(dynamic)) => {
            let (r#type, value) = dynamic.as_ref();
            let type_json = parse(&r#type.to_json())?;
            Ok(serde_json::json!({ "type": type_json, "value": to_json(value, r#type, path)? }))
        }
        _ => Err(CodecError::new(path, format!("expected {type}, found {}", value.kind_name()))),
    }
}

fn kind_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(members: &[(&str, Type)]) -> Type {
        Type::Object(members.iter().map(|(name, r#type)| ((*name).to_owned(), r#type.clone())).collect())
    }

    #[test]
    fn every_digit_of_a_number_survives() {
        let text = b"123456789012345678901234567890.1";
        let value = decode(text, &Type::Number).expect("a number");
        assert_eq!(encode(&value, &Type::Number).expect("JSON").to_string().as_bytes(), text);
    }

    #[test]
    fn a_missing_or_foreign_attribute_is_an_error_at_its_path() {
        let r#type = object(&[("a", object(&[("b", Type::Bool)]))]);
        let missing = decode(br#"{"a":{}}"#, &r#type).expect_err("b is missing");
        assert_eq!(missing.to_string(), "a.b: the attribute is missing");
        let foreign = decode(br#"{"a":{"b":true,"c":1}}"#, &r#type).expect_err("c is foreign");
        assert_eq!(foreign.to_string(), "a.c: the type has no such attribute");
    }

    #[test]
    fn adapting_drops_foreign_attributes_and_adds_missing_ones_as_null() {
        let r#type = object(&[("a", Type::Bool), ("n", Type::List(Box::new(object(&[("x", Type::Bool)]))))]);
        let json = serde_json::json!({ "n": [{ "old": 1 }], "gone": 1 });
        let value = adapt(&json, &r#type).expect("a value");
        assert_eq!(
            encode(&value, &r#type).expect("JSON"),
            serde_json::json!({ "a": null, "n": [{ "x": null }] })
        );
    }

    #[test]
    fn a_dynamic_value_carries_its_type() {
        let json = serde_json::json!({ "type": ["list", "string"], "value": ["a"] });
        let value = adapt(&json, &Type::Dynamic).expect("a value");
        assert_eq!(encode(&value, &Type::Dynamic).expect("JSON"), json);
    }

    #[test]
    fn an_unknown_value_has_no_json() {
        assert!(encode(&Value::unknown(), &Type::Bool).is_err());
    }
}
