//! A create that fails before there is a service takes back what it made; one that fails later keeps it.

use serde_json::json;
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use super::{composed, leftovers, told, workspace};
use crate::support::cloud;
use crate::support::workspace::{Action, Workspace};

/// The name of the one call that changes something in each step of a create, with the words for its part.
const BEFORE_THE_SERVICE: [(&str, &str); 7] = [
    ("CreateLogGroup", "log group"),
    ("CreateSecurityGroup", "security group of the tasks"),
    ("CreateTargetGroup", "target groups"),
    ("RegisterTaskDefinition", "task definition"),
    ("CreateLoadBalancer", "load balancer with its listener rule"),
    ("PutMetricAlarm", "rollback alarm"),
    ("CreateService", "ECS service"),
];

async fn refuse(operation: &str) -> Workspace {
    let workspace = workspace().await;
    let effect = FaultEffect::Fail {
        code: "ScriptedException".to_owned(),
        message: "This is refused by script.".to_owned(),
        status: 400,
    };
    workspace.sandbox.add_fault(FaultRule::on(operation, effect)).expect("a valid rule");
    workspace
}

#[tokio::test]
async fn a_refused_step_is_named_with_awss_answer_and_everything_is_undone() {
    for (operation, step) in BEFORE_THE_SERVICE {
        let mut workspace = refuse(operation).await;
        let applied = workspace.apply("app", &composed("api")).await;
        let told = told(&applied.diagnostics);
        assert!(told.contains(&format!("The part that failed: {step}.")), "{operation}: {told}");
        assert!(told.contains("This is refused by script."), "{operation}: {told}");
        assert_eq!(leftovers(&workspace), Vec::<String>::new(), "{operation}: {told}");
        assert!(workspace.state("app").is_none(), "{operation}: nothing is left to remember");
        assert_eq!(workspace.applied("app", &composed("api")).await, Action::Create, "{operation}");
    }
}

#[tokio::test]
async fn a_create_that_fails_after_the_service_was_made_keeps_it_in_the_state() {
    let mut workspace = refuse("RegisterScalableTarget").await;
    let applied = workspace.apply("app", &composed("api")).await;
    let told = told(&applied.diagnostics);
    assert!(told.contains("The part that failed: auto scaling.") && told.contains("Kept: "), "{told}");
    assert!(workspace.is_tainted("app"));
    assert!(workspace.attribute("app", "service_arn").as_str().is_some_and(|arn| arn.ends_with("/api")));
    workspace.untaint("app");
    assert_eq!(workspace.applied("app", &composed("api")).await, Action::Update, "the rest is made");
}

#[tokio::test]
async fn what_somebody_else_made_under_our_names_is_refused_and_left_alone() {
    let mut owner = workspace().await;
    owner.applied("app", &composed("api")).await;
    let mut neighbour = owner.neighbour().await;
    let applied = neighbour.apply("app", &composed("api")).await;
    assert!(told(&applied.diagnostics).contains("Service `api` already exists"));
    assert!(neighbour.state("app").is_none());
    assert_eq!(owner.applied("app", &composed("api")).await, Action::Nothing);
}

/// ECS does not show a service in its first seconds.
#[tokio::test]
async fn a_service_that_does_not_show_yet_is_destroyed_all_the_same() {
    let mut workspace = refuse("RegisterScalableTarget").await;
    let applied = workspace.apply("app", &composed("api")).await;
    assert!(applied.diagnostics.has_errors());
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

/// Somebody made a service of that name between our look and our call.
#[tokio::test]
async fn a_service_of_somebody_else_is_not_taken_back() {
    let mut workspace = refuse("CreateService").await;
    let sandbox = workspace.sandbox.clone();
    workspace.sandbox.after_call("RegisterTaskDefinition", 0, move |_| {
        let call = |operation: &str, input| cloud::call(&sandbox, Service::Ecs, operation, input);
        let container = json!({ "name": "web", "image": "web:1" });
        let definition = json!({
            "family": "theirs", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "containerDefinitions": [container],
        });
        call("RegisterTaskDefinition", definition);
        let subnets = cloud::list_subnet_ids(&sandbox);
        call(
            "CreateService",
            json!({
                "cluster": "default", "serviceName": "api", "taskDefinition": "theirs", "desiredCount": 0,
                "networkConfiguration": { "awsvpcConfiguration": { "subnets": subnets } },
            }),
        );
    });
    let applied = workspace.apply("app", &composed("api")).await;
    assert!(applied.diagnostics.has_errors());
    workspace.clock_advance(3600).await;
    let input = json!({ "cluster": "default", "services": ["api"] });
    let found = cloud::call(&workspace.sandbox, Service::Ecs, "DescribeServices", input);
    assert_eq!(found["services"][0]["status"], json!("ACTIVE"), "{}", told(&applied.diagnostics));
}
