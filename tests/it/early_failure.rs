//! Deployments that cannot succeed are told soon, and what passes by itself is waited for; in both engines.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_express::clock::Clock;
use terraform_provider_express::framework::Diagnostics;
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::world::World;

use crate::data_sources::{ONE, found};
use crate::pains::live;
use crate::support::cloud::try_call;
use crate::support::values::summaries;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

/// Longest time from the first sign of a deployment to its early end.
const SOON_SECONDS: u64 = 120;

const ENGINES: [&str; 2] = ["managed", "composed"];

fn service(engine: &str) -> Json {
    with(&with(&three_inputs(), "engine", engine), "service_name", "api")
}

/// Seconds since the service was made, by its first deployment.
fn seconds_since_created(workspace: &Workspace) -> u64 {
    let calls = workspace.sandbox.calls();
    let is_create = |operation: &str| matches!(operation, "CreateExpressGatewayService" | "CreateService");
    let created = calls.iter().rev().find(|call| is_create(&call.operation)).expect("a create");
    Clock::now(&workspace.clock).duration_since(created.time).expect("time goes forward").as_secs()
}

fn error(diagnostics: &Diagnostics) -> String {
    diagnostics
        .iter()
        .last()
        .map(|told| format!("{}\n{}", told.summary, told.render_detail()))
        .unwrap_or_default()
}

async fn create_under(scenario: &str, engine: &str, provider: Json) -> (Workspace, Diagnostics) {
    let mut workspace = Workspace::with_provider(provider).await;
    live::befall(&workspace, scenario);
    let applied = workspace.apply("app", &service(engine)).await;
    (workspace, applied.diagnostics)
}

#[tokio::test]
async fn what_cannot_succeed_is_told_within_two_minutes() {
    let scenarios = ["image-not-found", "wrong-architecture"];
    for engine in ENGINES {
        for scenario in scenarios {
            if (engine, scenario) == ("managed", "wrong-architecture") {
                continue; // Express may run the image on its own processor.
            }
            let (workspace, diagnostics) = create_under(scenario, engine, json!({})).await;
            let told = error(&diagnostics);
            let summary = "Cannot create service `api`: its deployment cannot succeed\n";
            assert!(told.starts_with(summary), "{engine} {scenario}: {told}");
            assert_eq!(told.matches("Cause: ").count(), 1, "{told}");
            assert!(told.contains(&format!("({scenario})")), "{engine}: {told}");
            assert!(told.contains("`fail_early = false`"), "{told}");
            let seconds = seconds_since_created(&workspace);
            assert!(seconds <= SOON_SECONDS, "{engine} {scenario}: {seconds}");
            assert!(workspace.is_tainted("app"), "{engine} {scenario}: the service is in the state");
        }
    }
}

#[tokio::test]
async fn express_is_left_the_time_to_choose_the_processor_of_the_image() {
    let (mut workspace, diagnostics) = create_under("architecture-override", "managed", json!({})).await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    let live = found(&workspace, ONE, json!({ "service_name": "api" })).await;
    let rows = live["resources"].as_array().expect("rows").clone();
    let reason =
        rows.iter().find(|row| row["type"] == "task_definition").expect("a row")["status_reason"].clone();
    assert_eq!(reason, "Express runs the tasks on ARM64, because the image is built for it.");
    for cpu_architecture in [json!(null), json!("X86_64")] {
        let config = with(&service("managed"), "cpu_architecture", cpu_architecture);
        let (action, said) = workspace.plan("app", &config).await;
        assert_eq!((action, said), (Action::Nothing, Diagnostics::none()));
    }
    let (_, diagnostics) = create_under("wrong-architecture", "managed", json!({})).await;
    let told = error(&diagnostics);
    assert!(told.contains("(wrong-architecture)") && !told.contains("cannot succeed"), "{told}");
}

#[tokio::test]
async fn a_service_that_was_given_up_goes_on_when_the_cause_is_gone() {
    for engine in ENGINES {
        let (mut workspace, _) = create_under("image-not-found", engine, json!({})).await;
        live::relieve(&workspace);
        workspace.untaint("app");
        let action = workspace.applied("app", &service(engine)).await;
        assert!(matches!(action, Action::Nothing | Action::Update), "{engine}: {action:?}");
    }
}

#[tokio::test]
async fn an_update_that_cannot_succeed_leaves_the_old_revision_serving() {
    for engine in ENGINES {
        let mut workspace = Workspace::new().await;
        workspace.applied("app", &service(engine)).await;
        live::befall(&workspace, "image-not-found@image=bad");
        let bad = with(&service(engine), "primary_container", json!({ "image": "bad:1" }));
        let before = workspace.elapsed_seconds();
        let told = error(&workspace.apply("app", &bad).await.diagnostics);
        assert!(
            told.starts_with("Cannot update service `api`: its deployment cannot succeed\n"),
            "{engine}: {told}"
        );
        assert!(told.contains("goes back to the revision from before by itself"), "{told}");
        assert!(workspace.elapsed_seconds() - before <= SOON_SECONDS, "{engine}");
        workspace.clock_advance(1800).await;
        let (action, _) = workspace.plan("app", &service(engine)).await;
        assert_eq!(action, Action::Nothing, "{engine}: the old image serves, and nothing else is left");
    }
}

#[tokio::test]
async fn waiting_to_the_end_is_a_matter_of_one_argument() {
    for engine in ENGINES {
        let (workspace, diagnostics) =
            create_under("image-not-found", engine, json!({ "fail_early": false })).await;
        let told = summaries(&diagnostics).last().copied().unwrap_or_default().to_owned();
        assert!(!told.ends_with("its deployment cannot succeed"), "{engine}: {told}");
        let tasks = workspace.sandbox.calls().iter().filter(|call| call.operation == "ListTasks").count();
        assert!(tasks <= 1, "{engine}: nothing is read before the end");
    }
}

/// Ends the misfortune as soon as the first task has met it, seen every second past the provider.
fn relieve_after_first_task(workspace: &Workspace) {
    let (sandbox, clock) = (workspace.sandbox.clone(), workspace.clock.clone());
    tokio::spawn(async move {
        for _ in 0..1800 {
            Clock::sleep(&clock, Duration::from_secs(1)).await;
            let stopped =
                try_call(&sandbox, Service::Ecs, "ListTasks", json!({ "desiredStatus": "STOPPED" }));
            if stopped.is_ok_and(|answer| answer["taskArns"].as_array().is_some_and(|arns| !arns.is_empty()))
            {
                return sandbox.with_world(World::clear_scenarios);
            }
        }
    });
}

#[tokio::test]
async fn what_passes_by_itself_is_waited_for() {
    for engine in ENGINES {
        for scenario in ["execution-role-missing", "image-not-found"] {
            let mut workspace = Workspace::new().await;
            live::befall(&workspace, scenario);
            relieve_after_first_task(&workspace);
            let action = workspace.applied("app", &service(engine)).await;
            assert_eq!(action, Action::Create, "{engine} {scenario}");
            let stopped = live::calls_of(&workspace, "DescribeTasks").len();
            assert!(stopped > 0, "{engine} {scenario}: a task had failed before");
        }
    }
}

#[tokio::test]
async fn evidence_is_read_at_every_other_poll_only() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &service("managed")).await;
    let polls = live::calls_of(&workspace, "DescribeServiceDeployments").len();
    let looks = live::calls_of(&workspace, "ListTasks").len();
    assert!(looks > 2 && looks <= polls / 2 + 1, "{looks} looks in {polls} polls");
}
