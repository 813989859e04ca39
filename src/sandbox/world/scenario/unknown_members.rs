//! Members that AWS may add to its answers tomorrow.

use serde_json::{Map, Value, json};

/// Members whose value is a map of the user's, to which AWS adds nothing.
const MAPS: [&str; 6] = ["tags", "Tags", "options", "dockerLabels", "labels", "driverOpts"];

/// Adds a text, a number, a list and an object to every object.
pub(super) fn add(answer: Value) -> Value {
    match answer {
        Value::Object(members) => {
            let add_inside = |(name, value): (String, Value)| {
                let is_map = MAPS.contains(&name.as_str()) && value.is_object();
                let value = if is_map { value } else { add(value) };
                (name, value)
            };
            let mut members: Map<String, Value> = members.into_iter().map(add_inside).collect();
            for (name, value) in [
                ("addedTomorrow", json!("x")),
                ("addedNumber", json!(1)),
                ("addedList", json!(["x"])),
                ("addedObject", json!({"enabled": true})),
            ] {
                members.insert(name.to_owned(), value);
            }
            Value::Object(members)
        }
        Value::Array(elements) => elements.into_iter().map(add).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_further_members_and_maps_of_the_user_have_none() {
        let answer = add(json!({"services": [{"name": "a", "tags": [{"key": "k"}]}], "Tags": {"k": "v"}}));
        assert_eq!(answer["services"][0]["addedTomorrow"], "x");
        assert_eq!(answer["services"][0]["tags"][0]["addedNumber"], 1);
        assert_eq!(answer["Tags"], json!({"k": "v"}));
    }
}
