//! Two hundred services in one run, ten at a time as Terraform does it, while AWS takes no requests for a minute.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::Diagnostics;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::support::cloud::list_service_arns;
use crate::support::workspace::{Workspace, three_inputs, with};

/// Terraform's `-parallelism`.
const PARALLELISM: usize = 10;
const SERVICES: usize = 200;
/// Repetitions that the reference of `max_retries` promises when nothing is configured.
const MAX_RETRIES: usize = 9;

fn configured(number: usize) -> Json {
    with(&three_inputs(), "service_name", format!("app{number}"))
}

/// Plans and applies them all; what the user is told.
async fn apply_all(workspace: &Arc<Workspace>) -> Diagnostics {
    let places = Arc::new(Semaphore::new(PARALLELISM));
    let mut tasks = JoinSet::new();
    for number in 0..SERVICES {
        let (workspace, places) = (Arc::clone(workspace), Arc::clone(&places));
        tasks.spawn(async move {
            let _place = places.acquire_owned().await.expect("never closed");
            workspace.apply_anew(format!("app{number}"), configured(number)).await
        });
    }
    let mut said = Diagnostics::none();
    for one in tasks.join_all().await {
        said.extend(one);
    }
    said
}

/// A minute in which every call fails in this way, from the first on.
async fn outage(effect: FaultEffect) -> Arc<Workspace> {
    let workspace = Workspace::with_provider(json!({ "preflight": "off" })).await;
    workspace.sandbox.add_fault(FaultRule::always(effect).seconds(60.0)).expect("a valid rule");
    Arc::new(workspace)
}

fn effects() -> [FaultEffect; 3] {
    let unavailable = FaultEffect::Fail {
        code: "ServiceUnavailable".to_owned(),
        message: "Service Unavailable".to_owned(),
        status: 503,
    };
    [FaultEffect::Throttle, FaultEffect::ServerError, unavailable]
}

#[tokio::test]
async fn two_hundred_services_are_applied_through_a_minute_of_throttling_and_of_server_errors() {
    for effect in effects() {
        let workspace = outage(effect.clone()).await;
        let said = apply_all(&workspace).await;
        assert!(!said.has_errors(), "{effect:?}: {said:#?}");
        let created = workspace
            .sandbox
            .calls()
            .into_iter()
            .filter(|call| call.operation == "CreateExpressGatewayService" && call.fault_id.is_none());
        assert_eq!(created.count(), SERVICES, "{effect:?}");
    }
}

#[tokio::test]
async fn two_hundred_services_are_planned_through_a_minute_of_throttling_and_of_server_errors() {
    let made = Arc::new(Workspace::with_provider(json!({ "preflight": "off" })).await);
    assert!(!apply_all(&made).await.has_errors());
    let mut workspace = made.fork().await;
    for (number, arn) in list_service_arns(&workspace.sandbox).iter().enumerate() {
        let said = workspace.import(&format!("app{number}"), arn).await;
        assert!(!said.has_errors(), "{said:#?}");
    }
    for effect in effects() {
        let workspace = workspace.fork().await;
        let rule = FaultRule::always(effect.clone()).seconds(60.0);
        workspace.sandbox.add_fault(rule).expect("a valid rule");
        let said = refresh_all(workspace).await;
        assert!(!said.has_errors(), "{effect:?}: {said:#?}");
    }
}

async fn refresh_all(workspace: Workspace) -> Diagnostics {
    let workspace = Arc::new(workspace);
    let places = Arc::new(Semaphore::new(PARALLELISM));
    let mut tasks = JoinSet::new();
    for number in 0..SERVICES {
        let (workspace, places) = (Arc::clone(&workspace), Arc::clone(&places));
        tasks.spawn(async move {
            let _place = places.acquire_owned().await.expect("never closed");
            workspace.look_again(&format!("app{number}")).await
        });
    }
    let mut said = Diagnostics::none();
    for one in tasks.join_all().await {
        said.extend(one);
    }
    said
}

#[tokio::test]
async fn max_retries_counts_for_each_call_by_itself() {
    for (retries, provider) in
        [(MAX_RETRIES, json!({})), (2, json!({ "max_retries": 2 })), (0, json!({ "max_retries": 0 }))]
    {
        let mut workspace = Workspace::with_provider(provider).await;
        workspace.applied("app", &three_inputs()).await;
        workspace.sandbox.clear_calls();
        workspace.sandbox.add_fault(FaultRule::always(FaultEffect::ServerError)).expect("a valid rule");
        for _ in 0..30 {
            workspace.sandbox.clear_calls();
            assert!(workspace.refresh("app").await.has_errors());
            let calls = workspace.sandbox.calls();
            assert_eq!(calls.len(), retries + 1, "{calls:#?}");
        }
    }
}
