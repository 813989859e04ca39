//! Acceptance scenarios of `aws_ecs_express_gateway_service` as configurations of ours (facts, pain B2).

use serde_json::json;
use terraform_provider_express::sandbox::api::Service;

use super::sharing::create_private_network;
use crate::support::cloud::{call, create_cluster};
use crate::support::workspace::{Action, Workspace, three_inputs, with};

#[tokio::test]
async fn a_whole_network_of_ones_own_with_every_setting() {
    let mut workspace = Workspace::new().await;
    let (vpc_id, subnets) = create_private_network(&workspace.sandbox);
    let input = json!({ "GroupName": "own", "Description": "own", "VpcId": vpc_id });
    let group = call(&workspace.sandbox, Service::Ec2, "CreateSecurityGroup", input)["GroupId"].take();
    call(&workspace.sandbox, Service::Logs, "CreateLogGroup", json!({ "logGroupName": "/own/logs" }));
    let mut config = three_inputs();
    for (name, value) in [
        ("service_name", json!("r-service")),
        ("cluster", json!("default")),
        ("cpu", json!("512")),
        ("memory", json!("1024")),
        ("health_check_path", json!("/")),
        ("task_role_arn", json!("arn:aws:iam::123456789012:role/task")),
        ("network_configuration", json!({ "subnets": subnets, "security_groups": [group] })),
    ] {
        config = with(&config, name, value);
    }
    let container = json!({
        "image": "public.ecr.aws/nginx/nginx:1.28-alpine3.21-slim",
        "container_port": 80,
        "command": ["CMD-SHELL"],
        "environment": { "ENV": "test" },
        "aws_logs_configuration": { "log_group": "/own/logs", "log_stream_prefix": "test" },
    });
    config = with(&config, "primary_container", container.clone());
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    let network = workspace.attribute("app", "network_configuration");
    assert_eq!(network["subnets"].as_array().map(Vec::len), Some(2));
    assert_eq!(network["security_groups"], json!([group]));
    let state = workspace.attribute("app", "primary_container");
    for (name, value) in container.as_object().expect("object") {
        assert_eq!(state[name], *value, "{name}");
    }
    assert_eq!(workspace.attribute("app", "infrastructure.log_group_name"), json!("/own/logs"));
}

#[tokio::test]
async fn image_and_scaling_change_together_and_both_arrive() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    let scaling = json!({
        "min_task_count": 0, "max_task_count": 1, "auto_scaling_metric": "AVERAGE_CPU",
        "auto_scaling_target_value": 60,
    });
    let config = with(&three_inputs(), "scaling_target", scaling.clone());
    let config = with(&config, "primary_container", json!({ "image": "nginx:latest" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(workspace.attribute("app", "primary_container.image"), json!("nginx:latest"));
    assert_eq!(workspace.attribute("app", "scaling_target"), scaling);
}

#[tokio::test]
async fn a_service_of_a_named_cluster_is_imported_unchanged_and_destroyed() {
    let mut workspace = Workspace::new().await;
    create_cluster(&workspace.sandbox, "prod");
    let config = with(&with(&three_inputs(), "cluster", "prod"), "service_name", "api");
    workspace.applied("app", &config).await;
    let mut other = workspace.neighbour().await;
    assert!(!other.import("app", "prod/api").await.has_errors());
    assert_eq!(other.plan("app", &config).await.0, Action::Nothing);
    let diagnostics = other.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    assert_eq!(workspace.plan("app", &config).await.0, Action::Create);
}

#[tokio::test]
async fn a_create_that_was_cut_short_is_destroyed() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "timeouts", json!({ "create": "20s", "delete": "40m" }));
    assert!(workspace.apply("app", &config).await.diagnostics.has_errors());
    assert!(workspace.is_tainted("app"));
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    assert!(workspace.state("app").is_none());
}
