//! What a person changes underneath, and what an apply then does.

use aws_sdk_ecs::types::{ExpressGatewayContainer, ServiceDeploymentStatus};
use aws_sdk_elasticloadbalancingv2::types::{
    Action as RuleAction, ActionTypeEnum, ForwardActionConfig, TargetGroupTuple,
};
use serde_json::{Value as Json, json};
use terraform_provider_express::clock::Clock;
use terraform_provider_express::sandbox::api::Service;

use crate::support::cloud;
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
    let refused = workspace.apply("app", &scaled).await;
    assert!(refused.diagnostics.has_errors(), "scaling deploys as well");
}

#[tokio::test]
async fn a_destroy_says_what_stays_and_why() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &with(&three_inputs(), "service_name", "api")).await;
    workspace.applied("other", &with(&three_inputs(), "service_name", "web")).await;
    let shared = workspace.destroy("app").await;
    let summary = "A destroyed service leaves something behind";
    assert_eq!(summaries(&shared), [summary]);
    let detail = shared.iter().map(|diagnostic| diagnostic.detail.clone()).collect::<String>();
    assert!(detail.contains("log group /aws/ecs/default/api-"), "{detail}");
    assert!(detail.contains("task definitions default-api"), "{detail}");
    assert!(detail.contains("goes with the last service on it"), "{detail}");
    let last = workspace.destroy("other").await;
    assert_eq!(summaries(&last), [summary], "one summary for all, so that core folds them");
    let detail = last.iter().map(|diagnostic| diagnostic.detail.clone()).collect::<String>();
    assert!(!detail.contains("Load balancer"), "{detail}");
    let balancers =
        hand::elbv2(&workspace.sandbox).describe_load_balancers().send().await.expect("described");
    assert!(balancers.load_balancers().is_empty());
}

/// The containers of the task definition that the service runs.
async fn container_names(workspace: &Workspace) -> Vec<String> {
    let arn = text(&workspace.attribute("app", "task_definition_arn"));
    let described =
        hand::ecs(&workspace.sandbox).describe_task_definition().task_definition(arn).send().await;
    let definition = described.expect("described").task_definition.expect("a definition");
    definition.container_definitions().iter().filter_map(|container| container.name.clone()).collect()
}

/// Adds a sidecar by hand: a new revision of the running task definition, deployed with the Express API.
async fn add_sidecar(workspace: &Workspace) {
    let ecs = hand::ecs(&workspace.sandbox);
    let arn = text(&workspace.attribute("app", "task_definition_arn"));
    let described = ecs.describe_task_definition().task_definition(arn).send().await.expect("described");
    let definition = described.task_definition.expect("a definition");
    let sidecar =
        aws_sdk_ecs::types::ContainerDefinition::builder().name("proxy").image("envoy:1").essential(false);
    let registered = ecs
        .register_task_definition()
        .set_family(definition.family)
        .set_network_mode(definition.network_mode)
        .set_requires_compatibilities(definition.requires_compatibilities)
        .set_cpu(definition.cpu)
        .set_memory(definition.memory)
        .set_execution_role_arn(definition.execution_role_arn)
        .set_runtime_platform(definition.runtime_platform)
        .set_container_definitions(definition.container_definitions)
        .container_definitions(sidecar.build())
        .send()
        .await
        .expect("registered");
    let revision = registered.task_definition.and_then(|definition| definition.task_definition_arn);
    let service_arn = text(&workspace.attribute("app", "service_arn"));
    let update =
        ecs.update_express_gateway_service().service_arn(service_arn).set_task_definition_arn(revision);
    update.send().await.expect("accepted");
    workspace.clock.sleep(std::time::Duration::from_secs(1800)).await;
}

#[tokio::test]
async fn a_sidecar_that_was_added_by_hand_survives_an_update() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    add_sidecar(&workspace).await;
    assert_eq!(workspace.plan("app", &three_inputs()).await.0, Action::Nothing);
    let config =
        with(&three_inputs(), "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(container_names(&workspace).await, ["Main", "proxy"]);
}

#[tokio::test]
async fn hosts_and_target_group_attributes_that_were_changed_by_hand_survive_an_update() {
    use aws_sdk_elasticloadbalancingv2::types::{
        HostHeaderConditionConfig, RuleCondition, TargetGroupAttribute,
    };
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    let elbv2 = hand::elbv2(&workspace.sandbox);
    let rule_arn = text(&workspace.attribute("app", "infrastructure.listener_rule_arn"));
    let hosts = [text(&workspace.attribute("app", "hostname")), "www.example.com".to_owned()];
    let values = HostHeaderConditionConfig::builder().set_values(Some(hosts.to_vec())).build();
    let condition = RuleCondition::builder().field("host-header").host_header_config(values).build();
    elbv2.modify_rule().rule_arn(&rule_arn).conditions(condition).send().await.expect("modified");
    let group_arn = text(&workspace.attribute("app", "infrastructure.target_group_arns.0"));
    let delay =
        TargetGroupAttribute::builder().key("deregistration_delay.timeout_seconds").value("30").build();
    let modify = elbv2.modify_target_group_attributes().target_group_arn(&group_arn).attributes(delay);
    modify.send().await.expect("modified");

    let config =
        with(&three_inputs(), "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);

    let rules = elbv2.describe_rules().rule_arns(&rule_arn).send().await.expect("described");
    let condition = &rules.rules()[0].conditions()[0];
    let live_hosts = condition.host_header_config.as_ref().map(|config| config.values().to_vec());
    assert_eq!(live_hosts, Some(hosts.to_vec()));
    let described = elbv2.describe_target_group_attributes().target_group_arn(&group_arn).send().await;
    let attributes = described.expect("described").attributes.unwrap_or_default();
    let delay =
        attributes.iter().find(|found| found.key.as_deref() == Some("deregistration_delay.timeout_seconds"));
    assert_eq!(delay.and_then(|found| found.value.as_deref()), Some("30"));
}

#[tokio::test]
async fn a_plan_that_deploys_says_that_a_tuned_alarm_will_be_written_anew() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &with(&three_inputs(), "service_name", "api")).await;
    let config = with(&with(&three_inputs(), "service_name", "api"), "health_check_path", "/ready");
    let (action, diagnostics) = workspace.plan("app", &config).await;
    assert_eq!((action, summaries(&diagnostics)), (Action::Update, Vec::new()));
    hand::tune_alarm(&workspace.sandbox, "default/api/RollbackAlarm", 5.0);
    let (_, diagnostics) = workspace.plan("app", &config).await;
    assert_eq!(summaries(&diagnostics), ["Changes of the rollback alarm will be lost"]);
    let scaled = with(&with(&three_inputs(), "service_name", "api"), "tags", json!({ "team": "a" }));
    let (action, diagnostics) = workspace.plan("app", &scaled).await;
    assert_eq!((action, summaries(&diagnostics)), (Action::Update, Vec::new()), "tags deploy nothing");
}

#[tokio::test]
async fn a_destroy_takes_the_log_along_where_the_configuration_says_so() {
    for engine in ["managed", "composed"] {
        let mut workspace = Workspace::new().await;
        let config = with(&with(&three_inputs(), "engine", engine), "service_name", "api");
        let config = with(&config, "delete_logs_on_destroy", true);
        workspace.applied("app", &config).await;
        let group = workspace.attribute("app", "infrastructure.log_group_name");
        let diagnostics = workspace.destroy("app").await;
        assert_eq!(summaries(&diagnostics), Vec::<&str>::new(), "{engine}");
        let described = cloud::call(
            &workspace.sandbox,
            Service::Logs,
            "DescribeLogGroups",
            json!({ "logGroupNamePrefix": group }),
        );
        assert_eq!(described["logGroups"], json!([]), "{engine}");
    }
}

#[tokio::test]
async fn a_log_group_of_ones_own_stays_whatever_the_configuration_says() {
    let mut workspace = Workspace::new().await;
    cloud::call(&workspace.sandbox, Service::Logs, "CreateLogGroup", json!({ "logGroupName": "/team/app" }));
    let container = json!({
        "image": "public.ecr.aws/nginx/nginx:1.28", "aws_logs_configuration": { "log_group": "/team/app" },
    });
    let config = with(&with(&three_inputs(), "primary_container", container), "delete_logs_on_destroy", true);
    workspace.applied("app", &config).await;
    workspace.destroy("app").await;
    let input = json!({ "logGroupNamePrefix": "/team/app" });
    let described = cloud::call(&workspace.sandbox, Service::Logs, "DescribeLogGroups", input);
    assert_eq!(described["logGroups"][0]["logGroupName"], json!("/team/app"));
}
