//! Pains 3, 4 and 36: logs, order, secrets.

use serde_json::json;

use super::live;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

#[tokio::test]
async fn a_log_group_without_a_stream_prefix_is_enough() {
    let mut workspace = Workspace::new().await;
    let container = json!({ "image": "api:1", "aws_logs_configuration": { "log_group": "/own/logs" } });
    workspace.applied("app", &with(&three_inputs(), "primary_container", container)).await;
    let logs = workspace.attribute("app", "primary_container.aws_logs_configuration");
    assert_eq!(logs["log_group"], json!("/own/logs"));
    assert!(logs["log_stream_prefix"].as_str().is_some_and(|prefix| !prefix.is_empty()), "{logs}");
    assert_eq!(workspace.attribute("app", "infrastructure.log_group_name"), json!("/own/logs"));
}

#[tokio::test]
async fn the_order_of_variables_and_secrets_never_shows() {
    let mut workspace = Workspace::new().await;
    let secret = |name: &str| format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}");
    let container = json!({
        "image": "api:1",
        "environment": { "ZULU": "1", "ALPHA": "2", "MIKE": "3" },
        "secrets": { "Y_KEY": secret("y"), "B_KEY": secret("b") },
    });
    let config = with(&three_inputs(), "primary_container", container);
    workspace.applied("app", &config).await;
    let container = json!({
        "image": "api:2",
        "environment": { "MIKE": "3", "ZULU": "1", "ALPHA": "2", "BRAVO": "4" },
        "secrets": { "B_KEY": secret("b"), "Y_KEY": secret("y") },
    });
    let config = with(&config, "primary_container", container);
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    let arn = live::arn(&workspace, "app");
    let mut other = workspace.neighbour().await;
    assert!(!other.import("app", &arn).await.has_errors());
    assert_eq!(other.plan("app", &config).await.0, Action::Nothing, "an import is as stable");
}

#[tokio::test]
async fn secrets_are_accepted_by_arn_and_by_parameter_name() {
    let mut workspace = Workspace::new().await;
    let secrets = json!({
        "FROM_SECRET": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-a1b2c3:password::",
        "FROM_PARAMETER": "arn:aws:ssm:eu-west-1:123456789012:parameter/app/key",
        "BY_NAME": "/app/token",
        "BY_SIMPLE_NAME": "token",
    });
    let container = json!({ "image": "api:1", "secrets": secrets });
    workspace.applied("app", &with(&three_inputs(), "primary_container", container)).await;
    assert_eq!(workspace.attribute("app", "primary_container.secrets"), secrets);
    let live = live::configuration(&workspace, "app")["primaryContainer"]["secrets"].take();
    let by_name = live.as_array().expect("a list").iter().find(|secret| secret["name"] == "BY_NAME");
    assert_eq!(by_name.map(|secret| &secret["valueFrom"]), Some(&json!("/app/token")));
}

#[tokio::test]
async fn a_value_of_the_environment_shows_in_no_message() {
    let mut workspace = Workspace::new().await;
    let container = |tag: &str| json!({ "image": format!("api:{tag}"), "environment": { "TOKEN": "hunter2-very-secret" } });
    let config = with(&three_inputs(), "primary_container", container("1"));
    workspace.applied("app", &config).await;
    live::befall(&workspace, "crash@image=api:2");
    let applied = workspace.apply("app", &with(&config, "primary_container", container("2"))).await;
    assert!(applied.diagnostics.has_errors());
    assert!(!format!("{:?}", applied.diagnostics).contains("hunter2"), "{:#?}", applied.diagnostics);
}
