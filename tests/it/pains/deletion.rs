//! Pains 9 to 13: names that come back, creates that failed, deletions that take long or cannot end.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::world::World;

use super::live;
use crate::support::cloud::call;
use crate::support::values::summaries;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

fn named() -> Json {
    with(&three_inputs(), "service_name", "api")
}

fn delete_elsewhere(workspace: &Workspace, arn: &str) {
    call(&workspace.sandbox, Service::Ecs, "DeleteExpressGatewayService", json!({ "serviceArn": arn }));
}

fn status(workspace: &Workspace, arn: &str) -> Json {
    let input = json!({ "serviceArn": arn });
    let answer = call(&workspace.sandbox, Service::Ecs, "DescribeExpressGatewayService", input);
    answer["service"]["status"]["statusCode"].clone()
}

#[tokio::test]
async fn a_fixed_name_can_be_used_again_right_after_destroy() {
    let mut workspace = Workspace::new().await;
    for _ in 0..3 {
        assert_eq!(workspace.applied("app", &named()).await, Action::Create);
        let diagnostics = workspace.destroy("app").await;
        assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    }
}

#[tokio::test]
async fn a_fixed_name_survives_a_replacement() {
    let mut workspace = Workspace::new().await;
    let config = with(&named(), "task_role_arn", "arn:aws:iam::123456789012:role/task");
    workspace.applied("app", &config).await;
    assert_eq!(workspace.applied("app", &named()).await, Action::Replace);
    assert_eq!(workspace.attribute("app", "service_name"), json!("api"));
}

#[tokio::test]
async fn a_create_waits_for_the_draining_service_that_has_its_name() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let arn = live::arn(&workspace, "app");
    delete_elsewhere(&workspace, &arn);
    workspace.forget("app");
    let began = workspace.elapsed_seconds();
    assert_eq!(workspace.applied("app", &named()).await, Action::Create);
    assert_eq!(live::arn(&workspace, "app"), arn, "the ARN of a name comes back");
    assert!(workspace.elapsed_seconds() - began >= 85, "the old one drains for 85 seconds");
    assert_eq!(live::service(&workspace, "app")["status"]["statusCode"], json!("ACTIVE"));
}

#[tokio::test]
async fn a_plan_during_draining_announces_the_replacement_and_the_apply_carries_it_out() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    delete_elsewhere(&workspace, &live::arn(&workspace, "app"));
    let (action, diagnostics) = workspace.plan("app", &named()).await;
    assert_eq!((action, summaries(&diagnostics)), (Action::Replace, vec!["The service is being deleted"]));
    assert_eq!(workspace.applied("app", &named()).await, Action::Replace);
}

#[tokio::test]
async fn a_service_that_disappeared_is_made_again() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    delete_elsewhere(&workspace, &live::arn(&workspace, "app"));
    workspace.clock_advance(600).await;
    assert_eq!(workspace.plan("app", &named()).await.0, Action::Create);
    assert_eq!(workspace.applied("app", &named()).await, Action::Create);
}

#[tokio::test]
async fn a_failed_create_is_no_orphan_destroy_removes_it() {
    let mut workspace = Workspace::new().await;
    live::befall(&workspace, "image-not-found@image=nginx");
    let applied = workspace.apply("app", &named()).await;
    assert!(applied.diagnostics.has_errors() && workspace.is_tainted("app"));
    let arn = live::arn(&workspace, "app");
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    assert_eq!(status(&workspace, &arn), json!("INACTIVE"));
    live::relieve(&workspace);
    assert_eq!(workspace.applied("app", &named()).await, Action::Create);
}

#[tokio::test]
async fn destroy_returns_when_the_service_is_inactive_not_while_it_drains() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let (arn, began) = (live::arn(&workspace, "app"), workspace.elapsed_seconds());
    assert!(!workspace.destroy("app").await.has_errors());
    assert_eq!(status(&workspace, &arn), json!("INACTIVE"));
    assert!(workspace.elapsed_seconds() - began >= 85);
}

#[tokio::test]
async fn destroying_a_draining_service_joins_the_deletion() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let arn = live::arn(&workspace, "app");
    delete_elsewhere(&workspace, &arn);
    assert!(!workspace.destroy("app").await.has_errors());
    assert_eq!(status(&workspace, &arn), json!("INACTIVE"));
}

#[tokio::test]
async fn deleting_twice_at_once_succeeds_twice() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let arn = live::arn(&workspace, "app");
    let mut other = workspace.neighbour().await;
    assert!(!other.import("app", &arn).await.has_errors());
    let (left, right) = tokio::join!(workspace.destroy("app"), other.destroy("app"));
    assert!(!left.has_errors() && !right.has_errors(), "{left:#?} {right:#?}");
    assert_eq!(status(&workspace, &arn), json!("INACTIVE"));
    let again = workspace.destroy("app").await;
    assert!(again.is_empty(), "{again:#?}");
}

#[tokio::test]
async fn destroy_fails_early_with_the_way_out_when_the_role_went_first() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let arn = live::arn(&workspace, "app");
    live::befall(&workspace, "infrastructure-role-missing");
    let began = workspace.elapsed_seconds();
    let diagnostics = workspace.destroy("app").await;
    let expected = "Cannot delete service `api`: ECS cannot assume the infrastructure role";
    assert_eq!(summaries(&diagnostics), [expected]);
    let hints: Vec<_> = diagnostics.iter().flat_map(|diagnostic| diagnostic.hints.clone()).collect();
    assert!(hints.iter().any(|hint| hint.contains("depends_on")), "{hints:?}");
    assert!(workspace.elapsed_seconds() - began <= 180, "{}", workspace.elapsed_seconds() - began);
    assert!(workspace.state("app").is_some());
    live::relieve(&workspace);
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    assert_eq!(status(&workspace, &arn), json!("INACTIVE"));
}

#[tokio::test]
async fn a_deletion_longer_than_its_timeout_keeps_the_service_and_the_next_destroy_resumes() {
    let mut workspace = Workspace::new().await;
    let config = with(&named(), "timeouts", json!({ "delete": "30s" }));
    workspace.applied("app", &config).await;
    let began = workspace.elapsed_seconds();
    let diagnostics = workspace.destroy("app").await;
    assert_eq!(summaries(&diagnostics), ["Cannot delete service `api`: timed out"]);
    assert!(workspace.elapsed_seconds() - began <= 30);
    assert_eq!(workspace.attribute("app", "status"), json!("DRAINING"));
    workspace.clock_advance(60).await;
    assert!(!workspace.destroy("app").await.has_errors());
    assert!(workspace.state("app").is_none());
}

#[tokio::test]
async fn a_deletion_that_drains_for_half_an_hour_fits_the_default_timeout() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let (arn, sandbox) = (live::arn(&workspace, "app"), workspace.sandbox.clone());
    live::befall(&workspace, "draining-forever");
    workspace.sandbox.after_call("DescribeExpressGatewayService", 180, move |_| {
        sandbox.with_world(World::clear_scenarios);
    });
    let began = workspace.elapsed_seconds();
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    assert!(workspace.elapsed_seconds() - began >= 1500, "{}", workspace.elapsed_seconds() - began);
    assert_eq!(status(&workspace, &arn), json!("INACTIVE"));
}

#[tokio::test]
async fn a_security_group_that_ecs_leaves_behind_is_named() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let own = workspace.attribute("app", "infrastructure.service_security_group_ids")[0].clone();
    let ec2 = |operation: &str, input: Json| call(&workspace.sandbox, Service::Ec2, operation, input);
    let vpc = ec2("DescribeVpcs", json!({}))["Vpcs"][0]["VpcId"].clone();
    let group = ec2("CreateSecurityGroup", json!({ "GroupName": "db", "Description": "db", "VpcId": vpc }));
    let permission = json!({
        "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{ "GroupId": own }],
    });
    let input = json!({ "GroupId": group["GroupId"], "IpPermissions": [permission] });
    ec2("AuthorizeSecurityGroupIngress", input);
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    let expected = format!("aws ec2 delete-security-group --group-id {}", own.as_str().expect("an id"));
    assert!(diagnostics.iter().any(|it| it.detail.contains(&expected)), "{diagnostics:#?}");
}
