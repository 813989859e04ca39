//! One form for equal task definitions, so that they can be compared and merged leaf by leaf.

use serde_json::{Map, Value, json};

/// Members that ECS adds and does not take back (facts, composition section 5).
const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "requiresAttributes",
    "compatibilities",
    "tags",
];

/// Lists whose order means nothing.
const BY_NAME: [&str; 2] = ["environment", "secrets"];

/// Seconds, seconds and tries of a container's health check that says nothing of them.
const HEALTH_CHECK_DEFAULTS: [(&str, u32); 3] = [("interval", 30), ("timeout", 5), ("retries", 3)];

/// A task definition as it would be registered, without what ECS adds and without what says nothing: empty lists and
/// objects, nulls, reservations of zero CPU units, fault injection that is off. Environment and secrets are sorted by
/// name, defaults of containers (`essential`, `protocol`, a health check's numbers, a log router's user) are written out
/// as ECS writes them.
///
/// # Guarantees
/// Idempotent. Two definitions that ECS treats alike have one form; no member that a user set is lost.
pub(crate) fn canonical_task_definition(definition: &Value) -> Value {
    let Value::Object(members) = without_empty(definition) else { return json!({}) };
    let mut members: Map<String, Value> =
        members.into_iter().filter(|(name, _)| !READ_ONLY.contains(&name.as_str())).collect();
    // On every revision since the first days of 2025, whoever registered it (tests/README.md, facts, row T1).
    if members.get("enableFaultInjection") == Some(&json!(false)) {
        members.remove("enableFaultInjection");
    }
    if let Some(Value::Array(containers)) = members.get_mut("containerDefinitions") {
        containers.iter_mut().filter_map(Value::as_object_mut).for_each(canonical_container);
    }
    Value::Object(members)
}

fn canonical_container(container: &mut Map<String, Value>) {
    if container.get("cpu").and_then(Value::as_i64) == Some(0) {
        container.remove("cpu");
    }
    container.entry("essential").or_insert_with(|| json!(true));
    // A log router runs as root unless it says otherwise (tests/README.md, facts, row T1).
    if container.contains_key("firelensConfiguration") {
        container.entry("user").or_insert_with(|| json!("0"));
    }
    if let Some(Value::Object(check)) = container.get_mut("healthCheck") {
        for (member, default) in HEALTH_CHECK_DEFAULTS {
            check.entry(member).or_insert_with(|| json!(default));
        }
    }
    if let Some(Value::Array(mappings)) = container.get_mut("portMappings") {
        mappings.iter_mut().filter_map(Value::as_object_mut).for_each(canonical_port_mapping);
    }
    for list in BY_NAME {
        if let Some(Value::Array(items)) = container.get_mut(list) {
            items.sort_by_key(|item| item["name"].as_str().unwrap_or_default().to_owned());
        }
    }
}

/// With `awsvpc` the host's port is the container's.
fn canonical_port_mapping(mapping: &mut Map<String, Value>) {
    if mapping.get("hostPort") == mapping.get("containerPort") {
        mapping.remove("hostPort");
    }
    mapping.entry("protocol").or_insert_with(|| json!("tcp"));
}

/// The value without members that are null or empty. An element of a list stays what it is.
fn without_empty(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().map(|(name, member)| (name.clone(), without_empty(member)));
            Value::Object(kept.filter(|(_, member)| !is_empty(member)).collect())
        }
        Value::Array(items) => items.iter().map(without_empty).collect(),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ecs_adds_is_gone_and_what_a_user_set_stays() {
        let described = json!({
            "taskDefinitionArn": "arn", "revision": 3, "status": "ACTIVE", "registeredAt": 1.5,
            "requiresAttributes": [{ "name": "x" }], "compatibilities": ["FARGATE"],
            "family": "web", "cpu": "256", "memory": "512", "volumes": [], "placementConstraints": [],
            "ephemeralStorage": { "sizeInGiB": 30 },
            "containerDefinitions": [{
                "name": "Main", "image": "nginx", "cpu": 0, "mountPoints": [], "systemControls": [],
                "portMappings": [{ "containerPort": 80, "hostPort": 80, "protocol": "tcp" }],
                "environment": [{ "name": "B", "value": "" }, { "name": "A", "value": "1" }],
                "ulimits": [{ "name": "nofile", "softLimit": 0, "hardLimit": 1024 }]
            }]
        });
        let expected = json!({
            "family": "web", "cpu": "256", "memory": "512", "ephemeralStorage": { "sizeInGiB": 30 },
            "containerDefinitions": [{
                "name": "Main", "image": "nginx", "essential": true,
                "portMappings": [{ "containerPort": 80, "protocol": "tcp" }],
                "environment": [{ "name": "A", "value": "1" }, { "name": "B", "value": "" }],
                "ulimits": [{ "name": "nofile", "softLimit": 0, "hardLimit": 1024 }]
            }]
        });
        let canonical = canonical_task_definition(&described);
        assert_eq!(canonical, expected);
        assert_eq!(canonical_task_definition(&canonical), canonical);
    }

    #[test]
    fn defaults_that_ecs_writes_out_are_no_difference() {
        let router = json!({ "name": "router", "firelensConfiguration": { "type": "fluentbit" } });
        let proxy = json!({ "name": "proxy", "healthCheck": { "command": ["CMD", "true"] } });
        let written = json!({ "containerDefinitions": [router, proxy] });
        let mut read = written.clone();
        read["enableFaultInjection"] = json!(false);
        read["containerDefinitions"][0]["user"] = json!("0");
        read["containerDefinitions"][1]["healthCheck"] =
            json!({ "command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3 });
        assert_eq!(canonical_task_definition(&written), canonical_task_definition(&read));
        read["containerDefinitions"][0]["user"] = json!("1000");
        assert_ne!(canonical_task_definition(&written), canonical_task_definition(&read));
    }

    #[test]
    fn what_was_written_and_what_is_read_back_are_equal() {
        let written = json!({
            "family": "web",
            "containerDefinitions": [{ "name": "Main", "portMappings": [{ "containerPort": 80 }] }]
        });
        let read = json!({
            "family": "web", "revision": 1,
            "containerDefinitions": [{
                "name": "Main", "cpu": 0, "essential": true, "environment": [], "volumesFrom": [],
                "portMappings": [{ "containerPort": 80, "hostPort": 80, "protocol": "tcp" }]
            }]
        });
        assert_eq!(canonical_task_definition(&written), canonical_task_definition(&read));
    }
}
