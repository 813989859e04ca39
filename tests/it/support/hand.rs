//! A person with the AWS CLI: clients of the sandbox that have nothing to do with the provider.

use aws_sdk_ecs::config::{BehaviorVersion, Credentials, Region};
use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::api::{Request, RequestContext, Service};

/// An ECS client of the sandbox.
pub(crate) fn ecs(sandbox: &Sandbox) -> aws_sdk_ecs::Client {
    let config = aws_sdk_ecs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test"))
        .http_client(sandbox.http_client())
        .build();
    aws_sdk_ecs::Client::from_conf(config)
}

/// An ELBv2 client of the sandbox.
pub(crate) fn elbv2(sandbox: &Sandbox) -> aws_sdk_elasticloadbalancingv2::Client {
    use aws_sdk_elasticloadbalancingv2::config::{BehaviorVersion, Credentials, Region};
    let config = aws_sdk_elasticloadbalancingv2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test"))
        .http_client(sandbox.http_client())
        .build();
    aws_sdk_elasticloadbalancingv2::Client::from_conf(config)
}

/// Calls an API of the sandbox directly.
fn call(sandbox: &Sandbox, service: Service, operation: &str, input: Json) -> Json {
    let context = RequestContext {
        account_id: "123456789012".to_owned(),
        region: "eu-west-1".to_owned(),
        now: sandbox.now(),
    };
    let request = Request { service, operation: operation.to_owned(), input, context };
    sandbox.with_world(|world| world.call(&request)).expect("accepted")
}

/// Gives an alarm another threshold.
pub(crate) fn tune_alarm(sandbox: &Sandbox, name: &str, threshold: f64) {
    let described = call(sandbox, Service::CloudWatch, "DescribeAlarms", json!({ "AlarmNames": [name] }));
    let alarm = &described["MetricAlarms"][0];
    let mut input = json!({ "Threshold": threshold });
    let kept = [
        "AlarmName",
        "AlarmDescription",
        "ComparisonOperator",
        "EvaluationPeriods",
        "DatapointsToAlarm",
        "TreatMissingData",
        "Metrics",
    ];
    for member in kept {
        input[member] = alarm[member].clone();
    }
    call(sandbox, Service::CloudWatch, "PutMetricAlarm", input);
}

/// Makes subnets of the default VPC behind a NAT gateway, in different zones, and answers their ids.
pub(crate) fn make_private_subnets(sandbox: &Sandbox, count: usize) -> Vec<String> {
    make_subnets_behind(sandbox, count, ("NatGatewayId", "nat-1"))
}

/// Makes subnets of the default VPC whose default route leads to the endpoint of a firewall.
pub(crate) fn make_firewalled_subnets(sandbox: &Sandbox, count: usize) -> Vec<String> {
    make_subnets_behind(sandbox, count, ("VpcEndpointId", "vpce-0123456789abcdef0"))
}

fn make_subnets_behind(sandbox: &Sandbox, count: usize, (target, id): (&str, &str)) -> Vec<String> {
    let call = |operation: &str, input: Json| call(sandbox, Service::Ec2, operation, input);
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let vpc_id = text(&call("DescribeVpcs", json!({}))["Vpcs"][0]["VpcId"]);
    let table = call("CreateRouteTable", json!({ "VpcId": vpc_id }));
    let table_id = text(&table["RouteTable"]["RouteTableId"]);
    let way_out = json!({ "RouteTableId": table_id, "DestinationCidrBlock": "0.0.0.0/0", target: id });
    call("CreateRoute", way_out);
    let zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
    let make = |(index, zone): (usize, &str)| {
        let block = format!("172.31.{}.0/24", 100 + index);
        let input = json!({ "VpcId": vpc_id, "CidrBlock": block, "AvailabilityZone": zone });
        let subnet_id = text(&call("CreateSubnet", input)["Subnet"]["SubnetId"]);
        call("AssociateRouteTable", json!({ "RouteTableId": table_id, "SubnetId": subnet_id }));
        subnet_id
    };
    zones.into_iter().take(count).enumerate().map(make).collect()
}

/// Makes a hosted zone that only a VPC sees, and answers its id.
pub(crate) fn make_private_zone(sandbox: &Sandbox, name: &str) -> String {
    let input = json!({
        "Name": name, "CallerReference": name, "VPC": { "VPCRegion": "eu-west-1", "VPCId": "vpc-1" },
    });
    let made = call(sandbox, Service::Route53, "CreateHostedZone", input);
    made["HostedZone"]["Id"].as_str().expect("an id").rsplit('/').next().expect("a part").to_owned()
}
