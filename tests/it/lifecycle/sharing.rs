//! Services that share a load balancer, and networks that a service lives in.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::api::Service;

use crate::support::cloud::{call, list_subnet_ids};
use crate::support::workspace::{Action, Workspace, three_inputs, with};

/// A VPC with two subnets that no internet gateway is routed to: its id and theirs.
pub(super) fn create_private_network(sandbox: &Sandbox) -> (String, Vec<String>) {
    let id =
        |answer: &Json, path: &str| answer.pointer(path).and_then(Json::as_str).expect("an id").to_owned();
    let vpc = call(sandbox, Service::Ec2, "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }));
    let vpc_id = id(&vpc, "/Vpc/VpcId");
    let subnets = [("10.0.1.0/24", "eu-west-1a"), ("10.0.2.0/24", "eu-west-1b")].map(|(block, zone)| {
        let input = json!({ "VpcId": vpc_id, "CidrBlock": block, "AvailabilityZone": zone });
        id(&call(sandbox, Service::Ec2, "CreateSubnet", input), "/Subnet/SubnetId")
    });
    (vpc_id, subnets.into())
}

fn balancer(workspace: &Workspace, name: &str) -> Json {
    workspace.attribute(name, "infrastructure.load_balancer_arn")
}

#[tokio::test]
async fn twenty_five_services_share_a_load_balancer_and_the_next_gets_another() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "wait_for_steady_state", false);
    let names: Vec<String> = (1..=26).map(|number| format!("service-{number}")).collect();
    for name in &names {
        let applied = workspace.apply(name, &with(&config, "service_name", name.as_str())).await;
        assert!(!applied.diagnostics.has_errors(), "{name}: {:#?}", applied.diagnostics);
    }
    workspace.clock_advance(600).await;
    for name in &names {
        let (action, diagnostics) = workspace.plan(name, &with(&config, "service_name", name.as_str())).await;
        assert_eq!((action, diagnostics.has_errors()), (Action::Nothing, false), "{name}");
    }
    let first = balancer(&workspace, "service-1");
    let sharing = names.iter().filter(|name| balancer(&workspace, name) == first).count();
    assert_eq!(sharing, 25);
    assert!(balancer(&workspace, "service-26").as_str().is_some_and(|arn| arn.starts_with("arn:")));
}

#[tokio::test]
async fn deleting_one_of_two_services_on_a_load_balancer_leaves_the_other_alone() {
    let mut workspace = Workspace::new().await;
    let config = |name: &str| with(&three_inputs(), "service_name", name);
    workspace.applied("one", &config("one")).await;
    workspace.applied("two", &config("two")).await;
    assert_eq!(balancer(&workspace, "one"), balancer(&workspace, "two"));
    let diagnostics = workspace.destroy("one").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    let details: String = diagnostics.iter().map(|diagnostic| diagnostic.detail.clone()).collect();
    let shared = balancer(&workspace, "two");
    let name = shared.as_str().and_then(|arn| arn.split(":loadbalancer/").nth(1)).expect("an ARN");
    let name = name.rsplit_once('/').expect("an id").0;
    assert!(details.contains(name), "the warning names what stays: {details}");
    assert_eq!(workspace.plan("two", &config("two")).await.0, Action::Nothing);
    assert_eq!(workspace.attribute("two", "status"), json!("ACTIVE"));
}

#[tokio::test]
async fn a_service_in_private_subnets_has_a_private_endpoint() {
    let mut workspace = Workspace::new().await;
    let (_, subnets) = create_private_network(&workspace.sandbox);
    let config = with(&three_inputs(), "network_configuration", json!({ "subnets": subnets }));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(workspace.attribute("app", "infrastructure.load_balancer_scheme"), json!("internal"));
    assert_eq!(workspace.attribute("app", "infrastructure.load_balancer_scheme"), json!("internal"));
}

#[tokio::test]
async fn public_and_private_services_never_share_a_load_balancer() {
    let mut workspace = Workspace::new().await;
    let public = json!({ "subnets": list_subnet_ids(&workspace.sandbox) });
    let (_, subnets) = create_private_network(&workspace.sandbox);
    let private = with(&three_inputs(), "network_configuration", json!({ "subnets": subnets }));
    workspace.applied("private", &private).await;
    workspace.applied("public", &with(&three_inputs(), "network_configuration", public)).await;
    assert_eq!(
        workspace.attribute("public", "infrastructure.load_balancer_scheme"),
        json!("internet-facing")
    );
    assert_ne!(balancer(&workspace, "private"), balancer(&workspace, "public"));
}

#[tokio::test]
async fn a_network_destroyed_in_the_same_run_is_free_of_the_services_resources() {
    let mut workspace = Workspace::new().await;
    let (vpc_id, subnets) = create_private_network(&workspace.sandbox);
    let config = with(&three_inputs(), "network_configuration", json!({ "subnets": subnets }));
    workspace.applied("app", &config).await;
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    for subnet in subnets {
        call(&workspace.sandbox, Service::Ec2, "DeleteSubnet", json!({ "SubnetId": subnet }));
    }
    call(&workspace.sandbox, Service::Ec2, "DeleteVpc", json!({ "VpcId": vpc_id }));
}
