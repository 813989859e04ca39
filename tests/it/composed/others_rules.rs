//! What others wrote into security groups, and what the user says of the load balancer's place.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::{composed, leftovers, make_zone, told, workspace};
use crate::support::cloud;
use crate::support::hand::{make_firewalled_subnets, make_private_subnets};
use crate::support::workspace::{Action, Workspace, with};

fn ec2(workspace: &Workspace, operation: &str, input: Json) -> Json {
    cloud::call(&workspace.sandbox, Service::Ec2, operation, input)
}

/// A security group of the user's that lets members of another group in.
fn make_database_group(workspace: &Workspace, from: &Json) -> String {
    let vpcs = ec2(workspace, "DescribeVpcs", json!({}));
    let vpc = vpcs["Vpcs"][0]["VpcId"].clone();
    let input = json!({ "GroupName": "db", "Description": "database", "VpcId": vpc });
    let group = ec2(workspace, "CreateSecurityGroup", input)["GroupId"].take();
    let permission = json!({
        "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{ "GroupId": from }],
    });
    let input = json!({ "GroupId": group, "IpPermissions": [permission] });
    ec2(workspace, "AuthorizeSecurityGroupIngress", input);
    group.as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_group_that_a_foreign_rule_names_stays_with_a_word_and_all_else_is_gone() {
    let mut workspace = workspace().await;
    make_zone(&workspace, "example.com");
    let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
    workspace.applied("app", &config).await;
    let own = workspace.attribute("app", "infrastructure.service_security_group_ids")[0].clone();
    let database = make_database_group(&workspace, &own);
    let before = workspace.sandbox.now();
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
    let said = told(&said);
    assert!(said.contains(&format!("rules of {database} (db) name it")), "{said}");
    assert!(said.contains(own.as_str().expect("an id")), "{said}");
    let took = workspace.sandbox.now().duration_since(before).expect("later");
    assert!(took < Duration::from_secs(40 * 60), "{took:?}");
    let left: Vec<_> = leftovers(&workspace).into_iter().filter(|name| !name.ends_with(" db")).collect();
    assert!(left.len() == 1 && left[0].contains("xp-svc-api-"), "{left:?}");
    // The same service again finds the group that it left, and makes it its own.
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    ec2(&workspace, "DeleteSecurityGroup", json!({ "GroupId": database }));
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn rules_of_ones_own_on_the_load_balancers_group_stay_through_updates_and_go_with_it() {
    let mut workspace = workspace().await;
    make_zone(&workspace, "example.com");
    let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
    let config = with(&config, "load_balancer", json!({ "scheme": "internal" }));
    workspace.applied("app", &config).await;
    let group = workspace.attribute("app", "infrastructure.load_balancer_security_group_ids")[0].clone();
    let permission = json!({
        "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "203.0.113.0/24" }],
    });
    let input = json!({ "GroupId": group, "IpPermissions": [permission] });
    ec2(&workspace, "AuthorizeSecurityGroupIngress", input);
    let image = json!({ "image": "public.ecr.aws/nginx/nginx:1.29" });
    assert_eq!(workspace.applied("app", &with(&config, "primary_container", image)).await, Action::Update);
    let web = with(&config, "service_name", "web");
    assert_eq!(workspace.applied("web", &web).await, Action::Create);
    let groups = ec2(&workspace, "DescribeSecurityGroups", json!({ "GroupIds": [group] }));
    assert!(groups.to_string().contains("203.0.113.0/24"), "{groups}");
    for name in ["app", "web"] {
        let said = workspace.destroy(name).await;
        assert!(!said.has_errors(), "{}", told(&said));
    }
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

fn in_subnets(ids: &[String], scheme: Option<&str>) -> Json {
    let config = with(&composed("api"), "network_configuration", json!({ "subnets": ids }));
    match scheme {
        Some(scheme) => with(&config, "load_balancer", json!({ "scheme": scheme })),
        None => config,
    }
}

fn scheme(workspace: &Workspace) -> Json {
    workspace.attribute("app", "infrastructure.load_balancer_scheme")
}

#[tokio::test]
async fn a_scheme_that_the_user_says_holds_whatever_the_routes_say() {
    let mut workspace = workspace().await;
    let firewalled = make_firewalled_subnets(&workspace.sandbox, 2);
    let (_, said) = workspace.plan("app", &in_subnets(&firewalled, Some("internet-facing"))).await;
    assert!(!told(&said).contains("internet gateway"), "{}", told(&said));
    assert_eq!(
        workspace.applied("app", &in_subnets(&firewalled, Some("internet-facing"))).await,
        Action::Create
    );
    assert_eq!(scheme(&workspace), json!("internet-facing"));
}

#[tokio::test]
async fn private_subnets_under_a_public_load_balancer_are_worth_a_warning_and_no_error() {
    let mut workspace = workspace().await;
    let private = make_private_subnets(&workspace.sandbox, 2);
    let (_, said) = workspace.plan("app", &in_subnets(&private, Some("internet-facing"))).await;
    assert!(!said.has_errors() && told(&said).contains("leads to an internet gateway"), "{}", told(&said));
}

#[tokio::test]
async fn a_default_route_to_a_firewall_makes_nothing_internal_in_silence() {
    let mut workspace = workspace().await;
    let firewalled = make_firewalled_subnets(&workspace.sandbox, 2);
    let (_, said) = workspace.plan("app", &in_subnets(&firewalled, None)).await;
    let said = told(&said);
    assert!(
        said.contains("The load balancer will be internal") && said.contains("Network Firewall"),
        "{said}"
    );
}
