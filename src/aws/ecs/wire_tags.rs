//! Tags as ECS writes them: a list of keys and values.

use std::collections::BTreeMap;

use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

/// One tag.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Tag {
    key: String,
    value: String,
}

pub(super) fn serialize<S: Serializer>(
    tags: &BTreeMap<String, String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(tags.len()))?;
    for (key, value) in tags {
        list.serialize_element(&Tag { key: key.clone(), value: value.clone() })?;
    }
    list.end()
}

pub(super) fn to_value(tags: &BTreeMap<String, String>) -> Value {
    tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

pub(super) fn to_map(tags: Vec<Tag>) -> BTreeMap<String, String> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}
