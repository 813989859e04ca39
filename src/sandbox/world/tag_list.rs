//! Tags between their wire form, a list of pairs, and the world's map.

use serde_json::{Value, json};

use super::Tags;
use super::input;

/// `[{"Key": ..., "Value": ...}]` of the member; an absent value is empty.
pub(crate) fn from_list(pairs: &[Value]) -> Tags {
    let pair = |tag: &Value| {
        Some((input::text(tag, "Key")?.to_owned(), input::text(tag, "Value").unwrap_or_default().to_owned()))
    };
    pairs.iter().filter_map(pair).collect()
}

/// The tags as `[{"Key": ..., "Value": ...}]`.
pub(crate) fn to_list(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// `{"key": "value"}` of the member, as CloudWatch Logs and Application Auto Scaling write tags.
pub(crate) fn from_map(map: &Value) -> Tags {
    let entries = map.as_object().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tags_round_trips() {
        let pairs = [json!({"Key": "a", "Value": "1"}), json!({"Key": "b"})];
        let tags = from_list(&pairs);
        assert_eq!(to_list(&tags), json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]));
    }
}
