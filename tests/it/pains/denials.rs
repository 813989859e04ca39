//! Pains 26, 29 and 30: what only events and status reasons tell.

use serde_json::json;

use super::live;
use crate::support::values::summaries;
use crate::support::workspace::{Action, Applied, Workspace, three_inputs, with};

fn hints(applied: &Applied) -> Vec<String> {
    applied.diagnostics.iter().flat_map(|diagnostic| diagnostic.hints.clone()).collect()
}

#[tokio::test]
async fn apply_fails_within_two_minutes_when_aws_is_denied_what_it_needs() {
    let mut workspace = Workspace::new().await;
    live::befall(&workspace, "infrastructure-role-missing");
    let config = with(&three_inputs(), "service_name", "api");
    let applied = workspace.apply("app", &config).await;
    assert_eq!(
        summaries(&applied.diagnostics),
        ["Cannot create service `api`: its deployment cannot succeed"]
    );
    let detail: String = applied.diagnostics.iter().map(|diagnostic| diagnostic.detail.clone()).collect();
    assert!(detail.contains("ECS was unable to assume the role 'arn:aws:iam::"), "{detail}");
    assert!(hints(&applied)[0].contains("AmazonECSInfrastructureRoleforExpressGatewayServices"));
    assert!((90..=120).contains(&workspace.elapsed_seconds()), "{}", workspace.elapsed_seconds());
    assert!(workspace.is_tainted("app"), "the service is in the state");
    live::relieve(&workspace);
    workspace.untaint("app");
    workspace.clock_advance(600).await;
    assert_eq!(workspace.applied("app", &config).await, Action::Nothing, "ECS continued by itself");
}

#[tokio::test]
async fn a_denial_that_passes_fails_nothing() {
    let mut workspace = Workspace::new().await;
    live::befall(&workspace, "infrastructure-role-missing");
    let sandbox = workspace.sandbox.clone();
    workspace.sandbox.after_call("DescribeServiceDeployments", 6, move |_| {
        sandbox.with_world(terraform_provider_express::sandbox::world::World::clear_scenarios);
    });
    assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Create);
    assert!(workspace.elapsed_seconds() > 60);
}

#[tokio::test]
async fn an_image_for_the_other_architecture_is_told_with_the_argument_that_helps() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    live::befall(&workspace, "wrong-architecture@image=arm");
    let config = with(&three_inputs(), "primary_container", json!({ "image": "arm:1" }));
    let applied = workspace.apply("app", &config).await;
    let expected = "the image has no linux/amd64 variant: set `cpu_architecture = \"ARM64\"`";
    assert_eq!(hints(&applied).iter().filter(|hint| hint.starts_with(expected)).count(), 1);
    live::relieve(&workspace);
    assert_eq!(workspace.applied("app", &with(&config, "cpu_architecture", "ARM64")).await, Action::Update);
}

#[tokio::test]
async fn an_image_that_does_not_exist_is_told_as_such() {
    let mut workspace = Workspace::new().await;
    live::befall(&workspace, "image-not-found@image=nginx");
    let applied = workspace.apply("app", &three_inputs()).await;
    assert!(hints(&applied).iter().any(|hint| hint.starts_with("check the image's name and tag")));
}
