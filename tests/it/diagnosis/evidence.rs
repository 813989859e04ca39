//! What is collected for an explanation, and what is not shown.

use serde_json::json;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use crate::support::values::told;
use crate::support::workspace::{Workspace, three_inputs, with};

/// A create that fails under a scenario: what the user is told.
async fn failed_create(workspace: &mut Workspace, scenario: &str, engine: &str) -> String {
    let rule = scenario.parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(rule));
    let config = with(&with(&three_inputs(), "service_name", "api"), "engine", engine);
    let container = json!({
        "image": "public.ecr.aws/nginx/nginx:1.28",
        "environment": { "HINT": "Process exited" },
    });
    let applied = workspace.apply("app", &with(&config, "primary_container", container)).await;
    assert!(applied.diagnostics.has_errors());
    told(&applied.diagnostics)
}

#[tokio::test]
async fn the_last_lines_of_the_failing_container_are_shown_without_values_of_its_environment() {
    for engine in ["managed", "composed"] {
        let mut workspace = Workspace::new().await;
        let told = failed_create(&mut workspace, "crash:3", engine).await;
        assert!(told.contains("Last lines of container Main (task "), "{told}");
        assert!(told.contains("  | [redacted] with code 3"), "{told}");
        assert!(!told.contains("Process exited"), "{told}");
    }
}

#[tokio::test]
async fn log_lines_can_be_turned_off() {
    let mut workspace = Workspace::with_provider(json!({ "diagnosis_log_lines": false })).await;
    let told = failed_create(&mut workspace, "crash:3", "managed").await;
    assert!(told.contains("exited with 3") && !told.contains("Last lines"), "{told}");
    assert!(workspace.sandbox.calls().iter().all(|call| call.operation != "GetLogEvents"));
}

#[tokio::test]
async fn evidence_that_is_denied_hides_neither_the_error_nor_other_evidence() {
    let mut workspace = Workspace::new().await;
    for operation in ["ListTasks", "DescribeTargetHealth", "GetLogEvents"] {
        let effect = FaultEffect::Fail {
            code: "AccessDeniedException".to_owned(),
            message: format!("User is not authorized to perform: {operation}"),
            status: 403,
        };
        let rule = FaultRule { times: u32::MAX, ..FaultRule::on(operation, effect) };
        workspace.sandbox.add_fault(rule).expect("a rule");
    }
    let told = failed_create(&mut workspace, "failing-health-check:404", "managed").await;
    assert!(told.contains("its deployment failed"), "{told}");
    assert!(told.contains("(failing-health-check)"), "{told}");
    let expected = "Could not be read: stopped tasks (ECS ListTasks: denied), target health (ELBv2 \
                    DescribeTargetHealth: denied).";
    assert!(told.contains(expected), "{told}");
}

#[tokio::test]
async fn evidence_that_does_not_come_is_given_up() {
    let mut workspace = Workspace::new().await;
    let effect = FaultEffect::Delay { seconds: 600.0, real: false };
    workspace.sandbox.add_fault(FaultRule::on("ListTasks", effect).times(u32::MAX)).expect("a rule");
    let told = failed_create(&mut workspace, "failing-health-check:404", "managed").await;
    assert!(told.contains("(failing-health-check)"), "{told}");
    assert!(told.contains("Could not be read: stopped tasks (no answer in time)"), "{told}");
}

#[tokio::test]
async fn an_explanation_takes_a_dozen_reads_at_most() {
    let mut workspace = Workspace::new().await;
    failed_create(&mut workspace, "crash:3", "managed").await;
    let calls = workspace.sandbox.calls();
    let last_poll =
        calls.iter().rposition(|call| call.operation == "UntagResource").expect("the marker goes");
    let reads: Vec<_> = calls[last_poll + 1..].iter().map(|call| call.operation.as_str()).collect();
    assert!((6..=12).contains(&reads.len()), "{reads:?}");
}
