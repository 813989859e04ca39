//! Pains 2 and 19: scaling members that AWS fills in, and changes of scaling that never arrive.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::live;
use crate::support::cloud::call;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

/// Minimum, maximum, metric and target value, as they are.
fn live_scaling(workspace: &Workspace) -> [Json; 4] {
    let scaling = live::configuration(workspace, "app")["scalingTarget"].take();
    ["minTaskCount", "maxTaskCount", "autoScalingMetric", "autoScalingTargetValue"]
        .map(|name| scaling[name].clone())
}

/// The bounds that Application Auto Scaling has.
fn live_capacity(workspace: &Workspace) -> (i64, i64) {
    let input = json!({ "ServiceNamespace": "ecs" });
    let answer = call(&workspace.sandbox, Service::ApplicationAutoScaling, "DescribeScalableTargets", input);
    let target = &answer["ScalableTargets"][0];
    let bound = |name: &str| target[name].as_i64().expect("a number");
    (bound("MinCapacity"), bound("MaxCapacity"))
}

#[tokio::test]
async fn apply_succeeds_when_scaling_names_only_its_bounds() {
    let mut workspace = Workspace::new().await;
    let scaling = json!({ "min_task_count": 2, "max_task_count": 4 });
    let config = with(&three_inputs(), "scaling_target", scaling);
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    let state = workspace.attribute("app", "scaling_target");
    let filled = json!({
        "min_task_count": 2, "max_task_count": 4, "auto_scaling_metric": "AVERAGE_CPU",
        "auto_scaling_target_value": 60,
    });
    assert_eq!(state, filled);
}

#[tokio::test]
async fn every_scaling_member_alone_is_enough() {
    let members: [(&str, Json); 4] = [
        ("min_task_count", json!(2)),
        ("max_task_count", json!(3)),
        ("auto_scaling_metric", json!("AVERAGE_MEMORY")),
        ("auto_scaling_target_value", json!(70)),
    ];
    for (name, value) in members {
        let mut workspace = Workspace::new().await;
        let mut scaling = json!({});
        scaling[name] = value.clone();
        workspace.applied("app", &with(&three_inputs(), "scaling_target", scaling)).await;
        assert_eq!(workspace.attribute("app", &format!("scaling_target.{name}")), value);
    }
}

#[tokio::test]
async fn a_change_of_scaling_alone_reaches_the_live_service_and_starts_no_deployment() {
    let mut workspace = Workspace::new().await;
    live::befall(&workspace, "scaling-in-place");
    workspace.applied("app", &three_inputs()).await;
    let steps: [(Json, [Json; 4]); 5] = [
        (json!({ "min_task_count": 2 }), [json!(2), json!(20), json!("AVERAGE_CPU"), json!(60)]),
        (
            json!({ "min_task_count": 2, "max_task_count": 5 }),
            [json!(2), json!(5), json!("AVERAGE_CPU"), json!(60)],
        ),
        (
            json!({ "auto_scaling_metric": "REQUEST_COUNT_PER_TARGET", "auto_scaling_target_value": 1000 }),
            [json!(2), json!(5), json!("REQUEST_COUNT_PER_TARGET"), json!(1000)],
        ),
        (
            json!({ "auto_scaling_metric": "AVERAGE_CPU", "auto_scaling_target_value": 50 }),
            [json!(2), json!(5), json!("AVERAGE_CPU"), json!(50)],
        ),
        (
            json!({ "min_task_count": 1, "max_task_count": 2 }),
            [json!(1), json!(2), json!("AVERAGE_CPU"), json!(50)],
        ),
    ];
    for (scaling, expected) in steps {
        let began = workspace.elapsed_seconds();
        let config = with(&three_inputs(), "scaling_target", scaling);
        assert_eq!(workspace.applied("app", &config).await, Action::Update);
        assert_eq!(live_scaling(&workspace), expected);
        assert_eq!(
            Some(live_capacity(&workspace)),
            expected[0].as_i64().zip(expected[1].as_i64()),
            "the scalable target follows"
        );
        assert_eq!(live::deployments(&workspace, "app").len(), 1);
        assert!(workspace.elapsed_seconds() - began <= 120, "waited for a deployment that never comes");
    }
}

#[tokio::test]
async fn bounds_that_somebody_changed_are_drift_only_where_the_user_has_a_wish() {
    let mut workspace = Workspace::new().await;
    live::befall(&workspace, "scaling-in-place");
    let config = with(&three_inputs(), "scaling_target", json!({ "max_task_count": 4 }));
    workspace.applied("app", &config).await;
    let change = |minimum: u32, maximum: u32| {
        let scaling = json!({ "minTaskCount": minimum, "maxTaskCount": maximum });
        let input = json!({ "serviceArn": live::arn(&workspace, "app"), "scalingTarget": scaling });
        call(&workspace.sandbox, Service::Ecs, "UpdateExpressGatewayService", input);
    };
    change(3, 4);
    let (action, _) = workspace.plan("app", &config).await;
    assert_eq!(action, Action::Nothing);
    let change = |minimum: u32, maximum: u32| {
        let scaling = json!({ "minTaskCount": minimum, "maxTaskCount": maximum });
        let input = json!({ "serviceArn": live::arn(&workspace, "app"), "scalingTarget": scaling });
        call(&workspace.sandbox, Service::Ecs, "UpdateExpressGatewayService", input);
    };
    change(3, 9);
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(live_scaling(&workspace)[1], json!(4));
}
