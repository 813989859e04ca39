//! The monitor on services that the composed engine made.

use serde_json::json;
use terraform_provider_express::monitor::{Ending, Options, View};
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use super::watching::Watcher;
use crate::composed::composed;
use crate::support::workspace::{Workspace, with};

/// Looks until everything that is read now and then has been read again.
const LOOKS: usize = 6;

#[tokio::test]
async fn an_update_is_followed_and_every_resource_of_the_composition_is_shown() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &composed("api")).await;
    let watcher = Watcher::of(&workspace);
    let image = json!({ "image": "public.ecr.aws/nginx/nginx:1.29" });
    let config = with(&composed("api"), "primary_container", image);
    let watching = async {
        watcher.sleep(20).await;
        watcher.record("api", &[(8, View::Resources)]).await
    };
    let (_, recording) = tokio::join!(workspace.applied("app", &config), watching);
    assert_eq!(recording.ending, Ending::Succeeded);
    let lines = recording.lines.join("\n");
    assert!(lines.contains("stage PRODUCTION_TRAFFIC_SHIFT"), "{lines}");
    assert!(lines.contains("ended: SUCCEEDED"), "{lines}");
    let frame = &recording.frames[0];
    let url = workspace.attribute("app", "url");
    for part in [
        url.as_str().expect("a URL"),
        "load_balancer                ACTIVE",
        "listener_rule                ACTIVE",
        "target_group                 ACTIVE",
        "scaling_policy               ACTIVE",
        "metric_alarm                 ACTIVE",
        "service_security_group       ACTIVE",
        "log_group                    ACTIVE",
    ] {
        assert!(frame.contains(part), "{part} is missing in:\n{frame}");
    }
}

#[tokio::test]
async fn a_composition_is_read_now_and_then_and_only_read() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &composed("api")).await;
    workspace.sandbox.clear_calls();
    let options = Options { services: vec!["api".to_owned()], ..Options::default() };
    let mut session = Watcher::of(&workspace).begin(&options).await.expect("a service");
    for _ in 0..LOOKS {
        session.look().await;
    }
    let calls = workspace.sandbox.calls();
    let is_reading =
        |operation: &str| ["Describe", "List", "Get"].iter().any(|verb| operation.starts_with(verb));
    assert!(calls.iter().all(|call| is_reading(&call.operation)), "{calls:?}");
    let of_load_balancers = calls.iter().filter(|call| call.operation == "DescribeLoadBalancers").count();
    assert_eq!(of_load_balancers, 1, "{LOOKS} looks");
}

#[tokio::test]
async fn without_the_right_to_read_a_composition_its_deployment_is_shown_all_the_same() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &composed("api")).await;
    let effect = FaultEffect::Fail {
        code: "UnauthorizedOperation".to_owned(),
        message: "You are not authorized to perform this operation.".to_owned(),
        status: 403,
    };
    workspace.sandbox.add_fault(FaultRule::on("DescribeSecurityGroups", effect)).expect("a rule");
    let recording = Watcher::of(&workspace).record("api", &[(1, View::Resources)]).await;
    assert_eq!(recording.ending, Ending::Succeeded);
    assert!(recording.frames[0].contains("target_group"), "{}", recording.frames[0]);
}
