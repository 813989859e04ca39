//! Bad input: a message that names the attribute, before anything is called.

use serde_json::{Value as Json, json};

use crate::support::workspace::{Workspace, three_inputs, with};

#[tokio::test]
async fn arguments_that_do_not_fit_together_are_refused_at_the_attribute() {
    let workspace = Workspace::new().await;
    let definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/own:1";
    let container = |more: Json| {
        let mut container = json!({ "image": "api" });
        container.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        container
    };
    let cases: [(&str, Json, &str); 9] = [
        ("cpu", json!("300"), "cpu"),
        ("task_definition_arn", json!(definition), "primary_container"),
        ("execution_role_arn", json!(null), "execution_role_arn"),
        ("primary_container", json!(null), "primary_container"),
        ("service_name", json!("a b"), "service_name"),
        (
            "scaling_target",
            json!({ "min_task_count": 3, "max_task_count": 2 }),
            "scaling_target.min_task_count",
        ),
        (
            "primary_container",
            container(json!({ "environment": { "A": "1" }, "secrets": { "A": "x" } })),
            "primary_container.secrets[\"A\"]",
        ),
        (
            "primary_container",
            container(json!({ "aws_logs_configuration": { "log_stream_prefix": "x" } })),
            "primary_container.aws_logs_configuration.log_group",
        ),
        ("network_configuration", json!({ "subnets": ["subnet-1"] }), "network_configuration.subnets"),
    ];
    for (name, value, expected) in cases {
        let diagnostics = workspace.validate(&with(&three_inputs(), name, value.clone()));
        let paths: Vec<_> = diagnostics
            .iter()
            .filter_map(|diagnostic| diagnostic.path.as_ref())
            .map(ToString::to_string)
            .collect();
        assert!(paths.iter().any(|path| path == expected), "{name} = {value}: {paths:?}");
    }
    assert!(workspace.validate(&three_inputs()).is_empty());
}

#[tokio::test]
async fn memory_that_does_not_go_with_the_cpu_is_refused() {
    let workspace = Workspace::new().await;
    let config = with(&with(&three_inputs(), "cpu", "256"), "memory", "4096");
    let diagnostics = workspace.validate(&config);
    let details: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.detail.as_str()).collect();
    assert_eq!(
        details,
        ["4096 MiB of memory does not go with 256 CPU units; allowed with 256: 512, 1024, 2048."]
    );
}
