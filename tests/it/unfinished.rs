//! What an apply that was cut short leaves, and what the next plan and apply make of it: both engines.
//!
//! The table is `diagnosis::interruptions`; `acceptance::interruption` plays it with a real core and real signals.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::{Diagnostic, Diagnostics, Severity};
use terraform_provider_express::sandbox::api::Service;
use tokio::sync::Notify;

use crate::composed::composed;
use crate::pains::live::{befall, calls_of, relieve};
use crate::support::cloud::call;
use crate::support::values::summaries;
use crate::support::workspace::{Action, Applied, Workspace, three_inputs, with};

const ENGINES: [&str; 2] = ["managed", "composed"];

fn config(engine: &str, image: &str) -> Json {
    let config = with(&composed("api"), "engine", engine);
    with(&config, "primary_container", json!({ "image": image }))
}

/// The call that an apply of an engine begins a deployment with.
fn deploying_call(engine: &str) -> &'static str {
    if engine == "composed" { "UpdateService" } else { "UpdateExpressGatewayService" }
}

/// Applies, and stops the provider as core does at Ctrl-C, right after so many calls of an operation.
async fn apply_stopped(workspace: &mut Workspace, config: &Json, operation: &str, skip: u32) -> Applied {
    let stopped = Arc::new(Notify::new());
    let stop = Arc::clone(&stopped);
    workspace.sandbox.after_call(operation, skip, move |_| stop.notify_one());
    let server = workspace.server();
    let waiting = tokio::spawn(async move {
        stopped.notified().await;
        server.stop();
    });
    let applied = workspace.apply("app", config).await;
    waiting.await.expect("no panic");
    applied
}

/// Applies, and kills core and provider right after an operation took effect. Terraform saves nothing.
async fn apply_killed(workspace: &mut Workspace, config: &Json, operation: &str) {
    // What is asked is what becomes of a call that took place, not of one that came too early.
    workspace.sandbox.show_at_once();
    let killed = Arc::new(Notify::new());
    let kill = Arc::clone(&killed);
    workspace.sandbox.after_call(operation, 0, move |_| kill.notify_one());
    tokio::select! {
        biased;
        () = killed.notified() => {}
        applied = workspace.apply("app", config) => panic!("was not killed: {applied:?}"),
    }
    workspace.restart_provider().await;
}

async fn running(engine: &str) -> Workspace {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &config(engine, "good:1")).await;
    workspace
}

fn task_counts(workspace: &Workspace) -> (i64, i64) {
    let input = json!({ "services": ["api"] });
    let answer = call(&workspace.sandbox, Service::Ecs, "DescribeServices", input);
    let service = &answer["services"][0];
    let count = |member: &str| service[member].as_i64().expect("a count");
    (count("desiredCount"), count("runningCount"))
}

fn error_of(said: &Diagnostics) -> &Diagnostic {
    said.iter().find(|one| one.severity == Severity::Error).expect("an error")
}

#[tokio::test]
async fn a_service_without_tasks_after_a_failed_create_is_never_green_and_is_brought_back() {
    for engine in ENGINES {
        let mut workspace = Workspace::new().await;
        befall(&workspace, "crash@image=bad");
        let applied = workspace.apply("app", &config(engine, "bad:1")).await;
        assert!(applied.diagnostics.has_errors(), "{engine}");
        workspace.clock_advance(3600).await;
        assert_eq!(task_counts(&workspace), (0, 0), "{engine}: the circuit breaker has ended it");
        workspace.untaint("app");
        let (action, said) = workspace.plan("app", &config(engine, "bad:1")).await;
        assert_eq!(action, Action::Update, "{engine}: the same configuration is no empty plan");
        assert!(summaries(&said).contains(&"Service `api` runs no task"), "{engine}: {said:#?}");
        let applied = workspace.apply("app", &config(engine, "bad:1")).await;
        assert!(applied.diagnostics.has_errors(), "{engine}: the same image fails again");
        workspace.clock_advance(3600).await;
        assert_eq!(workspace.applied("app", &config(engine, "good:1")).await, Action::Update, "{engine}");
        assert_eq!(task_counts(&workspace), (1, 1), "{engine}");
    }
}

#[tokio::test]
async fn a_parked_service_is_a_success_without_a_task_and_said_in_words() {
    let mut workspace = running("managed").await;
    let target = json!({
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": "service/default/api",
        "MinCapacity": 0,
        "MaxCapacity": 0,
    });
    call(&workspace.sandbox, Service::ApplicationAutoScaling, "RegisterScalableTarget", target);
    workspace.clock_advance(600).await;
    assert_eq!(task_counts(&workspace).0, 0);
    assert_eq!(workspace.plan("app", &config("managed", "good:1")).await.0, Action::Nothing);
}

#[tokio::test]
async fn the_deployment_of_a_stopped_update_shows_in_the_plan_and_the_next_apply_follows_it() {
    for engine in ENGINES {
        let mut workspace = running(engine).await;
        workspace.sandbox.clear_calls();
        let next = config(engine, "good:2");
        let applied = apply_stopped(&mut workspace, &next, "DescribeServiceDeployments", 2).await;
        assert_eq!(summaries(&applied.diagnostics), ["Cannot update service `api`: interrupted"], "{engine}");
        let (action, said) = workspace.plan("app", &next).await;
        assert_eq!(action, Action::Update, "{engine}");
        assert_eq!(summaries(&said), ["The last apply of service `api` has not ended"], "{engine}");
        assert_eq!(workspace.unknown_paths("app", &next).await, ["deployment.status"], "{engine}");
        let unwaited = with(&next, "wait_for_steady_state", false);
        // The flag is what changes then; nobody waits, so how the deployment ends is not known.
        assert_eq!(workspace.unknown_paths("app", &unwaited).await, ["deployment.status"], "{engine}");
        assert_eq!(workspace.applied("app", &next).await, Action::Update, "{engine}");
        assert_eq!(workspace.attribute("app", "deployment.status"), json!("SUCCESSFUL"), "{engine}");
        assert_eq!(
            calls_of(&workspace, deploying_call(engine)).len(),
            1,
            "{engine}: nothing was deployed again"
        );
        assert_eq!(
            workspace.attribute("app", "tags_all"),
            json!({}),
            "{engine}: marks are no tags of the user's"
        );
    }
}

#[tokio::test]
async fn the_next_apply_fails_if_the_deployment_of_the_stopped_one_fails() {
    for engine in ENGINES {
        let mut workspace = running(engine).await;
        befall(&workspace, "crash@image=bad");
        let bad = config(engine, "bad:1");
        apply_stopped(&mut workspace, &bad, "DescribeServiceDeployments", 3).await;
        let applied = workspace.apply("app", &bad).await;
        assert!(applied.diagnostics.has_errors(), "{engine}: {applied:#?}");
        workspace.clock_advance(3600).await;
        let (action, said) = workspace.plan("app", &bad).await;
        assert_eq!(action, Action::Update, "{engine}: the state holds what runs");
        assert!(!said.has_errors(), "{engine}: {said:#?}");
    }
}

#[tokio::test]
async fn a_deployment_that_failed_while_nobody_looked_is_told_with_its_reason() {
    for engine in ENGINES {
        let mut workspace = running(engine).await;
        befall(&workspace, "crash@image=bad");
        let bad = config(engine, "bad:1");
        apply_stopped(&mut workspace, &bad, "DescribeServiceDeployments", 3).await;
        workspace.clock_advance(3600).await;
        let (action, said) = workspace.plan("app", &bad).await;
        assert_eq!(action, Action::Update, "{engine}");
        assert_eq!(workspace.attribute("app", "primary_container.image"), json!("good:1"), "{engine}");
        let told = said.iter().find(|one| one.summary.contains("has failed")).expect("the reason is told");
        assert!(told.detail.contains("circuit breaker"), "{engine}: {}", told.detail);
        relieve(&workspace);
        assert_eq!(workspace.applied("app", &bad).await, Action::Update, "{engine}");
    }
}

#[tokio::test]
async fn an_update_that_was_killed_is_followed_by_its_mark() {
    for engine in ENGINES {
        let mut workspace = running(engine).await;
        let next = config(engine, "good:2");
        workspace.sandbox.clear_calls();
        apply_killed(&mut workspace, &next, deploying_call(engine)).await;
        workspace.clock_advance(30).await;
        assert_eq!(workspace.applied("app", &next).await, Action::Update, "{engine}: it is not out yet");
        assert_eq!(workspace.attribute("app", "deployment.status"), json!("SUCCESSFUL"), "{engine}");
        assert_eq!(calls_of(&workspace, deploying_call(engine)).len(), 1, "{engine}");
    }
}

#[tokio::test]
async fn a_deployment_of_somebody_else_is_shown_and_never_planned() {
    for engine in ENGINES {
        let mut workspace = running(engine).await;
        let input = json!({ "service": "api", "forceNewDeployment": true });
        call(&workspace.sandbox, Service::Ecs, "UpdateService", input);
        workspace.clock_advance(60).await;
        let (action, said) = workspace.plan("app", &config(engine, "good:1")).await;
        assert_eq!((action, summaries(&said)), (Action::Nothing, Vec::new()), "{engine}");
        assert_eq!(workspace.attribute("app", "deployment.status"), json!("IN_PROGRESS"), "{engine}");
    }
}

#[tokio::test]
async fn a_stopped_create_is_a_warning_and_the_next_apply_continues_it() {
    for engine in ENGINES {
        let mut workspace = Workspace::new().await;
        let good = config(engine, "good:1");
        let applied = apply_stopped(&mut workspace, &good, "DescribeServiceDeployments", 2).await;
        assert!(!applied.diagnostics.has_errors(), "{engine}: {applied:#?}");
        let told = summaries(&applied.diagnostics);
        assert!(told.contains(&"The create of service `api` was stopped"), "{engine}: {told:?}");
        assert!(!workspace.is_tainted("app"), "{engine}");
        assert_eq!(workspace.applied("app", &good).await, Action::Update, "{engine}");
        assert_eq!(workspace.attribute("app", "deployment.status"), json!("SUCCESSFUL"), "{engine}");
        assert_eq!(task_counts(&workspace), (1, 1), "{engine}");
    }
}

#[tokio::test]
async fn a_stopped_create_of_the_composed_engine_is_continued_from_any_part() {
    for operation in ["CreateSecurityGroup", "CreateLoadBalancer", "CreateService"] {
        let mut workspace = Workspace::new().await;
        workspace.sandbox.show_at_once();
        let good = config("composed", "good:1");
        let applied = apply_stopped(&mut workspace, &good, operation, 0).await;
        assert!(!applied.diagnostics.has_errors(), "{operation}: {applied:#?}");
        assert_eq!(workspace.applied("app", &good).await, Action::Update, "{operation}");
        assert_eq!(workspace.attribute("app", "status"), json!("ACTIVE"), "{operation}");
        assert!(workspace.attribute("app", "url").is_string(), "{operation}");
    }
}

#[tokio::test]
async fn a_create_that_timed_out_is_followed_after_untaint() {
    for engine in ENGINES {
        let mut workspace = Workspace::new().await;
        let good = config(engine, "good:1");
        let hasty = with(&good, "timeouts", json!({ "create": "60s" }));
        let applied = workspace.apply("app", &hasty).await;
        let error = error_of(&applied.diagnostics);
        assert_eq!(error.summary, "Cannot create service `api`: timed out", "{engine}");
        let names_untaint = |hint: &String| hint.contains("would replace it: `terraform untaint <address>`");
        assert!(error.hints.iter().any(names_untaint), "{engine}: {:?}", error.hints);
        assert!(workspace.is_tainted("app"), "{engine}");
        workspace.untaint("app");
        assert_eq!(workspace.applied("app", &hasty).await, Action::Update, "{engine}");
        assert_eq!(workspace.attribute("app", "deployment.status"), json!("SUCCESSFUL"), "{engine}");
    }
}

#[tokio::test]
async fn a_mark_counts_for_a_day() {
    for engine in ENGINES {
        let begin = if engine == "composed" { "CreateService" } else { "CreateExpressGatewayService" };
        for (hours, is_continued) in [(23, true), (25, false)] {
            let mut workspace = Workspace::new().await;
            let good = config(engine, "good:1");
            apply_killed(&mut workspace, &good, begin).await;
            workspace.forget("app");
            workspace.clock_advance(hours * 3600).await;
            let applied = workspace.apply("app", &good).await;
            if is_continued {
                assert!(!applied.diagnostics.has_errors(), "{engine}: {applied:#?}");
            } else {
                let error = error_of(&applied.diagnostics);
                assert_eq!(error.summary, "Service `api` already exists", "{engine}");
                assert!(error.hints[0].starts_with("import it: terraform import <address> "), "{engine}");
            }
        }
    }
}

#[tokio::test]
async fn an_unnamed_create_of_the_composed_engine_that_was_killed_is_reported_and_can_be_continued() {
    for operation in ["CreateTargetGroup", "CreateService"] {
        let mut workspace = Workspace::new().await;
        let unnamed = with(&three_inputs(), "engine", "composed");
        apply_killed(&mut workspace, &unnamed, operation).await;
        workspace.forget("app");
        let applied = workspace.apply("app", &unnamed).await;
        let error = error_of(&applied.diagnostics);
        assert!(error.summary.starts_with("An interrupted apply left service `nginx-"), "{}", error.summary);
        let import =
            error.hints.iter().find_map(|hint| hint.strip_prefix("keep it: terraform import <address> "));
        let arn = import.expect("the import command").to_owned();
        let imported = workspace.import("app", &arn).await;
        assert!(!imported.has_errors(), "{operation}: {imported:#?}");
        assert_eq!(workspace.applied("app", &unnamed).await, Action::Update, "{operation}");
        assert_eq!(workspace.attribute("app", "service_arn"), json!(arn), "{operation}");
        let mut neighbour = workspace.neighbour().await;
        assert_eq!(neighbour.applied("app", &unnamed).await, Action::Create, "{operation}: the mark is gone");
    }
}

/// Of what was made last nothing shows yet, so that the next create cannot see that it is not the first.
#[tokio::test]
async fn an_unnamed_create_that_was_killed_at_its_first_part_is_not_doubled_a_moment_later() {
    for operation in ["CreateSecurityGroup", "CreateTargetGroup", "CreateLoadBalancer"] {
        let mut workspace = Workspace::new().await;
        let unnamed = with(&three_inputs(), "engine", "composed");
        let killed = Arc::new(Notify::new());
        let kill = Arc::clone(&killed);
        workspace.sandbox.after_call(operation, 0, move |_| kill.notify_one());
        tokio::select! {
            biased;
            () = killed.notified() => {}
            applied = workspace.apply("app", &unnamed) => panic!("was not killed: {applied:?}"),
        }
        workspace.forget("app");
        workspace.restart_provider().await;
        workspace.clock_advance(1).await;
        let applied = workspace.apply("app", &unnamed).await;
        let error = error_of(&applied.diagnostics);
        assert!(error.summary.starts_with("An interrupted apply left service `nginx-"), "{}", error.summary);
        assert!(workspace.state("app").is_none(), "{operation}");
        workspace.clock_advance(60).await;
        let groups = call(&workspace.sandbox, Service::Ec2, "DescribeSecurityGroups", json!({}));
        let ours = groups["SecurityGroups"].as_array().expect("groups").iter();
        let marked = ours.filter(|group| group["Tags"].to_string().contains(":creating"));
        assert_eq!(marked.count(), 1, "{operation}: the second one took back what it had made");
        let services = call(&workspace.sandbox, Service::Ecs, "ListServices", json!({}));
        assert_eq!(services["serviceArns"], json!([]), "{operation}");
    }
}

#[tokio::test]
async fn a_create_that_was_stopped_at_its_first_part_is_continued_a_moment_later() {
    for name in [None, Some("api")] {
        let mut workspace = Workspace::new().await;
        let config = with(&three_inputs(), "engine", "composed");
        let config = name.map_or(config.clone(), |name| with(&config, "service_name", name));
        let applied = apply_stopped(&mut workspace, &config, "CreateSecurityGroup", 0).await;
        assert!(!applied.diagnostics.has_errors(), "{applied:#?}");
        let arn = workspace.attribute("app", "service_arn");
        assert_eq!(workspace.applied("app", &config).await, Action::Update, "{name:?}");
        assert_eq!(workspace.attribute("app", "service_arn"), arn, "{name:?}: one service, not two");
        assert_eq!(workspace.attribute("app", "status"), json!("ACTIVE"), "{name:?}");
    }
}

#[tokio::test]
async fn a_timeout_ends_at_its_deadline_and_tells_no_cause_without_evidence() {
    for domain in [json!(null), json!({ "hosted_zone": "example.com" })] {
        for engine in ENGINES {
            if engine == "managed" && !domain.is_null() {
                continue;
            }
            let mut workspace = Workspace::new().await;
            let hasty = with(&config(engine, "good:1"), "timeouts", json!({ "create": "120s" }));
            let hasty = with(&hasty, "domain", domain.clone());
            let applied = workspace.apply("app", &hasty).await;
            let error = error_of(&applied.diagnostics);
            assert_eq!(error.summary, "Cannot create service `api`: timed out", "{engine}");
            assert!(!error.detail.contains("Cause: "), "{engine}: {}", error.detail);
            assert_eq!(workspace.elapsed_seconds(), 120, "{engine} {domain}");
        }
    }
}

#[tokio::test]
async fn what_failed_before_an_apply_is_no_cause_of_its_timeout() {
    for engine in ENGINES {
        let mut workspace = running(engine).await;
        befall(&workspace, "crash@image=bad");
        workspace.apply("app", &config(engine, "bad:1")).await;
        workspace.clock_advance(3600).await;
        relieve(&workspace);
        workspace.restart_provider().await;
        let hasty = with(&config(engine, "good:2"), "timeouts", json!({ "update": "60s" }));
        let applied = workspace.apply("app", &hasty).await;
        let error = error_of(&applied.diagnostics);
        assert_eq!(error.summary, "Cannot update service `api`: timed out", "{engine}");
        assert!(!error.detail.contains("Cause: "), "{engine}: {}", error.detail);
    }
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_told_once_and_within_two_minutes() {
    for engine in ENGINES {
        let mut workspace = Workspace::new().await;
        befall(&workspace, "infrastructure-role-missing");
        let applied = workspace.apply("app", &config(engine, "good:1")).await;
        let error = error_of(&applied.diagnostics);
        let told = error.render_detail();
        assert!(told.contains("(infrastructure-role-missing)"), "{engine}: {told}");
        assert_eq!(told.matches("nable to assume").count(), 1, "{engine}: {told}");
        // Taking back what a composed service has already takes its own time.
        let operation = if engine == "composed" { "CreateService" } else { "DescribeServiceDeployments" };
        let calls = workspace.sandbox.calls();
        let mut times = calls.iter().filter(|call| call.operation == operation).map(|call| call.time);
        let first = times.next().expect("a call");
        let waited = times.next_back().map_or(0, |last| last.duration_since(first).expect("later").as_secs());
        assert!((60..=120).contains(&waited), "{engine}: {waited}");
        for name in ["_state", "ecs_service", "deployment.", "target_groups"] {
            assert!(!told.contains(name), "{engine}: {told}");
        }
    }
}

#[tokio::test]
async fn a_stopped_destroy_says_to_destroy_again() {
    for engine in ENGINES {
        let mut workspace = running(engine).await;
        let stopped = Arc::new(Notify::new());
        let stop = Arc::clone(&stopped);
        let operation = if engine == "composed" { "DeleteService" } else { "DeleteExpressGatewayService" };
        workspace.sandbox.after_call(operation, 0, move |_| stop.notify_one());
        let server = workspace.server();
        let waiting = tokio::spawn(async move {
            stopped.notified().await;
            server.stop();
        });
        let said = workspace.destroy("app").await;
        waiting.await.expect("no panic");
        let error = said.iter().last().expect("an error");
        assert_eq!(error.summary, "Cannot delete service `api`: interrupted", "{engine}");
        assert!(error.hints[0].starts_with("destroy again:"), "{engine}: {:?}", error.hints);
        assert!(!workspace.destroy("app").await.has_errors(), "{engine}");
        assert!(workspace.state("app").is_none(), "{engine}");
    }
}

#[tokio::test]
async fn without_waiting_a_create_still_waits_for_its_endpoint() {
    let mut workspace = Workspace::new().await;
    befall(&workspace, "late-endpoint");
    let unwaited = with(&config("managed", "good:1"), "wait_for_steady_state", false);
    workspace.applied("app", &unwaited).await;
    assert!(workspace.attribute("app", "url").is_string());
    assert!((20..60).contains(&workspace.elapsed_seconds()), "{}", workspace.elapsed_seconds());
}

#[tokio::test]
async fn a_role_that_was_just_made_is_waited_for_and_an_old_one_is_told() {
    let mut workspace = Workspace::new().await;
    befall(&workspace, "infrastructure-role-propagation");
    assert_eq!(workspace.applied("app", &config("managed", "good:1")).await, Action::Create);
    assert!(workspace.elapsed_seconds() > 150);
    let mut workspace = Workspace::new().await;
    befall(&workspace, "infrastructure-role-denied");
    let applied = workspace.apply("app", &config("managed", "good:1")).await;
    let error = error_of(&applied.diagnostics);
    assert_eq!(error.summary, "Cannot create service `api`: its deployment does not get on");
    assert!(!error.detail.contains("cannot pass"), "{}", error.detail);
    assert!(error.hints.iter().any(|hint| hint.contains("delete the service and create it anew")));
    assert!(workspace.elapsed_seconds() < 180);
}

#[tokio::test]
async fn a_paused_deployment_is_told_with_hook_stage_end_and_command() {
    for engine in ENGINES {
        let mut workspace = running(engine).await;
        let hook = json!({
            "targetType": "PAUSE",
            "lifecycleStages": ["POST_SCALE_UP"],
            "timeoutConfiguration": { "timeoutInMinutes": 600, "action": "ROLLBACK" },
        });
        let input = json!({ "service": "api", "deploymentConfiguration": { "lifecycleHooks": [hook] } });
        call(&workspace.sandbox, Service::Ecs, "UpdateService", input);
        let hasty = with(&config(engine, "good:2"), "timeouts", json!({ "update": "20m" }));
        let applied = workspace.apply("app", &hasty).await;
        let error = error_of(&applied.diagnostics);
        assert_eq!(error.summary, "Cannot update service `api`: timed out", "{engine}");
        for part in ["paused by hook", "at POST_SCALE_UP until 2026-", "aws ecs continue-service-deployment"]
        {
            assert!(error.detail.contains(part), "{engine}: {}", error.detail);
        }
    }
}

#[tokio::test]
async fn a_change_of_scaling_alone_is_followed_where_it_deploys_and_over_at_once_where_it_does_not() {
    for (scenario, deployments) in [(None, 2), (Some("scaling-in-place"), 1)] {
        let mut workspace = running("managed").await;
        if let Some(scenario) = scenario {
            befall(&workspace, scenario);
        }
        let began = workspace.elapsed_seconds();
        let scaled = with(&config("managed", "good:1"), "scaling_target", json!({ "min_task_count": 2 }));
        assert_eq!(workspace.applied("app", &scaled).await, Action::Update);
        let listed =
            call(&workspace.sandbox, Service::Ecs, "ListServiceDeployments", json!({ "service": "api" }));
        assert_eq!(listed["serviceDeployments"].as_array().unwrap().len(), deployments, "{scenario:?}");
        assert_eq!(workspace.attribute("app", "deployment.status"), json!("SUCCESSFUL"));
        assert_eq!(task_counts(&workspace), (2, 2), "{scenario:?}");
        let took = Duration::from_secs(workspace.elapsed_seconds() - began);
        assert!(deployments == 2 || took < Duration::from_secs(400), "{took:?}");
    }
}
