//! The opaque bytes beside a state: one JSON object, of which each user has a member of its own.

use serde_json::{Map, Value as Json};

use crate::framework::resource::Private;

/// A member; `None`: there is none. Bytes of another provider's resource have none.
pub(super) fn member(private: &Private, name: &str) -> Option<Json> {
    members(private).remove(name)
}

/// The bytes with this member, or without it. No member at all is no bytes at all.
pub(super) fn with_member(private: &Private, name: &str, value: Option<Json>) -> Private {
    let mut members = members(private);
    members.remove(name);
    members.extend(value.map(|value| (name.to_owned(), value)));
    if members.is_empty() { Private::new() } else { Json::Object(members).to_string().into_bytes() }
}

fn members(private: &Private) -> Map<String, Json> {
    match serde_json::from_slice(private) {
        Ok(Json::Object(members)) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_stand_beside_each_other_and_nothing_is_no_bytes() {
        let one = with_member(&Private::new(), "one", Some(json!(1)));
        let both = with_member(&one, "two", Some(json!([2])));
        assert_eq!((member(&both, "one"), member(&both, "two")), (Some(json!(1)), Some(json!([2]))));
        let without = with_member(&with_member(&both, "two", None), "one", None);
        assert_eq!(without, Private::new());
        assert_eq!(member(&b"not JSON".to_vec(), "one"), None);
    }
}
