//! Every argument that an update can change, one at a time: set, change, remove; the plan is empty after each.

use serde_json::{Value as Json, json};

use crate::support::cloud::{default_security_group_id, list_subnet_ids};
use crate::support::workspace::{Action, Workspace, three_inputs};

/// `three_inputs` with the argument at a path; a null removes it, and an object that is empty then goes as well.
fn with_argument(path: &str, value: &Json) -> Json {
    let mut config = three_inputs();
    let (parent, member) = path.split_once('.').unwrap_or(("", path));
    if parent.is_empty() {
        config[member] = value.clone();
        return config;
    }
    if !value.is_null() || parent == "primary_container" {
        config[parent][member] = value.clone();
    }
    config
}

/// Goes through the values of one argument, from none to the last; an argument that is set shows in the state.
async fn check(path: &str, steps: &[(Json, Action)]) {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    for (value, expected) in steps {
        let action = workspace.applied("app", &with_argument(path, value)).await;
        assert_eq!(action, *expected, "{path} = {value}");
        if !value.is_null() {
            assert_eq!(workspace.attribute("app", path), *value, "{path}");
        }
    }
}

const ROLE: &str = "arn:aws:iam::123456789012:role/";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

#[tokio::test]
async fn execution_role_arn_is_changed() {
    check("execution_role_arn", &[(json!(format!("{ROLE}other")), Action::Update)]).await;
}

#[tokio::test]
async fn task_role_arn_is_set_changed_and_removed() {
    let steps = [
        (json!(format!("{ROLE}a")), Action::Update),
        (json!(format!("{ROLE}b")), Action::Update),
        (json!(null), Action::Replace),
    ];
    check("task_role_arn", &steps).await;
}

#[tokio::test]
async fn image_is_changed() {
    check("primary_container.image", &[(json!("api:1"), Action::Update), (json!("api:2"), Action::Update)])
        .await;
}

#[tokio::test]
async fn container_port_is_set_changed_and_kept_when_removed() {
    let steps =
        [(json!(8080), Action::Update), (json!(9090), Action::Update), (json!(null), Action::Nothing)];
    check("primary_container.container_port", &steps).await;
}

#[tokio::test]
async fn command_is_set_changed_and_removed() {
    let steps = [
        (json!(["serve"]), Action::Update),
        (json!(["serve", "--fast"]), Action::Update),
        (json!(null), Action::Update),
        (json!([]), Action::Update),
    ];
    check("primary_container.command", &steps).await;
}

#[tokio::test]
async fn environment_is_set_changed_and_removed() {
    let steps = [
        (json!({ "A": "1" }), Action::Update),
        (json!({ "A": "2", "B": "" }), Action::Update),
        (json!({ "B": "" }), Action::Update),
        (json!(null), Action::Update),
    ];
    check("primary_container.environment", &steps).await;
}

#[tokio::test]
async fn secrets_are_set_changed_and_removed() {
    let steps = [
        (json!({ "A": format!("{SECRET}a") }), Action::Update),
        (json!({ "A": format!("{SECRET}b"), "B": "/app/b" }), Action::Update),
        (json!(null), Action::Update),
    ];
    check("primary_container.secrets", &steps).await;
}

#[tokio::test]
async fn aws_logs_configuration_is_set_changed_and_kept_when_removed() {
    let logs = |group: &str| json!({ "log_group": group, "log_stream_prefix": "web" });
    let steps =
        [(logs("/own/a"), Action::Update), (logs("/own/b"), Action::Update), (json!(null), Action::Nothing)];
    check("primary_container.aws_logs_configuration", &steps).await;
}

#[tokio::test]
async fn repository_credentials_are_set_changed_and_removed() {
    let credentials = |name: &str| json!({ "credentials_parameter": format!("{SECRET}{name}") });
    let steps = [
        (credentials("a"), Action::Update),
        (credentials("b"), Action::Update),
        (json!(null), Action::Update),
    ];
    check("primary_container.repository_credentials", &steps).await;
}

#[tokio::test]
async fn cpu_is_set_changed_and_kept_when_removed() {
    let steps =
        [(json!("512"), Action::Update), (json!("1024"), Action::Update), (json!(null), Action::Nothing)];
    check("cpu", &steps).await;
}

#[tokio::test]
async fn memory_is_set_changed_and_kept_when_removed() {
    let steps =
        [(json!("4096"), Action::Update), (json!("3072"), Action::Update), (json!(null), Action::Nothing)];
    check("memory", &steps).await;
}

#[tokio::test]
async fn cpu_architecture_is_set_changed_and_kept_when_removed() {
    let steps =
        [(json!("ARM64"), Action::Update), (json!("X86_64"), Action::Update), (json!(null), Action::Nothing)];
    check("cpu_architecture", &steps).await;
}

#[tokio::test]
async fn health_check_path_is_set_changed_and_kept_when_removed() {
    let steps = [
        (json!("/up"), Action::Update),
        (json!("/healthz?deep=1"), Action::Update),
        (json!(null), Action::Nothing),
    ];
    check("health_check_path", &steps).await;
}

#[tokio::test]
async fn subnets_are_narrowed_widened_and_kept_when_removed() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    let all = list_subnet_ids(&workspace.sandbox);
    let steps =
        [(json!(all[..2]), Action::Update), (json!(all), Action::Update), (json!(null), Action::Nothing)];
    for (subnets, expected) in steps {
        let config = with_argument("network_configuration.subnets", &subnets);
        assert_eq!(workspace.applied("app", &config).await, expected, "{subnets}");
        let count = workspace.attribute("app", "network_configuration.subnets");
        let expected = subnets.as_array().map_or(all.len(), Vec::len);
        assert_eq!(count.as_array().map(Vec::len), Some(expected));
    }
}

#[tokio::test]
async fn security_groups_are_set_and_removed() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    let group = default_security_group_id(&workspace.sandbox);
    for groups in [json!([group]), json!(null)] {
        let config = with_argument("network_configuration.security_groups", &groups);
        assert_eq!(workspace.applied("app", &config).await, Action::Update, "{groups}");
        assert_eq!(workspace.attribute("app", "network_configuration.security_groups"), groups);
    }
}

#[tokio::test]
async fn every_scaling_member_is_set_changed_and_kept_when_removed() {
    let members = [
        ("min_task_count", json!(2), json!(3)),
        ("max_task_count", json!(5), json!(6)),
        ("auto_scaling_metric", json!("AVERAGE_MEMORY"), json!("REQUEST_COUNT_PER_TARGET")),
        ("auto_scaling_target_value", json!(50), json!(70)),
    ];
    for (name, first, second) in members {
        let path = format!("scaling_target.{name}");
        let steps = [(first, Action::Update), (second, Action::Update), (json!(null), Action::Nothing)];
        check(&path, &steps).await;
    }
}

#[tokio::test]
async fn tags_are_set_changed_and_removed() {
    let steps = [
        (json!({ "a": "1" }), Action::Update),
        (json!({ "a": "2", "b": "1" }), Action::Update),
        (json!(null), Action::Update),
    ];
    check("tags", &steps).await;
}

#[tokio::test]
async fn wait_flag_and_timeouts_change_without_a_call_that_changes_anything() {
    check("wait_for_steady_state", &[(json!(false), Action::Update), (json!(null), Action::Update)]).await;
    check("delete_logs_on_destroy", &[(json!(true), Action::Update), (json!(null), Action::Update)]).await;
    let update = |time: &str| json!({ "create": null, "update": time, "delete": null });
    check("timeouts", &[(update("90m"), Action::Update), (json!(null), Action::Update)]).await;
}
