//! What an account holds at the end: the service as it is configured, and how many of everything underneath.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::api::Service;

use crate::support::cloud::{call, try_call};

/// Key of the tag that marks a deployment as an apply's own.
const MARK: &str = "terraform-provider-express:deploying";
/// How the services that have the mark are counted.
const MARKS: &str = "marks of deployments";

/// What the last operation left. Two runs that end alike have equal inventories; names and ARNs are not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inventory {
    /// Configuration and tags of each service that is not INACTIVE.
    pub(super) services: Vec<String>,
    /// Number of resources of a kind, log groups and task definitions excepted, which ECS leaves.
    pub(super) resources: BTreeMap<&'static str, usize>,
}

/// Counts what is there once everything that is under way has ended.
pub(super) fn take_inventory(sandbox: &Sandbox) -> Inventory {
    sandbox.advance(Duration::from_secs(3600));
    let mut services: Vec<_> =
        list_services(sandbox).iter().map(|service| describe(sandbox, service)).collect();
    services.sort();
    Inventory { services, resources: count_resources(sandbox) }
}

impl Inventory {
    /// Without the marks of deployments. One that could not be taken off names a deployment that has ended, plans nothing,
    /// and goes with the next update.
    pub(super) fn without_marks(&self) -> Self {
        let mut without = self.clone();
        without.resources.remove(MARKS);
        without
    }
}

/// ARNs of the services that are not INACTIVE.
pub(super) fn list_services(sandbox: &Sandbox) -> Vec<String> {
    let Ok(listed) = try_call(sandbox, Service::Ecs, "ListServices", json!({})) else { return Vec::new() };
    let arns = listed["serviceArns"].as_array().cloned().unwrap_or_default();
    arns.iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

/// ARNs of the load balancers.
pub(super) fn list_load_balancers(sandbox: &Sandbox) -> Vec<String> {
    let found = call(sandbox, Service::Elbv2, "DescribeLoadBalancers", json!({}));
    let balancers = found["LoadBalancers"].as_array().cloned().unwrap_or_default();
    balancers.iter().filter_map(|one| one["LoadBalancerArn"].as_str()).map(str::to_owned).collect()
}

fn describe(sandbox: &Sandbox, arn: &str) -> String {
    let input = json!({ "serviceArn": arn, "include": ["TAGS"] });
    let Ok(found) = try_call(sandbox, Service::Ecs, "DescribeExpressGatewayService", input) else {
        return describe_plain(sandbox, arn);
    };
    let service = &found["service"];
    let configurations = service["activeConfigurations"].as_array().cloned().unwrap_or_default();
    let configurations: Vec<_> = configurations
        .iter()
        .map(|one| {
            json!([
                one["primaryContainer"]["image"],
                one["cpu"],
                one["memory"],
                one["healthCheckPath"],
                one["scalingTarget"],
                one["executionRoleArn"],
            ])
        })
        .collect();
    let tags: Vec<_> =
        service["tags"].as_array().into_iter().flatten().filter(|tag| tag["key"] != MARK).collect();
    json!([service["status"]["statusCode"], service["infrastructureRoleArn"], tags, configurations])
        .to_string()
}

/// Services that have the mark of a deployment.
fn count_marks(sandbox: &Sandbox) -> usize {
    let has_mark = |arn: &String| {
        let Ok(found) = try_call(sandbox, Service::Ecs, "ListTagsForResource", json!({ "resourceArn": arn }))
        else {
            return false;
        };
        found["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag["key"] == MARK))
    };
    list_services(sandbox).iter().filter(|arn| has_mark(arn)).count()
}

/// A service of the composed engine, as far as it is the same in every run.
fn describe_plain(sandbox: &Sandbox, arn: &str) -> String {
    let input = json!({ "services": [arn], "include": ["TAGS"] });
    let found = call(sandbox, Service::Ecs, "DescribeServices", input);
    let service = &found["services"][0];
    let input = json!({ "taskDefinition": service["taskDefinition"] });
    let definition = call(sandbox, Service::Ecs, "DescribeTaskDefinition", input);
    let tag = |end: &str| {
        let tags = service["tags"].as_array().into_iter().flatten();
        let found = tags.into_iter().find(|tag| tag["key"].as_str().is_some_and(|key| key.ends_with(end)));
        found.map(|tag| tag["value"].clone())
    };
    json!([
        service["status"],
        definition["taskDefinition"]["containerDefinitions"][0]["image"],
        service["loadBalancers"].as_array().map_or(0, Vec::len),
        service["deploymentConfiguration"]["strategy"],
        tag(":phase"),
        service["deployments"].as_array().map_or(0, Vec::len),
    ])
    .to_string()
}

/// Addresses in all hosted zones.
fn count_addresses(sandbox: &Sandbox) -> usize {
    let zones = call(sandbox, Service::Route53, "ListHostedZones", json!({}));
    let zones = zones["HostedZones"].as_array().cloned().unwrap_or_default();
    let ids = zones.iter().filter_map(|zone| zone["Id"].as_str()?.rsplit('/').next().map(str::to_owned));
    let sets = ids.flat_map(|id| {
        let sets = call(sandbox, Service::Route53, "ListResourceRecordSets", json!({ "HostedZoneId": id }));
        sets["ResourceRecordSets"].as_array().cloned().unwrap_or_default()
    });
    sets.filter(|set| set["Type"] == "A").count()
}

fn count_resources(sandbox: &Sandbox) -> BTreeMap<&'static str, usize> {
    let count = |service, operation, input, list: &str| {
        call(sandbox, service, operation, input)[list].as_array().map_or(0, Vec::len)
    };
    let balancers = list_load_balancers(sandbox);
    let listeners = balancers.iter().flat_map(|balancer| {
        let input = json!({ "LoadBalancerArn": balancer });
        let found = call(sandbox, Service::Elbv2, "DescribeListeners", input);
        found["Listeners"].as_array().cloned().unwrap_or_default()
    });
    let listeners: Vec<_> =
        listeners.filter_map(|one| one["ListenerArn"].as_str().map(str::to_owned)).collect();
    let rules = listeners
        .iter()
        .map(|listener| count(Service::Elbv2, "DescribeRules", json!({ "ListenerArn": listener }), "Rules"));
    BTreeMap::from([
        (MARKS, count_marks(sandbox)),
        ("load balancers", balancers.len()),
        ("listeners", listeners.len()),
        ("rules", rules.sum()),
        ("addresses", count_addresses(sandbox)),
        ("target groups", count(Service::Elbv2, "DescribeTargetGroups", json!({}), "TargetGroups")),
        ("certificates", count(Service::Acm, "ListCertificates", json!({}), "CertificateSummaryList")),
        ("security groups", count(Service::Ec2, "DescribeSecurityGroups", json!({}), "SecurityGroups")),
        ("alarms", count(Service::CloudWatch, "DescribeAlarms", json!({}), "MetricAlarms")),
        (
            "scalable targets",
            count(
                Service::ApplicationAutoScaling,
                "DescribeScalableTargets",
                json!({ "ServiceNamespace": "ecs" }),
                "ScalableTargets",
            ),
        ),
        (
            "scaling policies",
            count(
                Service::ApplicationAutoScaling,
                "DescribeScalingPolicies",
                json!({ "ServiceNamespace": "ecs" }),
                "ScalingPolicies",
            ),
        ),
    ])
}
