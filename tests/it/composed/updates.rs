//! What an update touches, and what it leaves alone.

use serde_json::json;
use terraform_provider_express::sandbox::api::Service;

use super::{composed, told, workspace};
use crate::support::cloud;
use crate::support::workspace::{Action, Workspace, with};

/// Names of the calls that changed something.
fn changed_by(workspace: &Workspace) -> Vec<String> {
    let calls = workspace.sandbox.calls().into_iter().map(|call| call.operation);
    calls.filter(|name| !["Describe", "List", "Get"].iter().any(|verb| name.starts_with(verb))).collect()
}

#[tokio::test]
async fn a_change_of_scaling_starts_no_deployment() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    workspace.sandbox.clear_calls();
    let config = with(&composed("api"), "scaling_target", json!({ "max_task_count": 7 }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(changed_by(&workspace), ["RegisterScalableTarget", "PutScalingPolicy"]);
}

#[tokio::test]
async fn tags_change_everywhere_without_a_deployment() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    workspace.sandbox.clear_calls();
    let config = with(&composed("api"), "tags", json!({ "team": "payments" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert!(!changed_by(&workspace).contains(&"UpdateService".to_owned()));
    let groups = workspace.attribute("app", "infrastructure.target_group_arns");
    let input = json!({ "ResourceArns": [groups[0]] });
    let tags = cloud::call(&workspace.sandbox, Service::Elbv2, "DescribeTags", input);
    let tags = tags["TagDescriptions"][0]["Tags"].as_array().expect("tags").clone();
    assert!(tags.contains(&json!({ "Key": "team", "Value": "payments" })), "{tags:?}");
}

#[tokio::test]
async fn ownership_tags_are_not_the_users() {
    let mut workspace = workspace().await;
    workspace.applied("app", &with(&composed("api"), "tags", json!({ "team": "a" }))).await;
    assert_eq!(workspace.attribute("app", "tags_all"), json!({ "team": "a" }));
}

#[tokio::test]
async fn another_health_check_path_reaches_both_target_groups_one_after_the_other() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    let config = with(&composed("api"), "health_check_path", "/ready");
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    let groups = cloud::call(&workspace.sandbox, Service::Elbv2, "DescribeTargetGroups", json!({}));
    for group in groups["TargetGroups"].as_array().expect("groups") {
        assert_eq!(group["HealthCheckPath"], json!("/ready"));
    }
}

#[tokio::test]
async fn a_sidecar_that_somebody_added_survives_a_new_image() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    let call = |operation: &str, input| cloud::call(&workspace.sandbox, Service::Ecs, operation, input);
    let running = workspace.attribute("app", "task_definition_arn");
    let described = call("DescribeTaskDefinition", json!({ "taskDefinition": running }));
    let mut definition = described["taskDefinition"].clone();
    let containers = definition["containerDefinitions"].as_array_mut().expect("containers");
    containers.push(json!({ "name": "agent", "image": "agent:1", "essential": false }));
    let registered = call("RegisterTaskDefinition", definition);
    let arn = registered["taskDefinition"]["taskDefinitionArn"].clone();
    call("UpdateService", json!({ "cluster": "default", "service": "api", "taskDefinition": arn }));
    workspace.clock_advance(3600).await;
    let config =
        with(&composed("api"), "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    let running = workspace.attribute("app", "task_definition_arn");
    let input = json!({ "taskDefinition": running });
    let described = cloud::call(&workspace.sandbox, Service::Ecs, "DescribeTaskDefinition", input);
    let containers =
        described["taskDefinition"]["containerDefinitions"].as_array().expect("containers").clone();
    let names: Vec<_> = containers.iter().map(|container| container["name"].clone()).collect();
    assert_eq!(names, [json!("Main"), json!("agent")]);
    assert_eq!(containers[0]["image"], json!("public.ecr.aws/nginx/nginx:1.29"));
}

#[tokio::test]
async fn a_failed_deployment_is_explained_and_the_state_holds_what_runs() {
    let mut workspace = Workspace::with_provider(json!({ "fail_early": false })).await;
    workspace.applied("app", &composed("api")).await;
    let running = workspace.attribute("app", "task_definition_arn");
    let rule = "image-not-found@image=gone".parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(rule));
    let config =
        with(&composed("api"), "primary_container", json!({ "image": "public.ecr.aws/nginx/gone:1" }));
    let applied = workspace.apply("app", &config).await;
    let told = told(&applied.diagnostics);
    assert!(told.contains("The part that failed: wait for the deployment."), "{told}");
    assert!(told.contains("rolled back"), "{told}");
    assert_eq!(workspace.attribute("app", "task_definition_arn"), running);
}

#[tokio::test]
async fn the_log_group_keeps_the_log_for_as_long_as_is_asked() {
    let mut workspace = workspace().await;
    let keeping = |days: i32| with(&composed("api"), "log_retention_days", days);
    let kept = |workspace: &Workspace| {
        let group = workspace.attribute("app", "infrastructure.log_group_name");
        let input = json!({ "logGroupNamePrefix": group });
        let found = cloud::call(&workspace.sandbox, Service::Logs, "DescribeLogGroups", input);
        found["logGroups"][0]["retentionInDays"].clone()
    };
    workspace.applied("app", &keeping(14)).await;
    assert_eq!(kept(&workspace), json!(14));
    assert_eq!(workspace.applied("app", &keeping(30)).await, Action::Update);
    assert_eq!(kept(&workspace), json!(30));
}
