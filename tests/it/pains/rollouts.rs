//! Pains 16, 17 and 18: an apply is green only if its own deployment won, and the state tells what really runs.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::live;
use crate::support::cloud::call;
use crate::support::values::summaries;
use crate::support::workspace::{Action, Applied, Workspace, three_inputs, with};

const OLD_IMAGE: &str = "public.ecr.aws/nginx/nginx:1.28";
const ROLLED_BACK: &str = "Cannot update service `api`: its deployment was rolled back";

fn named() -> Json {
    with(&three_inputs(), "service_name", "api")
}

fn with_image(config: &Json, image: &str) -> Json {
    with(config, "primary_container", json!({ "image": image }))
}

/// A running service, and the outcome of an update to the image `bad:1` under a scenario.
async fn failed_update(scenario: &str) -> (Workspace, Applied) {
    let mut workspace = Workspace::with_provider(json!({ "fail_early": false })).await;
    workspace.applied("app", &named()).await;
    live::befall(&workspace, scenario);
    let applied = workspace.apply("app", &with_image(&named(), "bad:1")).await;
    (workspace, applied)
}

/// The old revision serves, the state says so, the next plan shows the difference, and a good image heals.
async fn check_truth(mut workspace: Workspace) {
    let live = live::configuration(&workspace, "app");
    assert_eq!(live["primaryContainer"]["image"], json!(OLD_IMAGE));
    assert_eq!(workspace.attribute("app", "primary_container.image"), json!(OLD_IMAGE));
    assert_eq!(workspace.attribute("app", "service_revision_arn"), live["serviceRevisionArn"]);
    assert_eq!(workspace.attribute("app", "deployment.status"), json!("SUCCESSFUL"));
    assert!(!workspace.is_tainted("app"));
    assert_eq!(workspace.plan("app", &with_image(&named(), "bad:1")).await.0, Action::Update);
    assert_eq!(workspace.plan("app", &named()).await.0, Action::Nothing);
    live::relieve(&workspace);
    assert_eq!(workspace.applied("app", &with_image(&named(), "good:1")).await, Action::Update);
}

#[tokio::test]
async fn apply_fails_and_names_the_alarm_when_it_rolls_the_deployment_back() {
    let (workspace, applied) = failed_update("alarm@image=bad").await;
    assert_eq!(summaries(&applied.diagnostics), [ROLLED_BACK]);
    let detail = detail(&applied);
    assert!(detail.contains("Alarms that went off: default/api/RollbackAlarm"), "{detail}");
    check_truth(workspace).await;
}

#[tokio::test]
async fn apply_fails_with_the_reason_and_the_old_revision_stays_when_the_new_one_cannot_start() {
    let cases = [
        ("image-not-found", "CannotPullContainerError"),
        ("wrong-architecture", "does not contain descriptor matching platform 'linux/amd64'"),
        ("failing-health-check:500", "Health checks failed with these codes: [500]"),
        ("crash:137", "exited with 137"),
        ("execution-role-missing", "unable to assume the role"),
    ];
    for (scenario, words) in cases {
        let (workspace, applied) = failed_update(&format!("{scenario}@image=bad")).await;
        assert_eq!(summaries(&applied.diagnostics), [ROLLED_BACK], "{scenario}");
        let detail = detail(&applied);
        assert!(detail.contains("circuit breaker"), "{scenario}: {detail}");
        assert!(detail.contains(words), "{scenario}: {detail}");
        check_truth(workspace).await;
    }
}

fn detail(applied: &Applied) -> String {
    applied.diagnostics.iter().map(|diagnostic| diagnostic.detail.clone()).collect()
}

#[tokio::test]
async fn apply_fails_when_somebody_stops_its_deployment() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let (sandbox, service) = (workspace.sandbox.clone(), live::arn(&workspace, "app"));
    workspace.sandbox.clear_calls();
    workspace.sandbox.after_call("DescribeServiceDeployments", 6, move |_| {
        let mut listed =
            call(&sandbox, Service::Ecs, "ListServiceDeployments", json!({ "service": service }));
        let arn = listed["serviceDeployments"][0]["serviceDeploymentArn"].take();
        let input = json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" });
        call(&sandbox, Service::Ecs, "StopServiceDeployment", input);
    });
    let applied = workspace.apply("app", &with_image(&named(), "bad:1")).await;
    assert_eq!(summaries(&applied.diagnostics), [ROLLED_BACK]);
    assert!(detail(&applied).contains("StopServiceDeployment request"), "{}", detail(&applied));
    check_truth(workspace).await;
}

#[tokio::test]
async fn a_first_deployment_that_fails_keeps_the_service_and_a_correction_heals_it() {
    let mut workspace = Workspace::new().await;
    live::befall(&workspace, "crash@image=bad");
    let bad = with_image(&named(), "bad:1");
    let applied = workspace.apply("app", &bad).await;
    let expected = "Cannot create service `api`: its deployment failed and could not be rolled back";
    assert_eq!(summaries(&applied.diagnostics), [expected]);
    assert!(workspace.is_tainted("app"));
    assert_eq!(workspace.attribute("app", "primary_container.image"), json!("bad:1"));
    workspace.untaint("app");
    assert_eq!(workspace.applied("app", &with_image(&named(), "good:1")).await, Action::Update);
}

/// Seconds between the update and each call of an operation after it.
fn seconds_after_update(workspace: &Workspace, operation: &str) -> Vec<u64> {
    let update = live::calls_of(workspace, "UpdateExpressGatewayService").pop().expect("an update");
    let later =
        live::calls_of(workspace, operation).into_iter().filter(|call| call.sequence > update.sequence);
    later.map(|call| call.time.duration_since(update.time).expect("later").as_secs()).collect()
}

#[tokio::test]
async fn a_deployment_is_polled_at_exact_times_and_its_end_is_noticed_within_ten_seconds() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    workspace.sandbox.clear_calls();
    let applied = workspace.apply("app", &with_image(&named(), "api:2")).await;
    assert!(!applied.diagnostics.has_errors(), "{:#?}", applied.diagnostics);
    let looks = seconds_after_update(&workspace, "ListServiceDeployments");
    assert_eq!(looks[..5], [0, 1, 2, 4, 7], "it shows after five seconds");
    let polls = seconds_after_update(&workspace, "DescribeServiceDeployments");
    assert_eq!(polls[..9], [7, 8, 9, 11, 14, 19, 27, 37, 47]);
    assert!(polls[7..].windows(2).all(|pair| pair[1] - pair[0] == 10), "{polls:?}");
    let deployment = live::deployments(&workspace, "app").remove(0);
    let took =
        deployment["finishedAt"].as_f64().expect("seconds") - deployment["createdAt"].as_f64().expect("s");
    let last = polls.last().copied().expect("a poll");
    assert!(
        (Duration::from_secs_f64(took)..Duration::from_secs_f64(took + 10.0 + 5.0))
            .contains(&Duration::from_secs(last))
    );
}

#[tokio::test]
async fn a_rollback_is_noticed_by_the_same_polls() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    live::befall(&workspace, "alarm@image=bad");
    workspace.sandbox.clear_calls();
    workspace.apply("app", &with_image(&named(), "bad:1")).await;
    let polls = seconds_after_update(&workspace, "DescribeServiceDeployments");
    assert_eq!(polls[..9], [7, 8, 9, 11, 14, 19, 27, 37, 47]);
    // Canary traffic from about second 190, the alarm after 130 more, a rollback of 45.
    assert_eq!(polls.last(), Some(&377));
}

#[tokio::test]
async fn an_apply_waits_for_somebody_elses_deployment_before_it_changes_anything() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let input =
        json!({ "serviceArn": live::arn(&workspace, "app"), "primaryContainer": { "image": "ci:7" } });
    call(&workspace.sandbox, Service::Ecs, "UpdateExpressGatewayService", input);
    workspace.clock_advance(20).await;
    assert_eq!(workspace.applied("app", &with(&named(), "health_check_path", "/up")).await, Action::Update);
    let live = live::configuration(&workspace, "app");
    assert_eq!(live["primaryContainer"]["image"], json!(OLD_IMAGE));
    assert_eq!(live["healthCheckPath"], json!("/up"));
    let deployments = live::deployments(&workspace, "app");
    let statuses: Vec<_> = deployments.iter().map(|deployment| &deployment["status"]).collect();
    assert_eq!(statuses, ["SUCCESSFUL"; 3], "none was cut short");
}

#[tokio::test]
async fn an_apply_that_may_not_wait_long_enough_changes_nothing_and_says_who_is_busy() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let input =
        json!({ "serviceArn": live::arn(&workspace, "app"), "primaryContainer": { "image": "ci:7" } });
    call(&workspace.sandbox, Service::Ecs, "UpdateExpressGatewayService", input);
    workspace.clock_advance(20).await;
    let config = with(&with(&named(), "timeouts", json!({ "update": "60s" })), "health_check_path", "/up");
    let applied = workspace.apply("app", &config).await;
    assert_eq!(
        summaries(&applied.diagnostics),
        ["Cannot update service `api`: another deployment is running"]
    );
    assert!(live::calls_of(&workspace, "UpdateExpressGatewayService").is_empty());
}

#[tokio::test]
async fn without_waiting_an_apply_returns_at_once_and_the_next_one_follows_its_deployment() {
    let mut workspace = Workspace::new().await;
    let quick = with(&named(), "wait_for_steady_state", false);
    assert_eq!(workspace.applied("app", &quick).await, Action::Create);
    assert!(workspace.elapsed_seconds() <= 10, "{}", workspace.elapsed_seconds());
    workspace.clock_advance(600).await;
    let began = workspace.elapsed_seconds();
    assert_eq!(workspace.applied("app", &with_image(&quick, "api:2")).await, Action::Update);
    assert!(workspace.elapsed_seconds() - began <= 10);
    assert_eq!(workspace.attribute("app", "primary_container.image"), json!("api:2"), "a plan stays quiet");
    assert_ne!(workspace.attribute("app", "deployment.status"), json!("SUCCESSFUL"));
    let patient = with(&with_image(&quick, "api:2"), "wait_for_steady_state", true);
    assert_eq!(workspace.applied("app", &patient).await, Action::Update);
    workspace.refresh("app").await;
    assert_eq!(workspace.attribute("app", "deployment.status"), json!("SUCCESSFUL"));
    assert_eq!(live::deployments(&workspace, "app").len(), 2);
}

#[tokio::test]
async fn a_local_clock_that_is_hours_off_still_finds_its_own_deployment() {
    let mut workspace = Workspace::new().await;
    workspace.sandbox.advance(Duration::from_secs(7200));
    workspace.applied("app", &named()).await;
    let began = workspace.elapsed_seconds();
    assert_eq!(workspace.applied("app", &with_image(&named(), "api:2")).await, Action::Update);
    assert!(workspace.elapsed_seconds() - began < 900);
    assert_eq!(workspace.attribute("app", "deployment.status"), json!("SUCCESSFUL"));
}

#[tokio::test]
async fn two_updates_at_once_are_one_success_and_one_clear_error() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let mut other = workspace.neighbour().await;
    assert!(!other.import("app", &live::arn(&workspace, "app")).await.has_errors());
    let (left, right) = (with_image(&named(), "left:1"), with_image(&named(), "right:1"));
    let (first, second) = tokio::join!(workspace.apply("app", &left), other.apply("app", &right));
    let live_image = live::configuration(&workspace, "app")["primaryContainer"]["image"].take();
    for (workspace, config, applied) in [(&mut workspace, &left, first), (&mut other, &right, second)] {
        let has_won = config["primary_container"]["image"] == live_image;
        let expected = if has_won { Action::Nothing } else { Action::Update };
        assert_eq!(workspace.plan("app", config).await.0, expected);
        let lost = ["Cannot update service `api`: another deployment came in between"];
        assert_eq!(summaries(&applied.diagnostics), if has_won { &lost[..0] } else { &lost[..] });
    }
}

#[tokio::test]
async fn an_apply_that_somebody_overtakes_fails_and_the_state_tells_whose_revision_runs() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &named()).await;
    let (sandbox, service) = (workspace.sandbox.clone(), live::arn(&workspace, "app"));
    workspace.sandbox.after_call("DescribeServiceDeployments", 4, move |_| {
        let input = json!({ "serviceArn": service, "primaryContainer": { "image": "ci:7" } });
        call(&sandbox, Service::Ecs, "UpdateExpressGatewayService", input);
    });
    let applied = workspace.apply("app", &with_image(&named(), "mine:1")).await;
    assert_eq!(summaries(&applied.diagnostics), ["Cannot update service `api`: its deployment was stopped"]);
    assert!(detail(&applied).contains("a newer deployment was started"), "{}", detail(&applied));
    assert_eq!(workspace.attribute("app", "primary_container.image"), json!("ci:7"));
    assert_eq!(workspace.applied("app", &with_image(&named(), "mine:1")).await, Action::Update);
}
