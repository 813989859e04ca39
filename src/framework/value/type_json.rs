//! Types as JSON: the `type` bytes of a schema attribute and of a `dynamic` value (protocol section 1.6).

use serde_json::Value as Json;
use unicode_normalization::UnicodeNormalization;

use crate::framework::value::CodecError;
use crate::framework::{Path, Type};

impl Type {
    /// The type as core writes it: `"string"`, `["list","string"]`, `["object",{"a":"bool"}]`.
    pub fn to_json(&self) -> Vec<u8> {
        self.to_json_value().to_string().into_bytes()
    }

    fn to_json_value(&self) -> Json {
        match self {
            Self::Bool => Json::from("bool"),
            Self::Number => Json::from("number"),
            Self::String => Json::from("string"),
            Self::Dynamic => Json::from("dynamic"),
            Self::List(element) => Json::from(vec![Json::from("list"), element.to_json_value()]),
            Self::Set(element) => Json::from(vec![Json::from("set"), element.to_json_value()]),
            Self::Map(element) => Json::from(vec![Json::from("map"), element.to_json_value()]),
            Self::Tuple(elements) => {
                let elements: Vec<Json> = elements.iter().map(Self::to_json_value).collect();
                Json::from(vec![Json::from("tuple"), Json::from(elements)])
            }
            Self::Object(members) => {
                let members: serde_json::Map<String, Json> =
                    members.iter().map(|(name, member)| (name.clone(), member.to_json_value())).collect();
                Json::from(vec![Json::from("object"), Json::from(members)])
            }
        }
    }

    /// Reads what [`Type::to_json`] writes. Optional attributes of an object (a third element) count as
    /// ordinary ones, since a value always has them.
    pub fn from_json(bytes: &[u8]) -> Result<Self, CodecError> {
        let json: Json = serde_json::from_slice(bytes).map_err(|error| invalid(&error.to_string()))?;
        Self::from_json_value(&json)
    }

    pub(crate) fn from_json_value(json: &Json) -> Result<Self, CodecError> {
        match json {
            Json::String(name) => primitive(name),
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(kind), argument, ..] => compound(kind, argument),
                _ => Err(invalid("expected a kind and its argument")),
            },
            _ => Err(invalid("expected a name or an array")),
        }
    }
}

fn primitive(name: &str) -> Result<Type, CodecError> {
    match name {
        "bool" => Ok(Type::Bool),
        "number" => Ok(Type::Number),
        "string" => Ok(Type::String),
        "dynamic" => Ok(Type::Dynamic),
        _ => Err(invalid(&format!("{name:?} is not a type"))),
    }
}

fn compound(kind: &str, argument: &Json) -> Result<Type, CodecError> {
    match (kind, argument) {
        ("list", element) => Ok(Type::List(Box::new(Type::from_json_value(element)?))),
        ("set", element) => Ok(Type::Set(Box::new(Type::from_json_value(element)?))),
        ("map", element) => Ok(Type::Map(Box::new(Type::from_json_value(element)?))),
        ("tuple", Json::Array(elements)) => {
            Ok(Type::Tuple(elements.iter().map(Type::from_json_value).collect::<Result<_, _>>()?))
        }
        ("object", Json::Object(members)) => Ok(Type::Object(
            members
                .iter()
                .map(|(name, member)| Ok((name.nfc().collect(), Type::from_json_value(member)?)))
                .collect::<Result<_, CodecError>>()?,
        )),
        _ => Err(invalid(&format!("{kind:?} is not a kind of type, or its argument does not fit"))),
    }
}

fn invalid(problem: &str) -> CodecError {
    CodecError::new(&Path::default(), format!("not a type: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_reads_as_core_writes_it() {
        let text = r#"["object",{"names":["set","string"],"shape":["tuple",["bool","number"]]}]"#;
        let r#type = Type::from_json(text.as_bytes()).expect("a type");
        assert_eq!(String::from_utf8(r#type.to_json()).expect("text"), text);
    }

    #[test]
    fn optional_attributes_of_an_object_are_ordinary_ones() {
        let r#type = Type::from_json(br#"["object",{"a":"bool"},["a"]]"#).expect("a type");
        assert_eq!(r#type.to_json(), br#"["object",{"a":"bool"}]"#);
    }

    #[test]
    fn what_is_not_a_type_is_refused() {
        for text in ["", "\"text\"", "[\"list\"]", "[\"object\",[]]", "7"] {
            assert!(Type::from_json(text.as_bytes()).is_err(), "{text}");
        }
    }
}
