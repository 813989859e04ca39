//! One Express Mode service from create to delete, through the AWS SDK, in memory and over a socket.

use std::time::Duration;

use aws_sdk_ecs::error::ProvideErrorMetadata;
use aws_sdk_ecs::types::{
    ExpressCpuArchitecture, ExpressGatewayContainer, ExpressGatewayServiceStatusCode, ResourceManagementType,
    ServiceDeploymentStatus,
};
use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum;

use super::sandbox::tests::{sdk_config, virtual_sandbox};
use super::server::serve;
use super::world::World;
use super::{Sandbox, state_file};

const EXECUTION_ROLE: &str = "arn:aws:iam::123456789012:role/execution";
const INFRASTRUCTURE_ROLE: &str = "arn:aws:iam::123456789012:role/infrastructure";

/// Longer than any deployment of the sandbox takes.
const LONG_ENOUGH: Duration = Duration::from_secs(3600);

struct Clients {
    ecs: aws_sdk_ecs::Client,
    elbv2: aws_sdk_elasticloadbalancingv2::Client,
}

fn clients(sandbox: &Sandbox, url: Option<&str>) -> Clients {
    let config = sdk_config(sandbox, url);
    Clients {
        ecs: aws_sdk_ecs::Client::new(&config),
        elbv2: aws_sdk_elasticloadbalancingv2::Client::new(&config),
    }
}

async fn create(ecs: &aws_sdk_ecs::Client, name: &str) -> String {
    let container = ExpressGatewayContainer::builder().image("nginx").container_port(8080).build();
    let created = ecs
        .create_express_gateway_service()
        .service_name(name)
        .execution_role_arn(EXECUTION_ROLE)
        .infrastructure_role_arn(INFRASTRUCTURE_ROLE)
        .primary_container(container.expect("an image is given"))
        .cpu_architecture(ExpressCpuArchitecture::Arm64)
        .send()
        .await
        .unwrap();
    created.service().unwrap().service_arn().unwrap().to_owned()
}

async fn deployment_status(ecs: &aws_sdk_ecs::Client, arn: &str) -> Option<ServiceDeploymentStatus> {
    let list = ecs.list_service_deployments().service(arn).cluster("default").send().await.unwrap();
    list.service_deployments().first().and_then(|brief| brief.status().cloned())
}

/// The whole life of one service, and what is underneath it.
async fn live_and_die(sandbox: &Sandbox, url: Option<&str>) {
    let Clients { ecs, elbv2 } = clients(sandbox, url);
    let arn = create(&ecs, "web").await;
    assert_eq!(arn, "arn:aws:ecs:eu-central-1:123456789012:service/default/web");
    sandbox.advance(LONG_ENOUGH);
    assert_eq!(deployment_status(&ecs, &arn).await, Some(ServiceDeploymentStatus::Successful));

    let described = ecs.describe_express_gateway_service().service_arn(&arn).send().await.unwrap();
    let configuration = &described.service().unwrap().active_configurations()[0];
    assert_eq!(configuration.cpu_architecture(), Some(&ExpressCpuArchitecture::Arm64));
    let host = configuration.ingress_paths()[0].endpoint().trim_start_matches("https://").to_owned();
    let revision = configuration.service_revision_arn().unwrap();
    let revisions = ecs.describe_service_revisions().service_revision_arns(revision).send().await.unwrap();
    let managed = revisions.service_revisions()[0].ecs_managed_resources().unwrap();
    let rule = managed.ingress_paths()[0].rule().unwrap().arn().unwrap();
    let rules = elbv2.describe_rules().rule_arns(rule).send().await.unwrap();
    let hosts = rules.rules()[0].conditions()[0].host_header_config().unwrap().values();
    assert_eq!(hosts, [host]);
    let forward = rules.rules()[0].actions()[0].forward_config().unwrap().target_groups();
    let live = forward.iter().find(|group| group.weight() > Some(0)).unwrap();
    let health = elbv2.describe_target_health().target_group_arn(live.target_group_arn().unwrap());
    let health = health.send().await.unwrap();
    let states: Vec<&str> = health
        .target_health_descriptions()
        .iter()
        .filter_map(|it| it.target_health()?.state().map(TargetHealthStateEnum::as_str))
        .collect();
    assert_eq!(states, ["healthy"]);

    ecs.delete_express_gateway_service().service_arn(&arn).send().await.unwrap();
    sandbox.advance(LONG_ENOUGH);
    let gone = ecs.describe_express_gateway_service().service_arn(&arn).send().await.unwrap();
    let code = gone.service().unwrap().status().unwrap().status_code();
    assert_eq!(code, Some(&ExpressGatewayServiceStatusCode::Inactive));
    let missing = elbv2.describe_rules().rule_arns(rule).send().await.unwrap_err();
    assert_eq!(missing.code(), Some("RuleNotFound"));
    let balancers = elbv2.describe_load_balancers().send().await.unwrap();
    assert!(balancers.load_balancers().is_empty(), "{balancers:?}");
}

#[tokio::test]
async fn a_service_lives_and_dies_in_memory() {
    live_and_die(&virtual_sandbox(), None).await;
}

#[tokio::test]
async fn a_service_lives_and_dies_over_a_socket() {
    let sandbox = virtual_sandbox();
    let server = serve(sandbox.clone(), 0).await.unwrap();
    live_and_die(&sandbox, Some(&server.url())).await;
    server.stop().await;
}

#[tokio::test]
async fn services_are_listed_in_pages() {
    let sandbox = virtual_sandbox();
    let Clients { ecs, .. } = clients(&sandbox, None);
    for index in 0..5 {
        create(&ecs, &format!("web-{index}")).await;
    }
    let list = ecs.list_services().resource_management_type(ResourceManagementType::Ecs).max_results(2);
    let mut pages = list.into_paginator().send();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().service_arns().len());
    }
    assert_eq!(sizes, [2, 2, 1]);
}

#[tokio::test]
async fn a_world_with_services_survives_the_state_file_and_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.json");
    let sandbox = virtual_sandbox();
    let arn = create(&clients(&sandbox, None).ecs, "web").await;
    sandbox.advance(Duration::from_secs(60));
    state_file::save(&sandbox, &path).unwrap();

    let restored = virtual_sandbox();
    state_file::load(&restored, &path).unwrap();
    let text =
        |sandbox: &Sandbox| sandbox.with_world(|world: &mut World| serde_json::to_value(&*world).unwrap());
    assert_eq!(text(&restored), text(&sandbox));
    restored.advance(LONG_ENOUGH);
    let status = deployment_status(&clients(&restored, None).ecs, &arn).await;
    assert_eq!(status, Some(ServiceDeploymentStatus::Successful));
}
