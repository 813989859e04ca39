//! Pains 24 to 27: refusals that pass by themselves are waited out, real ones are told at once.

use serde_json::json;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use super::live;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

const CREATE: &str = "CreateExpressGatewayService";

fn refuse(workspace: &Workspace, operation: &str, code: &str, message: &str, times: u32) {
    let effect = FaultEffect::Fail { code: code.to_owned(), message: message.to_owned(), status: 400 };
    workspace.sandbox.add_fault(FaultRule::on(operation, effect).times(times)).expect("a valid rule");
}

/// Seconds from the first to each call of an operation.
fn seconds_of(workspace: &Workspace, operation: &str) -> Vec<u64> {
    let calls = live::calls_of(workspace, operation);
    calls.iter().map(|call| call.time.duration_since(calls[0].time).expect("later").as_secs()).collect()
}

#[tokio::test]
async fn roles_made_in_the_same_apply_need_no_sleep() {
    let mut workspace = Workspace::new().await;
    live::befall(&workspace, "iam-propagation:4");
    assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Create);
    assert_eq!(seconds_of(&workspace, CREATE), [0, 2, 6, 14, 29]);
}

#[tokio::test]
async fn every_refusal_that_passes_by_itself_is_asked_again_at_exact_times() {
    let refusals = [
        ("AccessDeniedException", "Cannot assume role arn:aws:iam::123456789012:role/infrastructure"),
        ("AccessDeniedException", "x is not authorized to perform: sts:AssumeRole on resource: y"),
        ("ClientException", "AWS was not able to validate the provided access credentials"),
        (
            "InvalidParameterException",
            "Unable to assume the service linked role. Please verify that it exists.",
        ),
        (
            "InvalidParameterException",
            "Found mixed subnet type: the subnets must be either all public or all private.",
        ),
    ];
    for (code, message) in refusals {
        let mut workspace = Workspace::new().await;
        refuse(&workspace, CREATE, code, message, 5);
        assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Create, "{message}");
        assert_eq!(seconds_of(&workspace, CREATE), [0, 2, 6, 14, 29, 44], "{message}");
    }
}

#[tokio::test]
async fn a_role_that_never_comes_is_told_after_three_minutes_not_after_the_timeout() {
    let mut workspace = Workspace::new().await;
    refuse(&workspace, CREATE, "AccessDeniedException", "Cannot assume role x", 1000);
    let applied = workspace.apply("app", &three_inputs()).await;
    assert!(applied.diagnostics.has_errors());
    assert!((150..=180).contains(&workspace.elapsed_seconds()), "{}", workspace.elapsed_seconds());
    assert!(workspace.state("app").is_none());
}

#[tokio::test]
async fn a_real_denial_is_told_at_once() {
    let denials = [
        "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecs:CreateExpressGatewayService",
        "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:PassRole on resource: z",
    ];
    for denial in denials {
        let mut workspace = Workspace::new().await;
        refuse(&workspace, CREATE, "AccessDeniedException", denial, 1000);
        let applied = workspace.apply("app", &three_inputs()).await;
        assert!(applied.diagnostics.iter().any(|diagnostic| diagnostic.detail.contains(denial)));
        assert_eq!((seconds_of(&workspace, CREATE), workspace.elapsed_seconds()), (vec![0], 0));
    }
}

#[tokio::test]
async fn throttling_is_outlasted_in_every_operation() {
    let operations = [
        CREATE,
        "UpdateExpressGatewayService",
        "DeleteExpressGatewayService",
        "DescribeExpressGatewayService",
        "ListServiceDeployments",
        "DescribeServiceDeployments",
        "DescribeServiceRevisions",
        "TagResource",
        "UntagResource",
    ];
    let mut workspace = Workspace::new().await;
    for operation in operations {
        workspace.sandbox.add_fault(FaultRule::on(operation, FaultEffect::Throttle).times(2)).expect("valid");
    }
    let config = with(&three_inputs(), "tags", json!({ "a": "1" }));
    workspace.applied("app", &config).await;
    let config = with(&with(&config, "health_check_path", "/up"), "tags", json!({ "b": "1" }));
    workspace.applied("app", &config).await;
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    assert!(workspace.sandbox.faults().iter().all(|fault| fault.applied == 2), "every fault struck");
}
