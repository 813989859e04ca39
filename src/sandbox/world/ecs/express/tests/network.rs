use serde_json::{Value, json};

use crate::sandbox::api::Service;
use crate::sandbox::world::ecs::testing::{Account, create_input};

/// Two subnets of the default VPC whose route table has no route to the internet.
fn create_private_subnets(account: &mut Account) -> Vec<Value> {
    account.ok("ListClusters", json!({}));
    let vpc = account.state().ec2.vpcs.keys().next().cloned();
    let mut ec2 = |operation: &str, input: Value| {
        account
            .call_service(Service::Ec2, operation, input)
            .unwrap_or_else(|error| panic!("{operation}: {error}"))
    };
    let table = ec2("CreateRouteTable", json!({"VpcId": vpc}))["RouteTable"]["RouteTableId"].take();
    let mut subnets = Vec::new();
    for (zone, cidr) in [("eu-west-1a", "172.31.64.0/20"), ("eu-west-1b", "172.31.80.0/20")] {
        let input = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone});
        let subnet = ec2("CreateSubnet", input)["Subnet"]["SubnetId"].take();
        ec2("AssociateRouteTable", json!({"RouteTableId": table, "SubnetId": subnet}));
        subnets.push(subnet);
    }
    subnets
}

#[test]
fn private_subnets_make_a_private_service_with_a_load_balancer_of_its_own_pool() {
    let mut account = Account::new();
    account.create("public");
    let subnets = create_private_subnets(&mut account);
    let mut input = create_input("private");
    input["networkConfiguration"] = json!({"subnets": subnets});
    let service = account.ok("CreateExpressGatewayService", input)["service"].take();
    let configuration = &service["activeConfigurations"][0];
    assert_eq!(configuration["ingressPaths"][0]["accessType"], "PRIVATE");
    assert_eq!(configuration["networkConfiguration"]["subnets"], json!(subnets));
    account.wait(400);
    let arn = service["serviceArn"].as_str().unwrap();
    assert_eq!(account.deployment(arn)["status"], "SUCCESSFUL");
    assert_eq!(account.managed(arn)["ingressPaths"][0]["loadBalancer"]["scheme"], "internal");
    assert_eq!(account.state().elbv2.load_balancers.len(), 2);
    let revision = service["activeConfigurations"][0]["serviceRevisionArn"].clone();
    let answer = account.ok("DescribeServiceRevisions", json!({"serviceRevisionArns": [revision]}));
    let network = &answer["serviceRevisions"][0]["networkConfiguration"]["awsvpcConfiguration"];
    assert_eq!(network["assignPublicIp"], "DISABLED");
}

#[test]
fn public_and_private_subnets_do_not_mix() {
    let mut account = Account::new();
    let private = create_private_subnets(&mut account);
    let public =
        account.state().ec2.subnets.values().find(|one| one.availability_zone == "eu-west-1c").unwrap();
    let mut input = create_input("api");
    input["networkConfiguration"] = json!({"subnets": [private[0], public.id]});
    let refused = account.refused("CreateExpressGatewayService", input);
    assert!(refused.contains("mixed subnet type"), "{refused}");
}

#[test]
fn what_a_service_uses_cannot_be_deleted_from_under_it() {
    let mut account = Account::new();
    let arn = account.create_and_wait("api");
    let group =
        account.state().ecs.services[&arn].express.as_ref().unwrap().service_security_group_id.clone();
    let refused =
        account.call_service(Service::Ec2, "DeleteSecurityGroup", json!({"GroupId": group})).unwrap_err();
    assert_eq!(refused.code, "DependencyViolation");
    let target_group = account.state().elbv2.target_groups.keys().next().cloned();
    let refused = account
        .call_service(Service::Elbv2, "DeleteTargetGroup", json!({"TargetGroupArn": target_group}))
        .unwrap_err();
    assert_eq!(refused.code, "ResourceInUse");
}
