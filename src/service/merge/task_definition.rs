//! Task definitions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::{Merged, Rule, Rules, merge_documents};
use super::sent_leaves::SentLeaves;

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

/// The task definition to register next. `live` is the revision that the service runs, not the newest of its family;
/// `sent` is what we sent last (`None`: nothing yet).
///
/// Containers, volumes, mount points and variables of others stay. The log configuration of a container in `own_logs`
/// is the user's; that of any other one is our default, and stays as others made it until the default changes.
pub fn merge_task_definitions(
    sent: Option<&SentLeaves>,
    live: &Value,
    want: &Value,
    own_logs: &BTreeSet<String>,
) -> Merged {
    let rule = rule_of(own_logs);
    let rules = Rules { keys: &KEYS, rule: &rule };
    let base = sent.map(|sent| sent.base(live, want, &rules));
    let mut merged = merge_documents(base.as_ref(), live, want, &rules);
    drop_rivals(&mut merged, want);
    merged
}

const NO_OWN_LOGS: &BTreeSet<String> = &BTreeSet::new();

/// The tags with which a revision says what of it we sent; `None`: they do not fit into `room` tags.
pub fn sent_tags(want: &Value, prefix: &str, room: usize) -> Option<BTreeMap<String, String>> {
    let rule = rule_of(NO_OWN_LOGS);
    SentLeaves::to_tags(want, &Rules { keys: &KEYS, rule: &rule }, prefix, room)
}

/// Whether `found` is `expected` and has only further members: what ECS adds to a revision, never a further container,
/// variable or other element.
pub fn is_same_but_for_members(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected.iter().all(|(name, expected)| {
            found.get(name).is_some_and(|found| is_same_but_for_members(expected, found))
        }),
        (Value::Array(expected), Value::Array(found)) => {
            let is_found =
                |expected: &Value| found.iter().any(|found| is_same_but_for_members(expected, found));
            expected.len() == found.len() && expected.iter().all(is_found)
        }
        (expected, found) => expected == found,
    }
}

fn rule_of(own_logs: &BTreeSet<String>) -> impl Fn(&str) -> Rule {
    |path: &str| {
        let Some((container, member)) = split_container(path) else { return Rule::Enforced };
        match member {
            "logConfiguration" if own_logs.contains(container) => Rule::Enforced,
            "logConfiguration.options" | "logConfiguration.secretOptions" => Rule::Whole,
            "logConfiguration" | NOT_AN_ARGUMENT => Rule::KeptIfUnchanged,
            _ => Rule::Enforced,
        }
    }
}

/// ECS refuses a container in which a variable and a secret have one name: what we want takes the place of others'.
fn drop_rivals(merged: &mut Merged, want: &Value) {
    let containers = merged.document.get_mut("containerDefinitions").and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten() {
        let wanted = want["containerDefinitions"].as_array().into_iter().flatten();
        let Some(wanted) = wanted.into_iter().find(|wanted| wanted["name"] == container["name"]) else {
            continue;
        };
        for (list, rivals) in [("environment", "secrets"), ("secrets", "environment")] {
            let name = container["name"].as_str().unwrap_or_default().to_owned();
            let is_wanted = |element: &Value, list: &str| {
                let elements = wanted[list].as_array().into_iter().flatten();
                elements.into_iter().any(|wanted| wanted["name"] == element["name"])
            };
            let Some(elements) = container.get_mut(rivals).and_then(Value::as_array_mut) else { continue };
            elements.retain(|element| {
                let goes = is_wanted(element, list) && !is_wanted(element, rivals);
                if goes {
                    let key = &element["name"];
                    merged.overwritten.push(format!("containerDefinitions[{name:?}].{rivals}[{key}]"));
                }
                !goes
            });
            if elements.is_empty() {
                container.as_object_mut().and_then(|members| members.remove(rivals));
            }
        }
    }
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

    /// What the tags say of a document that was sent.
    fn sent(want: &Value) -> SentLeaves {
        let tags = sent_tags(want, "sent-", 40).expect("room");
        SentLeaves::from_tags("sent-", &tags).expect("whole").expect("there")
    }

    fn merge(base: Option<&Value>, live: &Value, want: &Value) -> Merged {
        merge_task_definitions(base.map(sent).as_ref(), live, want, &BTreeSet::new())
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
        assert_eq!(logs(moved), awslogs("/other"));
        let own = BTreeSet::from(["Main".to_owned()]);
        assert_eq!(logs(merge_task_definitions(Some(&sent(&base)), &live, &base, &own)), awslogs("/api"));
    }

    #[test]
    fn a_value_that_others_changed_in_what_we_want_is_overwritten() {
        let base = definition("api:1", "/api");
        let mut live = base.clone();
        live["containerDefinitions"][0]["image"] = json!("api:hotfix");
        assert_eq!(merge(Some(&base), &live, &base).document, base);
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

    /// A document as ECS answers it: with members that nobody sent, at every level.
    fn with_members_of_ecs(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.iter().map(|(name, value)| (name.clone(), with_members_of_ecs(value)));
                let mut members: serde_json::Map<_, _> = members.collect();
                members.insert("addedByEcs".to_owned(), json!(false));
                Value::Object(members)
            }
            Value::Array(elements) => elements.iter().map(with_members_of_ecs).collect(),
            other => other.clone(),
        }
    }

    #[test]
    fn what_ecs_adds_is_neither_ours_nor_an_edit() {
        let mut sent = definition("api:1", "/api");
        sent["containerDefinitions"][0]["healthCheck"] = json!({ "command": ["CMD", "true"] });
        let sidecar = json!({ "name": "agent", "image": "a:1" });
        sent["containerDefinitions"].as_array_mut().expect("a list").push(sidecar);
        let live = with_members_of_ecs(&sent);
        assert!(is_same_but_for_members(&sent, &live));
        assert_eq!(merge(Some(&sent), &live, &sent).document, live, "nothing is to be registered");
        let want = json!({
            "family": "api", "cpu": "1024", "memory": "2048",
            "containerDefinitions": [{ "name": "Main", "image": "api:1" }],
        });
        let merged = merge(Some(&sent), &live, &want).document;
        assert_eq!(merged["containerDefinitions"].as_array().map(Vec::len), Some(1), "the sidecar is gone");
        let main = &merged["containerDefinitions"][0];
        let gone = ["environment", "healthCheck", "portMappings", "logConfiguration", "stopTimeout"];
        assert!(gone.iter().all(|member| main.get(member).is_none()), "{main}");
        assert_eq!(main["addedByEcs"], false);
    }

    #[test]
    fn what_others_added_stays_through_every_later_update() {
        let base = definition("api:1", "/api");
        let mut live = base.clone();
        let agent = json!({ "name": "agent", "image": "a" });
        live["containerDefinitions"].as_array_mut().expect("a list").push(agent);
        let second = merge(Some(&base), &live, &definition("api:2", "/api")).document;
        let third = merge(Some(&definition("api:2", "/api")), &second, &definition("api:3", "/api")).document;
        assert_eq!(third["containerDefinitions"][1]["name"], "agent");
        assert!(!is_same_but_for_members(&definition("api:2", "/api"), &second));
    }

    #[test]
    fn a_variable_that_becomes_a_secret_is_not_a_variable_any_more_whoever_made_it() {
        let base = definition("api:1", "/api");
        let mut live = base.clone();
        let theirs = json!({ "name": "TRACE", "value": "1" });
        live["containerDefinitions"][0]["environment"].as_array_mut().expect("a list").push(theirs);
        let mut want = base.clone();
        want["containerDefinitions"][0].as_object_mut().expect("a container").remove("environment");
        want["containerDefinitions"][0]["secrets"] =
            json!([{ "name": "LEVEL", "valueFrom": "a" }, { "name": "TRACE", "valueFrom": "b" }]);
        let merged = merge(Some(&base), &live, &want);
        assert_eq!(merged.document["containerDefinitions"][0].get("environment"), None);
        assert_eq!(merged.overwritten, ["containerDefinitions[\"Main\"].environment[\"TRACE\"]"]);
    }

    #[test]
    fn five_hundred_variables_fit_coarsely_and_damaged_tags_are_told() {
        let mut want = definition("api:1", "/api");
        let variables = (0..700).map(|index| json!({ "name": format!("V{index}"), "value": "1" }));
        want["containerDefinitions"][0]["environment"] = variables.collect();
        let mut tags = sent_tags(&want, "sent-", 40).expect("room");
        let leaves = SentLeaves::from_tags("sent-", &tags).expect("whole").expect("there");
        let merged =
            merge_task_definitions(Some(&leaves), &want, &definition("api:1", "/api"), &BTreeSet::new());
        assert_eq!(merged.document, definition("api:1", "/api"));
        assert!(tags.values().all(|value| value.len() <= 256), "{tags:?}");
        assert_eq!(sent_tags(&want, "sent-", 0), None);
        tags.insert("sent-1".to_owned(), "2:abc".to_owned());
        assert!(SentLeaves::from_tags("sent-", &tags).is_err());
        assert_eq!(SentLeaves::from_tags("sent-", &BTreeMap::new()), Ok(None));
    }
}
