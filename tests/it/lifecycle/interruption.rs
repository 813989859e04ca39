//! What happens to a service when the provider is stopped, or killed, in the middle of its create.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tokio::sync::Notify;

use crate::support::values::summaries;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

/// Starts an apply and kills the provider right after `operation` took effect; the state is lost.
async fn apply_killed_after(workspace: &mut Workspace, config: &Json, operation: &str) {
    let killed = Arc::new(Notify::new());
    let kill = Arc::clone(&killed);
    workspace.sandbox.after_call(operation, 0, move |_| kill.notify_one());
    tokio::select! {
        biased;
        () = killed.notified() => {}
        applied = workspace.apply("app", config) => panic!("was not killed: {applied:?}"),
    }
    workspace.forget("app");
    workspace.restart_provider().await;
}

fn created_services(workspace: &Workspace) -> usize {
    workspace.sandbox.calls().iter().filter(|call| call.operation == "CreateExpressGatewayService").count()
}

#[tokio::test]
async fn a_named_service_whose_create_was_killed_is_continued_not_doubled() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    apply_killed_after(&mut workspace, &config, "CreateExpressGatewayService").await;
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(created_services(&workspace), 1);
    assert_eq!(workspace.attribute("app", "service_name"), json!("api"));
    assert_eq!(workspace.attribute("app", "tags_all"), json!({}));
}

#[tokio::test]
async fn a_continued_service_gets_what_was_corrected_since() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    apply_killed_after(&mut workspace, &config, "CreateExpressGatewayService").await;
    let corrected = with(&config, "health_check_path", "/healthz");
    assert_eq!(workspace.applied("app", &corrected).await, Action::Create);
    assert_eq!(workspace.attribute("app", "health_check_path"), json!("/healthz"));
    assert_eq!(created_services(&workspace), 1);
}

#[tokio::test]
async fn an_unnamed_service_whose_create_was_killed_is_reported_and_can_be_imported() {
    let mut workspace = Workspace::new().await;
    apply_killed_after(&mut workspace, &three_inputs(), "CreateExpressGatewayService").await;
    let applied = workspace.apply("app", &three_inputs()).await;
    let [diagnostic] = &applied.diagnostics.iter().collect::<Vec<_>>()[..] else {
        panic!("one diagnostic: {:#?}", applied.diagnostics);
    };
    assert!(
        diagnostic.summary.starts_with("An interrupted apply left service `nginx-"),
        "{}",
        diagnostic.summary
    );
    assert_eq!(created_services(&workspace), 1);
    let import =
        diagnostic.hints.iter().find_map(|hint| hint.strip_prefix("keep it: terraform import <address> "));
    let arn = import.expect("the import command").to_owned();
    assert!(!workspace.import("app", &arn).await.has_errors());
    assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Update, "the marker is removed");
    let mut second = workspace.neighbour().await;
    assert_eq!(second.applied("app", &three_inputs()).await, Action::Create);
}

#[tokio::test]
async fn a_name_that_lives_elsewhere_is_refused_with_the_import_command() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    workspace.applied("app", &config).await;
    let mut neighbour = workspace.neighbour().await;
    let applied = neighbour.apply("app", &config).await;
    let told = summaries(&applied.diagnostics);
    assert_eq!(
        told,
        ["Service `api` exists already", "Service `api` already exists"],
        "by the plan, by the apply"
    );
    let hints = applied.diagnostics.iter().last().expect("the error").hints.clone();
    assert!(hints[0].starts_with("import it: terraform import <address> arn:aws:ecs:"), "{hints:?}");
    assert!(neighbour.state("app").is_none());
}

#[tokio::test]
async fn a_stopped_create_keeps_the_service_in_state() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    let stopped = Arc::new(Notify::new());
    let stop = Arc::clone(&stopped);
    workspace.sandbox.after_call("DescribeServiceDeployments", 2, move |_| stop.notify_one());
    let server = workspace.server();
    let waiting = tokio::spawn(async move {
        stopped.notified().await;
        server.stop();
    });
    let applied = workspace.apply("app", &config).await;
    waiting.await.expect("no panic");
    assert_eq!(summaries(&applied.diagnostics), ["The create of service `api` was stopped"]);
    assert!(!workspace.is_tainted("app"), "core says itself that it was stopped");
    assert!(workspace.attribute("app", "service_arn").as_str().is_some_and(|arn| arn.ends_with("/api")));
}

#[tokio::test]
async fn a_create_that_times_out_keeps_the_arn() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    let config = with(&config, "timeouts", json!({ "create": "60s" }));
    let applied = workspace.apply("app", &config).await;
    assert_eq!(summaries(&applied.diagnostics), ["Cannot create service `api`: timed out"]);
    assert!(workspace.is_tainted("app"));
    assert!(workspace.elapsed_seconds() <= 60, "{}", workspace.elapsed_seconds());
    assert!(workspace.attribute("app", "service_arn").as_str().is_some_and(|arn| arn.ends_with("/api")));
}

#[tokio::test]
async fn a_lost_answer_to_the_create_does_not_make_a_second_service() {
    use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};
    for config in [three_inputs(), with(&three_inputs(), "service_name", "api")] {
        let mut workspace = Workspace::new().await;
        let rule = FaultRule::on("CreateExpressGatewayService", FaultEffect::LoseReply);
        workspace.sandbox.add_fault(rule).expect("a valid rule");
        assert_eq!(workspace.applied("app", &config).await, Action::Create);
        assert_eq!(created_services(&workspace), 1);
    }
}
