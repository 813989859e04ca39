//! A state of the first schema version, as Terraform wrote it, under today's provider.
//!
//! `tests/acceptance/recorded_state.rs` records the files and reads the state with the real command lines.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::{Diagnostics, Type};

use crate::support::workspace::{Action, Workspace};

const STATE: &str = include_str!("../fixtures/state/v0.json");
const SCHEMA: &str = include_str!("../fixtures/state/v0-schema.json");

fn parse(text: &str) -> Json {
    serde_json::from_str(text).expect("JSON")
}

/// The stored instance of a resource: its schema version and attributes.
fn stored(name: &str) -> (i64, Json) {
    let state = parse(STATE);
    let resources = state["resources"].as_array().expect("resources");
    let resource = resources.iter().find(|resource| resource["name"] == name).expect("the resource");
    let instance = &resource["instances"][0];
    (instance["schema_version"].as_i64().expect("a version"), instance["attributes"].clone())
}

/// The configuration of `v0.tf`.
fn config(name: &str) -> Json {
    let least = json!({
        "service_name": name,
        "primary_container": { "image": "public.ecr.aws/nginx/nginx:1.28" },
        "infrastructure_role_arn": "arn:aws:iam::123456789012:role/infrastructure",
        "execution_role_arn": "arn:aws:iam::123456789012:role/execution",
    });
    match name {
        "least" => return least,
        "composed" => return composed(least),
        _ => {}
    }
    let mut config = least;
    config["task_role_arn"] = json!("arn:aws:iam::123456789012:role/task");
    config["primary_container"] = json!({
        "image": "public.ecr.aws/nginx/nginx:1.28",
        "container_port": 8080,
        "command": ["serve"],
        "environment": { "LOG_LEVEL": "debug", "ZONE": "eu" },
        "secrets": { "TOKEN": "arn:aws:ssm:us-east-1:123456789012:parameter/api/token" },
        "aws_logs_configuration": { "log_group": "/team/app" },
    });
    config["cpu"] = json!("512");
    config["memory"] = json!("1024");
    config["health_check_path"] = json!("/health");
    config["scaling_target"] = json!({ "min_task_count": 2, "max_task_count": 6 });
    config["tags"] = json!({ "team": "payments" });
    config["timeouts"] = json!({ "create": "45m" });
    config
}

fn composed(mut config: Json) -> Json {
    config["engine"] = json!("composed");
    config["primary_container"] = json!({
        "image": "public.ecr.aws/nginx/nginx:1.28",
        "environment": { "LOG_LEVEL": "debug" },
        "depends_on": { "router": "START" },
        "log_configuration": {
            "log_driver": "awsfirelens",
            "options": { "Name": "cloudwatch", "region": "us-east-1" },
        },
    });
    config["sidecars"] = json!({
        "router": {
            "image": "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable",
            "memory_reservation_mib": 50,
            "firelens_configuration": { "type": "fluentbit" },
        },
        "agent": {
            "image": "agent:1",
            "essential": false,
            "cpu": 64,
            "environment": { "MODE": "fast" },
            "port_mappings": [{ "container_port": 9000 }],
            "health_check": { "command": ["CMD-SHELL", "exit 0"], "retries": 5 },
        },
    });
    config["domain"] = json!({
        "hostname": "shop.example.com",
        "hosted_zone": "example.com",
        "additional_hostnames": ["www.example.com"],
    });
    config["load_balancer"] = json!({ "scheme": "internet-facing" });
    config["deployment_configuration"] = json!({
        "strategy": "LINEAR",
        "linear_step_percent": 20,
        "alarm": { "threshold_percent": 2.5, "include_4xx": true },
    });
    config["health_check"] = json!({ "interval_seconds": 10, "healthy_threshold": 3, "matcher": "200-299" });
    config["deregistration_delay_seconds"] = json!(60);
    config["ephemeral_storage_gib"] = json!(30);
    config["enable_execute_command"] = json!(true);
    config["task_role_arn"] = json!("arn:aws:iam::123456789012:role/task");
    config["log_retention_days"] = json!(14);
    config["tags"] = json!({ "team": "shop" });
    config
}

#[tokio::test]
async fn a_stored_state_of_the_first_version_plans_nothing() {
    for name in ["app", "least", "composed"] {
        let mut owner = Workspace::with_provider(json!({ "region": "us-east-1" })).await;
        owner.applied(name, &config(name)).await;
        let mut workspace = owner.neighbour().await;
        let (version, attributes) = stored(name);
        assert_eq!(workspace.take_stored(name, version, &attributes), Diagnostics::none());
        assert_eq!(workspace.attribute(name, "service_arn"), attributes["service_arn"]);
        let (action, said) = workspace.plan(name, &config(name)).await;
        assert_eq!((action, said), (Action::Nothing, Diagnostics::none()), "{name}");
        assert_eq!(workspace.attribute(name, "url"), owner.attribute(name, "url"), "{name}");
    }
}

#[tokio::test]
async fn what_the_first_version_stored_is_kept_word_for_word() {
    let mut workspace = Workspace::new().await;
    for resource in ["app", "composed"] {
        let (version, attributes) = stored(resource);
        workspace.take_stored(resource, version, &attributes);
        for (name, value) in attributes.as_object().expect("attributes") {
            assert_eq!(&workspace.attribute(resource, name), value, "{name}");
        }
    }
}

/// The type of an attribute in `terraform providers schema -json`.
fn recorded_type(attribute: &Json) -> Type {
    let nested = &attribute["nested_type"];
    if nested.is_null() {
        return Type::from_json(attribute["type"].to_string().as_bytes()).expect("a type");
    }
    let object = recorded_object(&nested["attributes"]);
    match nested["nesting_mode"].as_str() {
        Some("single") => object,
        Some("list") => Type::List(Box::new(object)),
        Some("map") => Type::Map(Box::new(object)),
        other => panic!("nesting {other:?}"),
    }
}

fn recorded_object(attributes: &Json) -> Type {
    let attributes = attributes.as_object().expect("attributes").iter();
    Type::Object(attributes.map(|(name, attribute)| (name.clone(), recorded_type(attribute))).collect())
}

/// What of `recorded` is not in `current`, or is of another type there. Additions are fine: they are read as null.
fn differences(recorded: &Type, current: &Type, path: &str) -> Vec<String> {
    match (recorded, current) {
        (Type::Object(recorded), Type::Object(current)) => {
            let inner = |(name, r#type): (&String, &Type)| match current.get(name) {
                Some(today) => differences(r#type, today, &format!("{path}.{name}")),
                None => vec![format!("{path}.{name} is gone")],
            };
            recorded.iter().flat_map(inner).collect()
        }
        (Type::List(recorded), Type::List(current)) | (Type::Map(recorded), Type::Map(current)) => {
            differences(recorded, current, path)
        }
        (recorded, current) if recorded == current => Vec::new(),
        (recorded, current) => vec![format!("{path} was {recorded} and is {current}")],
    }
}

#[tokio::test]
async fn the_first_version_only_gains_attributes_until_the_schema_version_is_raised() {
    let (recorded, server) = (parse(SCHEMA), Workspace::new().await.server());
    let current = server.resource("express_gateway_service").expect("the resource exists");
    assert_eq!(recorded["version"], json!(0));
    if current.schema.version > 0 {
        return;
    }
    let recorded = recorded_object(&recorded["block"]["attributes"]);
    assert_eq!(differences(&recorded, &current.r#type, "state"), Vec::<String>::new());
}

#[test]
fn a_lost_or_changed_attribute_would_be_noticed() {
    let object = |members: &[(&str, Type)]| {
        let members = members.iter().map(|(name, r#type)| ((*name).to_owned(), r#type.clone()));
        Type::Object(members.collect::<BTreeMap<_, _>>())
    };
    let recorded = object(&[("a", Type::String), ("b", Type::List(Box::new(object(&[("c", Type::Bool)]))))]);
    let current = object(&[("b", Type::List(Box::new(object(&[("c", Type::Number)])))), ("new", Type::Bool)]);
    assert_eq!(
        differences(&recorded, &current, "state"),
        ["state.a is gone", "state.b.c was bool and is number"]
    );
}
