//! JSON values to and from the CBOR bodies of Smithy RPC v2.

use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value};

use super::services::ServiceTable;

/// CBOR tag of a timestamp in epoch seconds.
const EPOCH_TAG: u64 = 1;

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 32;

/// A body that is no CBOR of the kind that RPC v2 uses.
#[derive(Debug, thiserror::Error)]
#[error("The request body is not valid CBOR")]
pub(super) struct InvalidCbor;

/// Reads a request body; an empty body is an empty input. Timestamps become epoch seconds.
///
/// # Errors
/// [`InvalidCbor`] for text that is not CBOR, and for CBOR that JSON cannot express (bytes, non-text keys).
pub(super) fn from_cbor(body: &[u8]) -> Result<Value, InvalidCbor> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let parsed = ciborium::de::from_reader_with_recursion_limit::<Cbor, _>(body, MAX_DEPTH);
    to_json(parsed.map_err(|_| InvalidCbor)?)
}

/// Writes an answer. Members that the table calls timestamps or doubles are written as such.
pub(super) fn to_cbor(output: &Value, table: &ServiceTable) -> Vec<u8> {
    let mut body = Vec::new();
    ciborium::into_writer(&to_item("", output, table), &mut body).expect("memory takes every byte");
    body
}

fn to_json(item: Cbor) -> Result<Value, InvalidCbor> {
    match item {
        Cbor::Null => Ok(Value::Null),
        Cbor::Bool(value) => Ok(Value::Bool(value)),
        Cbor::Text(text) => Ok(Value::String(text)),
        Cbor::Integer(integer) => i64::try_from(integer).map(Value::from).map_err(|_| InvalidCbor),
        Cbor::Float(float) => Number::from_f64(float).map(Value::Number).ok_or(InvalidCbor),
        Cbor::Tag(EPOCH_TAG, inner) => to_json(*inner),
        Cbor::Array(items) => items.into_iter().map(to_json).collect::<Result<_, _>>().map(Value::Array),
        Cbor::Map(entries) => entries
            .into_iter()
            .map(|(key, value)| match key {
                Cbor::Text(key) => Ok((key, to_json(value)?)),
                _ => Err(InvalidCbor),
            })
            .collect::<Result<Map<String, Value>, InvalidCbor>>()
            .map(Value::Object),
        _ => Err(InvalidCbor),
    }
}

fn to_item(member: &str, value: &Value, table: &ServiceTable) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(*value),
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Number(number) => to_number(member, number, table),
        Value::Array(items) => Cbor::Array(items.iter().map(|item| to_item(member, item, table)).collect()),
        Value::Object(object) => Cbor::Map(
            object
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (Cbor::Text(key.clone()), to_item(key, value, table)))
                .collect(),
        ),
    }
}

fn to_number(member: &str, number: &Number, table: &ServiceTable) -> Cbor {
    let float = number.as_f64().map(Cbor::Float);
    if table.is_timestamp(member) {
        return Cbor::Tag(EPOCH_TAG, Box::new(float.unwrap_or(Cbor::Null)));
    }
    let integer = number.as_i64().filter(|_| !table.is_double(member));
    integer.map(Cbor::from).or(float).unwrap_or(Cbor::Null)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::wire::services::table_of;

    #[test]
    fn timestamps_are_tagged_and_thresholds_are_doubles() {
        let output = json!({"StateUpdatedTimestamp": 1_771_372_800, "Threshold": 1, "Period": 60});
        let body = to_cbor(&output, table_of(Service::CloudWatch));
        let Cbor::Map(entries) = ciborium::from_reader(body.as_slice()).unwrap() else { panic!("a map") };
        let find = |name: &str| {
            entries.iter().find(|(key, _)| key == &Cbor::from(name)).map(|(_, value)| value.clone())
        };
        assert_eq!(find("StateUpdatedTimestamp"), Some(Cbor::Tag(1, Box::new(Cbor::Float(1_771_372_800.0)))));
        assert_eq!(find("Threshold"), Some(Cbor::Float(1.0)));
        assert_eq!(find("Period"), Some(Cbor::from(60)));
    }

    #[test]
    fn an_input_round_trips() {
        let input = json!({"AlarmNames": ["a"], "MaxRecords": 5, "Nested": {"Enabled": true, "Rate": 0.5}});
        assert_eq!(from_cbor(&to_cbor(&input, table_of(Service::CloudWatch))).unwrap(), input);
    }

    #[test]
    fn an_empty_body_is_an_empty_input() {
        assert_eq!(from_cbor(b"").unwrap(), json!({}));
    }

    #[test]
    fn text_that_is_no_cbor_is_refused() {
        assert!(from_cbor(b"\xff\xff").is_err());
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            (-1e9..1e9_f64).prop_map(|float| json!(float)),
            ".*".prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::btree_map("[a-zA-Z]{1,8}", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_an_answer_holds_comes_back(value in json()) {
            let body = to_cbor(&value, table_of(Service::Ecs));
            prop_assert_eq!(from_cbor(&body).unwrap(), value);
        }

        #[test]
        fn no_body_makes_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = from_cbor(&body);
        }
    }
}
