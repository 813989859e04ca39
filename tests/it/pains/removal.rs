//! Pain 20: an optional argument that is removed is really gone, or keeps a value that the state shows.

use serde_json::{Value as Json, json};

use super::live;
use crate::support::values::summaries;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

const IMAGE: &str = "public.ecr.aws/nginx/nginx:1.28";

/// `three_inputs` with more members in the container.
fn container(more: &Json) -> Json {
    let mut container = json!({ "image": IMAGE });
    container.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    with(&three_inputs(), "primary_container", container)
}

/// Members of the container that can be taken away: gone from the live service after their removal.
#[tokio::test]
async fn a_removed_member_of_the_container_is_gone_from_the_service() {
    let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x";
    let members: [(&str, &str, Json); 4] = [
        ("command", "command", json!(["serve", "--fast"])),
        ("environment", "environment", json!({ "A": "1" })),
        ("secrets", "secrets", json!({ "B": secret })),
        ("repository_credentials", "repositoryCredentials", json!({ "credentials_parameter": secret })),
    ];
    for (name, live_name, value) in members {
        let mut workspace = Workspace::new().await;
        let mut more = json!({});
        more[name] = value.clone();
        workspace.applied("app", &container(&more)).await;
        assert_eq!(workspace.attribute("app", &format!("primary_container.{name}")), value);
        assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Update, "{name}");
        let live = live::configuration(&workspace, "app")["primaryContainer"][live_name].take();
        let is_gone = live.is_null() || live.as_array().is_some_and(Vec::is_empty);
        assert!(is_gone, "{name}: {live}");
        assert_eq!(workspace.attribute("app", &format!("primary_container.{name}")), json!(null));
    }
}

/// Arguments that AWS has a value for in any case keep theirs: the plan is empty and the state tells the value.
#[tokio::test]
async fn a_removed_argument_with_a_value_of_aws_keeps_it_and_the_plan_is_empty() {
    let arguments: [(&str, Json); 5] = [
        ("cpu", json!("512")),
        ("memory", json!("4096")),
        ("cpu_architecture", json!("ARM64")),
        ("health_check_path", json!("/healthz")),
        ("scaling_target", json!({ "max_task_count": 3 })),
    ];
    for (name, value) in arguments {
        let mut workspace = Workspace::new().await;
        let mut config = with(&three_inputs(), name, value.clone());
        if name == "cpu" {
            config = with(&config, "memory", "1024");
        }
        workspace.applied("app", &config).await;
        let removed = with(&config, name, json!(null));
        assert_eq!(workspace.applied("app", &removed).await, Action::Nothing, "{name}");
        let kept = workspace.attribute("app", name);
        match value {
            Json::Object(members) => {
                assert!(members.iter().all(|(member, value)| kept[member] == *value), "{kept}");
            }
            value => assert_eq!(kept, value),
        }
    }
}

#[tokio::test]
async fn a_removed_port_or_log_configuration_keeps_its_value_and_the_plan_is_empty() {
    let members: [(&str, Json); 2] = [
        ("container_port", json!(8080)),
        ("aws_logs_configuration", json!({ "log_group": "/own", "log_stream_prefix": "web" })),
    ];
    for (name, value) in members {
        let mut workspace = Workspace::new().await;
        let mut more = json!({});
        more[name] = value.clone();
        workspace.applied("app", &container(&more)).await;
        assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Nothing, "{name}");
        assert_eq!(workspace.attribute("app", &format!("primary_container.{name}")), value);
    }
}

#[tokio::test]
async fn a_removed_task_role_replaces_the_service_since_ecs_cannot_unset_it() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "task_role_arn", "arn:aws:iam::123456789012:role/task");
    workspace.applied("app", &config).await;
    let (action, diagnostics) = workspace.plan("app", &three_inputs()).await;
    assert_eq!(action, Action::Replace);
    assert_eq!(summaries(&diagnostics), ["The public URL will change"]);
    assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Replace);
    assert_eq!(live::configuration(&workspace, "app")["taskRoleArn"], json!(null));
}
