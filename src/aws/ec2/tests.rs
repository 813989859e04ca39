//! The client against the sandbox: what is written is read back, and refusals keep their codes.

use std::collections::BTreeMap;

use super::*;
use crate::aws::AwsError;
use crate::aws::testing::sandbox_clients;
use crate::service::TagChange;

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

async fn arranged() -> (Ec2, String) {
    let (_, clients) = sandbox_clients().await;
    let ec2 = Ec2::new(clients);
    let vpc_id = ec2.find_default_vpc().await.expect("answered").expect("a default VPC");
    (ec2, vpc_id)
}

fn group(name: &str, vpc_id: &str) -> SecurityGroupInput {
    let (name, description) = (name.to_owned(), "of a service".to_owned());
    SecurityGroupInput { name, description, vpc_id: vpc_id.to_owned(), tags: tags(&[("k", "v")]) }
}

#[tokio::test]
async fn the_default_network_has_a_public_subnet_with_room_in_each_zone() {
    let (ec2, vpc_id) = arranged().await;
    let subnets = ec2.list_default_subnets(&vpc_id).await.expect("answered");
    let zones: Vec<_> = subnets.iter().map(|subnet| subnet.availability_zone.as_str()).collect();
    assert_eq!(zones.len(), 3);
    assert!(zones.contains(&"eu-west-1a"));
    let is_good =
        |subnet: &Subnet| subnet.kind == SubnetKind::Public && subnet.available_address_count > 4000;
    assert!(subnets.iter().all(is_good));
    let ids = subnets.iter().take(1).map(|subnet| subnet.id.clone()).collect();
    assert_eq!(ec2.list_subnets(&ids).await.expect("answered"), subnets[..1]);
    let missing = ["subnet-0".to_owned()].into();
    assert!(ec2.list_subnets(&missing).await.expect_err("refused").has_code("InvalidSubnetID.NotFound"));
    let (refused, listed, default) =
        tokio::join!(ec2.list_subnets(&missing), ec2.list_subnets(&ids), ec2.list_default_subnets(&vpc_id));
    assert!(refused.expect_err("refused").has_code("InvalidSubnetID.NotFound"));
    assert_eq!((listed.as_deref(), default.as_deref()), (Ok(&subnets[..1]), Ok(&subnets[..])));
}

#[tokio::test]
async fn one_network_is_read_once_for_all_who_ask() {
    let (sandbox, clients) = sandbox_clients().await;
    let ec2 = Ec2::new(clients);
    let (one, two) = tokio::join!(ec2.find_default_vpc(), ec2.find_default_vpc());
    let vpc_id = one.clone().expect("answered").expect("a default VPC");
    let (first, second) = tokio::join!(ec2.list_default_subnets(&vpc_id), ec2.list_default_subnets(&vpc_id));
    assert_eq!((one, first), (two, second));
    let operations: Vec<_> = sandbox.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["DescribeVpcs", "DescribeSubnets", "DescribeRouteTables"]);
}

#[tokio::test]
async fn security_groups_that_are_asked_for_together_are_read_with_one_call() {
    let (sandbox, clients) = sandbox_clients().await;
    let ec2 = Ec2::new(clients);
    let vpc_id = ec2.find_default_vpc().await.expect("answered").expect("a default VPC");
    let mut made = Vec::new();
    for name in ["xp-a", "xp-b"] {
        made.push(ec2.create_security_group(&group(name, &vpc_id)).await.expect("made"));
    }
    let before = sandbox.calls().len();
    let (a, b, c) = tokio::join!(
        ec2.list_security_groups_named("xp-a"),
        ec2.list_security_groups_named("xp-b"),
        ec2.list_security_groups_named("xp-c"),
    );
    let ids = |groups: Result<Vec<SecurityGroup>, AwsError>| -> Vec<String> {
        groups.expect("answered").into_iter().map(|group| group.id).collect()
    };
    assert_eq!([a, b, c].map(ids), [vec![made[0].clone()], vec![made[1].clone()], Vec::new()]);
    assert_eq!(sandbox.calls().len() - before, 1);
}

#[tokio::test]
async fn a_security_group_is_made_once_found_and_tagged() {
    let (ec2, vpc_id) = arranged().await;
    assert_eq!(ec2.find_security_group_by_name("xp-svc", &vpc_id).await, Ok(None));
    let id = ec2.create_security_group(&group("xp-svc", &vpc_id)).await.expect("made");
    let refused = ec2.create_security_group(&group("xp-svc", &vpc_id)).await.expect_err("refused");
    assert!(refused.has_code("InvalidGroup.Duplicate"));
    let found = ec2.find_security_group_by_name("xp-svc", &vpc_id).await.expect("answered").expect("there");
    assert_eq!((&found.id, &found.tags, found.egress.len()), (&id, &tags(&[("k", "v")]), 1));
    let change = TagChange { set: tags(&[("l", "w")]), remove: vec!["k".to_owned()] };
    ec2.change_tags(&id, &change).await.expect("changed");
    let found = ec2.find_security_group(&id).await.expect("answered").expect("there");
    assert_eq!(found.tags, tags(&[("l", "w")]));
    for _ in 0..2 {
        ec2.delete_security_group(&id).await.expect("deleted");
    }
    assert_eq!(ec2.find_security_group(&id).await, Ok(None));
}

#[tokio::test]
async fn a_permission_between_groups_holds_them_until_it_is_revoked() {
    let (ec2, vpc_id) = arranged().await;
    let service = ec2.create_security_group(&group("service", &vpc_id)).await.expect("made");
    let balancer = ec2.create_security_group(&group("balancer", &vpc_id)).await.expect("made");
    let ingress = [Permission::tcp(8080, Peer::SecurityGroup(balancer.clone()), "from the load balancer")];
    let egress = [Permission::tcp(8080, Peer::SecurityGroup(service.clone()), "to the service")];
    ec2.authorize(&service, Direction::Ingress, &ingress, &tags(&[("k", "v")])).await.expect("authorized");
    ec2.authorize(&balancer, Direction::Egress, &egress, &BTreeMap::new()).await.expect("authorized");
    let again = ec2.authorize(&service, Direction::Ingress, &ingress, &BTreeMap::new()).await;
    assert!(again.expect_err("refused").has_code("InvalidPermission.Duplicate"));
    let found = ec2.find_security_group(&service).await.expect("answered").expect("there");
    assert_eq!(found.ingress, ingress);

    let referencing = ec2.list_security_groups_referencing(&service).await.expect("answered");
    assert_eq!(referencing.iter().map(|group| group.id.as_str()).collect::<Vec<_>>(), [balancer.as_str()]);
    let refused = ec2.delete_security_group(&service).await.expect_err("refused");
    assert!(refused.has_code("DependencyViolation"));
    for _ in 0..2 {
        ec2.revoke(&balancer, Direction::Egress, &egress).await.expect("revoked");
    }
    ec2.delete_security_group(&service).await.expect("deleted");
    ec2.revoke(&service, Direction::Ingress, &ingress).await.expect("the group is gone");
    ec2.delete_security_group(&balancer).await.expect("deleted");
}

#[tokio::test]
async fn the_interfaces_of_a_load_balancer_are_found_by_its_description() {
    let (sandbox, clients) = sandbox_clients().await;
    let ec2 = Ec2::new(clients.clone());
    let vpc_id = ec2.find_default_vpc().await.expect("answered").expect("a default VPC");
    let subnets = ec2.list_default_subnets(&vpc_id).await.expect("answered");
    let group_id = ec2.create_security_group(&group("balancer", &vpc_id)).await.expect("made");
    let input = crate::aws::elbv2::LoadBalancerInput {
        name: "lb".to_owned(),
        scheme: crate::aws::elbv2::Scheme::Internal,
        subnet_ids: subnets.into_iter().map(|subnet| subnet.id).collect(),
        security_group_ids: vec![group_id.clone()],
        tags: BTreeMap::new(),
    };
    let elbv2 = crate::aws::elbv2::Elbv2::new(clients);
    let balancer = elbv2.create_load_balancer(&input).await.expect("made");
    let path = balancer.arn.split_once("loadbalancer/").expect("an ARN of a load balancer").1;
    let description = format!("ELB {path}");
    let found = ec2.list_network_interfaces_described(&description).await.expect("answered");
    assert_eq!(found.len(), 3);
    assert_eq!(ec2.list_network_interfaces_of_security_group(&group_id).await, Ok(found));
    elbv2.delete_load_balancer(&balancer.arn).await.expect("deleted");
    let refused = ec2.delete_security_group(&group_id).await.expect_err("interfaces hold it");
    assert!(refused.has_code("DependencyViolation"));
    sandbox.advance(std::time::Duration::from_secs(120));
    assert_eq!(ec2.list_network_interfaces_described(&description).await, Ok(Vec::new()));
    ec2.delete_security_group(&group_id).await.expect("deleted");
}
