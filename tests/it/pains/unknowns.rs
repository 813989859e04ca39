//! Pains 5, 21, 22 and 31: what a plan promises, and what it leaves open.

use serde_json::{Value as Json, json};

use super::live;
use crate::support::workspace::{Workspace, three_inputs, with};

const ROLLOUT: [&str; 2] = ["deployment.arn", "service_revision_arn"];

/// Changes a running service and compares what the plan leaves open.
async fn check(before: &Json, after: &Json, expected: &[&str]) {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", before).await;
    let unknown = workspace.unknown_paths("app", after).await;
    assert_eq!(unknown, expected, "{before} -> {after}");
    workspace.applied("app", after).await;
}

fn rollout_and(more: &[&'static str]) -> Vec<&'static str> {
    let mut paths: Vec<_> = ROLLOUT.iter().chain(more).copied().collect();
    paths.sort_unstable();
    paths
}

#[tokio::test]
async fn a_new_task_leaves_only_revision_deployment_and_task_definition_open() {
    let changes: [(&str, Json); 6] = [
        ("primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" })),
        ("execution_role_arn", json!("arn:aws:iam::123456789012:role/other")),
        ("task_role_arn", json!("arn:aws:iam::123456789012:role/task")),
        ("memory", json!("4096")),
        ("cpu", json!("512")),
        ("cpu_architecture", json!("ARM64")),
    ];
    for (name, value) in changes {
        let before = with(&three_inputs(), "memory", "2048");
        check(&before, &with(&before, name, value), &rollout_and(&["task_definition_arn"])).await;
    }
}

#[tokio::test]
async fn a_new_health_check_path_keeps_the_task_definition() {
    check(&three_inputs(), &with(&three_inputs(), "health_check_path", "/up"), &rollout_and(&[])).await;
}

#[tokio::test]
async fn a_change_of_tags_timeouts_or_the_wait_flag_leaves_nothing_open() {
    for (name, value) in [
        ("tags", json!({ "a": "1" })),
        ("timeouts", json!({ "update": "90m" })),
        ("wait_for_steady_state", json!(false)),
    ] {
        check(&three_inputs(), &with(&three_inputs(), name, value), &[]).await;
    }
}

#[tokio::test]
async fn a_change_of_scaling_never_touches_url_and_arns() {
    let metric = json!({ "auto_scaling_metric": "AVERAGE_MEMORY" });
    let policies = "infrastructure.scaling_policy_arns";
    check(&three_inputs(), &with(&three_inputs(), "scaling_target", metric), &rollout_and(&[policies])).await;
    let bounds = json!({ "max_task_count": 7 });
    check(&three_inputs(), &with(&three_inputs(), "scaling_target", bounds), &rollout_and(&[])).await;
}

#[tokio::test]
async fn a_moved_log_leaves_the_log_group_open() {
    let logs = json!({ "image": "public.ecr.aws/nginx/nginx:1.28", "aws_logs_configuration": { "log_group": "/own", "log_stream_prefix": "a" } });
    let open = ["infrastructure.log_group_arn", "infrastructure.log_group_name", "task_definition_arn"];
    check(&three_inputs(), &with(&three_inputs(), "primary_container", logs), &rollout_and(&open)).await;
}

#[tokio::test]
async fn the_deployment_of_an_update_is_not_promised_and_known_afterwards() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    let first = workspace.attribute("app", "deployment.arn");
    workspace.applied("app", &with(&three_inputs(), "health_check_path", "/up")).await;
    let deployment = workspace.attribute("app", "deployment");
    assert_ne!(deployment["arn"], first);
    assert_eq!(deployment["status"], json!("SUCCESSFUL"));
    let live = live::deployments(&workspace, "app");
    assert_eq!(deployment["arn"], live[0]["serviceDeploymentArn"]);
    assert_eq!(workspace.attribute("app", "service_revision_arn"), live[0]["targetServiceRevisionArn"]);
}

#[tokio::test]
async fn url_and_hostname_are_what_aws_answers_and_nothing_else() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &with(&three_inputs(), "service_name", "api")).await;
    let endpoint = live::configuration(&workspace, "app")["ingressPaths"][0]["endpoint"].take();
    let endpoint = endpoint.as_str().expect("text");
    let host = endpoint.trim_start_matches("https://").trim_end_matches('/');
    assert_eq!(workspace.attribute("app", "hostname"), json!(host));
    assert_eq!(workspace.attribute("app", "url"), json!(format!("https://{host}")));
    assert!(!host.starts_with("api."), "never composed from the name: {host}");
}
