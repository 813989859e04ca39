//! Task definitions.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{Merged, Rule, Rules, merge_documents};

/// Lists of a task definition whose elements are told by their keys; the order of all other lists matters.
const KEYS: [(&str, &[&str]); 13] = [
    ("containerDefinitions", &["name"]),
    ("environment", &["name"]),
    ("secrets", &["name"]),
    ("secretOptions", &["name"]),
    ("environmentFiles", &["value"]),
    ("dependsOn", &["containerName"]),
    ("portMappings", &["containerPort", "protocol"]),
    ("mountPoints", &["containerPath"]),
    ("volumesFrom", &["sourceContainer"]),
    ("volumes", &["name"]),
    ("ulimits", &["name"]),
    ("systemControls", &["namespace"]),
    ("extraHosts", &["hostname"]),
];

/// A member of a container that no argument sets: what others made of it shows in no plan, so it stays.
const NOT_AN_ARGUMENT: &str = "versionConsistency";

/// The task definition to register next. `live` is the revision that the service runs, not the newest of its family.
///
/// Containers, volumes, mount points and variables of others stay. The log configuration of a container in `own_logs`
/// is the user's; that of any other one is our default, and stays as others made it until the default changes.
pub fn merge_task_definitions(
    base: Option<&Value>,
    live: &Value,
    want: &Value,
    own_logs: &BTreeSet<String>,
) -> Merged {
    let rule = |path: &str| {
        let Some((container, member)) = split_container(path) else { return Rule::Enforced };
        match member {
            "logConfiguration" if own_logs.contains(container) => Rule::Whole,
            "logConfiguration" | NOT_AN_ARGUMENT => Rule::KeptIfUnchanged,
            _ => Rule::Enforced,
        }
    };
    merge_documents(base, live, want, &Rules { keys: &KEYS, rule: &rule })
}

/// The container's name and the member in `containerDefinitions["name"].member`.
fn split_container(path: &str) -> Option<(&str, &str)> {
    let (name, member) = path.strip_prefix("containerDefinitions[\"")?.split_once("\"].")?;
    Some((name, member))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn awslogs(group: &str) -> Value {
        json!({ "logDriver": "awslogs", "options": { "awslogs-group": group } })
    }

    fn definition(image: &str, group: &str) -> Value {
        json!({
            "family": "api", "cpu": "1024", "memory": "2048",
            "containerDefinitions": [{
                "name": "Main", "image": image, "stopTimeout": 30,
                "environment": [{ "name": "LEVEL", "value": "info" }],
                "portMappings": [{ "containerPort": 80, "protocol": "tcp" }],
                "logConfiguration": awslogs(group),
            }],
        })
    }

    fn merge(base: Option<&Value>, live: &Value, want: &Value) -> Merged {
        merge_task_definitions(base, live, want, &BTreeSet::new())
    }

    #[test]
    fn a_sidecar_a_volume_and_a_variable_of_others_survive_a_new_image() {
        let base = definition("api:1", "/api");
        let mut live = base.clone();
        live["containerDefinitions"][0]["environment"] =
            json!([{ "name": "LEVEL", "value": "info" }, { "name": "TRACE", "value": "1" }]);
        live["containerDefinitions"][0]["mountPoints"] =
            json!([{ "containerPath": "/x", "sourceVolume": "v" }]);
        live["containerDefinitions"]
            .as_array_mut()
            .expect("a list")
            .push(json!({ "name": "agent", "image": "a" }));
        live["volumes"] = json!([{ "name": "v" }]);
        let merged = merge(Some(&base), &live, &definition("api:2", "/api"));
        let mut expected = live.clone();
        expected["containerDefinitions"][0]["image"] = json!("api:2");
        assert_eq!(merged.document, expected);
        assert_eq!(
            merged.preserved,
            [
                "containerDefinitions[\"Main\"].environment[\"TRACE\"]",
                "containerDefinitions[\"Main\"].mountPoints",
                "containerDefinitions[\"agent\"]",
                "volumes",
            ]
        );
        assert_eq!(merged.overwritten, Vec::<String>::new());
    }

    #[test]
    fn a_log_driver_that_others_switched_to_stays_until_our_log_group_changes() {
        let base = definition("api:1", "/api");
        let mut live = base.clone();
        live["containerDefinitions"][0]["logConfiguration"] =
            json!({ "logDriver": "awsfirelens", "options": { "Name": "http" } });
        let logs = |merged: Merged| merged.document["containerDefinitions"][0]["logConfiguration"].clone();
        let same = merge(Some(&base), &live, &definition("api:2", "/api"));
        assert_eq!(same.preserved, ["containerDefinitions[\"Main\"].logConfiguration"]);
        assert_eq!(logs(same)["logDriver"], "awsfirelens");
        let moved = merge(Some(&base), &live, &definition("api:1", "/other"));
        assert_eq!(moved.overwritten, ["containerDefinitions[\"Main\"].logConfiguration"]);
        assert_eq!(logs(moved), awslogs("/other"));
        let own = BTreeSet::from(["Main".to_owned()]);
        assert_eq!(logs(merge_task_definitions(Some(&base), &live, &base, &own)), awslogs("/api"));
    }

    #[test]
    fn a_value_that_others_changed_in_what_we_want_is_overwritten_and_said() {
        let base = definition("api:1", "/api");
        let mut live = base.clone();
        live["containerDefinitions"][0]["image"] = json!("api:hotfix");
        let merged = merge(Some(&base), &live, &base);
        assert_eq!(merged.document, base);
        assert_eq!(merged.overwritten, ["containerDefinitions[\"Main\"].image"]);
    }

    #[test]
    fn what_we_gave_up_goes_and_the_rest_of_its_list_stays() {
        let base = definition("api:1", "/api");
        let mut live = base.clone();
        live["containerDefinitions"][0]["environment"] =
            json!([{ "name": "LEVEL", "value": "info" }, { "name": "TRACE", "value": "1" }]);
        let mut want = base.clone();
        want["containerDefinitions"][0].as_object_mut().expect("a container").remove("environment");
        want["containerDefinitions"][0]["portMappings"] =
            json!([{ "containerPort": 8080, "protocol": "tcp" }]);
        let main = merge(Some(&base), &live, &want).document["containerDefinitions"][0].clone();
        assert_eq!(main["environment"], json!([{ "name": "TRACE", "value": "1" }]));
        assert_eq!(main["portMappings"], json!([{ "containerPort": 8080, "protocol": "tcp" }]));
    }

    #[test]
    fn a_container_that_we_gave_up_goes_as_a_whole() {
        let mut base = definition("api:1", "/api");
        let sidecar = json!({ "name": "agent", "image": "a:1" });
        base["containerDefinitions"].as_array_mut().expect("a list").push(sidecar);
        let mut live = base.clone();
        live["containerDefinitions"][1]["user"] = json!("nobody");
        let merged = merge(Some(&base), &live, &definition("api:1", "/api"));
        assert_eq!(merged.document, definition("api:1", "/api"));
        assert_eq!(merged.overwritten, ["containerDefinitions[\"agent\"]"]);
    }

    #[test]
    fn without_a_base_everything_of_others_stays_and_ours_is_enforced() {
        let mut live = definition("old", "/imported");
        live["containerDefinitions"]
            .as_array_mut()
            .expect("a list")
            .push(json!({ "name": "agent", "image": "a" }));
        let merged = merge(None, &live, &definition("api:1", "/api"));
        let mut expected = definition("api:1", "/api");
        expected["containerDefinitions"]
            .as_array_mut()
            .expect("a list")
            .push(json!({ "name": "agent", "image": "a" }));
        assert_eq!(merged.document, expected);
        assert_eq!((merged.preserved.len(), merged.overwritten.len()), (0, 0));
    }
}
