//! What a person changes underneath, and what an apply then does.

use aws_sdk_ecs::types::{ExpressGatewayContainer, ServiceDeploymentStatus};
use aws_sdk_elasticloadbalancingv2::types::{
    Action as RuleAction, ActionTypeEnum, ForwardActionConfig, TargetGroupTuple,
};
use serde_json::{Value as Json, json};
use terraform_provider_express::clock::Clock;

use crate::support::hand;
use crate::support::values::summaries;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

fn text(value: &Json) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Deploys an image outside Terraform and waits for the end of its deployment.
async fn deploy_outside(workspace: &Workspace, image: &str) {
    let ecs = hand::ecs(&workspace.sandbox);
    let arn = text(&workspace.attribute("app", "service_arn"));
    let container = ExpressGatewayContainer::builder().image(image).build().expect("an image");
    let update = ecs.update_express_gateway_service().service_arn(&arn).primary_container(container);
    update.send().await.expect("accepted");
    for _ in 0..200 {
        workspace.clock.sleep(std::time::Duration::from_secs(10)).await;
        let listed = ecs.list_service_deployments().service(&arn).send().await.expect("listed");
        let deployments = listed.service_deployments();
        if deployments.iter().all(|found| found.status == Some(ServiceDeploymentStatus::Successful)) {
            return;
        }
    }
    panic!("the deployment does not end");
}

#[tokio::test]
async fn an_image_that_ci_deployed_is_kept_when_the_live_image_counts() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "image_source", "live");
    workspace.applied("app", &config).await;
    deploy_outside(&workspace, "public.ecr.aws/nginx/nginx:ci-7").await;
    assert_eq!(workspace.plan("app", &config).await.0, Action::Nothing);
    let changed = with(&config, "health_check_path", "/ready");
    assert_eq!(workspace.applied("app", &changed).await, Action::Update);
    let image = workspace.attribute("app", "primary_container.image");
    assert_eq!(image, json!("public.ecr.aws/nginx/nginx:ci-7"));
}

#[tokio::test]
async fn an_image_that_ci_deployed_is_a_difference_when_the_configuration_counts() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    deploy_outside(&workspace, "public.ecr.aws/nginx/nginx:ci-7").await;
    assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Update);
    let image = workspace.attribute("app", "primary_container.image");
    assert_eq!(image, json!("public.ecr.aws/nginx/nginx:1.28"));
}

/// Sends requests to both target groups, as an interrupted canary does.
async fn split_rule(workspace: &Workspace) -> Vec<String> {
    let elbv2 = hand::elbv2(&workspace.sandbox);
    let group_arns: Vec<_> = (0..2)
        .map(|index| text(&workspace.attribute("app", &format!("infrastructure.target_group_arns.{index}"))))
        .collect();
    let group =
        |arn: &String, weight| TargetGroupTuple::builder().target_group_arn(arn).weight(weight).build();
    let forward = ForwardActionConfig::builder()
        .target_groups(group(&group_arns[0], 950))
        .target_groups(group(&group_arns[1], 50))
        .build();
    let action = RuleAction::builder().r#type(ActionTypeEnum::Forward).forward_config(forward).build();
    let rule_arn = text(&workspace.attribute("app", "infrastructure.listener_rule_arn"));
    elbv2.modify_rule().rule_arn(rule_arn).actions(action).send().await.expect("modified");
    group_arns
}

#[tokio::test]
async fn a_split_listener_rule_is_explained_before_an_update_with_its_repair() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    let group_arns = split_rule(&workspace).await;
    workspace.sandbox.clear_calls();
    let config = with(&three_inputs(), "health_check_path", "/ready");
    let applied = workspace.apply("app", &config).await;
    let [diagnostic] = &applied.diagnostics.iter().collect::<Vec<_>>()[..] else {
        panic!("one diagnostic: {:#?}", applied.diagnostics);
    };
    assert!(diagnostic.summary.ends_with("its listener rule is split"), "{}", diagnostic.summary);
    assert!(group_arns.iter().all(|arn| diagnostic.hints[0].contains(arn)), "{:?}", diagnostic.hints);
    assert!(diagnostic.hints[0].contains("Weight=100"), "{:?}", diagnostic.hints);
    let updates =
        workspace.sandbox.calls().iter().filter(|call| call.operation.starts_with("Update")).count();
    assert_eq!(updates, 0);
    let scaled = with(&three_inputs(), "scaling_target", json!({ "max_task_count": 3 }));
    assert_eq!(workspace.applied("app", &scaled).await, Action::Update, "scaling starts no deployment");
}

#[tokio::test]
async fn a_destroy_says_what_stays_and_why() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &with(&three_inputs(), "service_name", "api")).await;
    workspace.applied("other", &with(&three_inputs(), "service_name", "web")).await;
    let shared = workspace.destroy("app").await;
    assert_eq!(summaries(&shared), ["Service `api` is gone; some things stay on purpose"]);
    let detail = shared.iter().map(|diagnostic| diagnostic.detail.clone()).collect::<String>();
    assert!(detail.contains("log group /aws/ecs/default/api-"), "{detail}");
    assert!(detail.contains("task definitions default-api"), "{detail}");
    assert!(detail.contains("other services use it (1 rule on its listener)"), "{detail}");
    let last = workspace.destroy("other").await;
    let detail = last.iter().map(|diagnostic| diagnostic.detail.clone()).collect::<String>();
    assert!(!detail.contains("load balancer"), "{detail}");
    let balancers =
        hand::elbv2(&workspace.sandbox).describe_load_balancers().send().await.expect("described");
    assert!(balancers.load_balancers().is_empty());
}
