//! Services that the composed engine assembles from plain AWS services, on virtual time.

mod as_recorded;
mod basic;
mod break_glass;
mod certificates;
mod handovers;
mod hostnames;
mod imports;
pub(crate) mod kinds;
mod moves;
mod others_rules;
mod permissions;
mod reachable;
mod resume;
mod tags;
mod undo;
mod updates;
mod zones;

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use crate::support::cloud;
pub(crate) use crate::support::values::told;
use crate::support::workspace::{Workspace, three_inputs, with};

/// The three inputs and a name, built by the composed engine.
pub(crate) fn composed(name: &str) -> Json {
    let config = with(&three_inputs(), "service_name", name);
    with(&config, "engine", "composed")
}

/// A workspace whose account has an empty default VPC and nothing else.
pub(super) async fn workspace() -> Workspace {
    Workspace::new().await
}

/// Makes an ordinary ECS service, and its cluster.
pub(crate) fn make_plain_service(workspace: &Workspace, cluster: &str, name: &str) {
    let ecs = |operation: &str, input| cloud::call(&workspace.sandbox, Service::Ecs, operation, input);
    cloud::create_cluster(&workspace.sandbox, cluster);
    let definition = json!({
        "family": "plain",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [{ "name": "main", "image": "nginx" }],
    });
    ecs("RegisterTaskDefinition", definition);
    let subnets = cloud::list_subnet_ids(&workspace.sandbox);
    let service = json!({
        "cluster": cluster,
        "serviceName": name,
        "taskDefinition": "plain",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": subnets } },
    });
    ecs("CreateService", service);
    // A new service is not seen at once.
    workspace.sandbox.advance(std::time::Duration::from_secs(60));
}

/// The public hosted zone of a name; made, unless it is the one that every account has.
pub(super) fn make_zone(workspace: &Workspace, name: &str) -> String {
    let input = json!({ "DNSName": name });
    let found = cloud::call(&workspace.sandbox, Service::Route53, "ListHostedZonesByName", input);
    if let Some(zone) = found["HostedZones"].as_array().expect("a list").first()
        && zone["Name"] == format!("{name}.")
    {
        return bare_zone_id(zone);
    }
    make_twin_zone(workspace, name)
}

/// Makes a public hosted zone, whether there is one of the name or not.
pub(super) fn make_twin_zone(workspace: &Workspace, name: &str) -> String {
    let input = json!({ "Name": name, "CallerReference": name });
    let made = cloud::call(&workspace.sandbox, Service::Route53, "CreateHostedZone", input);
    bare_zone_id(&made["HostedZone"])
}

fn bare_zone_id(zone: &Json) -> String {
    zone["Id"].as_str().expect("an id").trim_start_matches("/hostedzone/").to_owned()
}

/// Everything that a composed service leaves in the account, by kind and name; empty when nothing is left.
pub(super) fn leftovers(workspace: &Workspace) -> Vec<String> {
    let call =
        |service, operation: &str, input: Json| cloud::call(&workspace.sandbox, service, operation, input);
    let names = |answer: &Json, list: &str, name: &str| -> Vec<String> {
        let elements = answer[list].as_array().cloned().unwrap_or_default();
        elements.iter().map(|element| format!("{list} {}", element[name].as_str().unwrap_or("?"))).collect()
    };
    let mut found = Vec::new();
    let elbv2 = |operation: &str| call(Service::Elbv2, operation, json!({}));
    found.extend(names(&elbv2("DescribeLoadBalancers"), "LoadBalancers", "LoadBalancerName"));
    found.extend(names(&elbv2("DescribeTargetGroups"), "TargetGroups", "TargetGroupName"));
    let groups = call(Service::Ec2, "DescribeSecurityGroups", json!({}));
    found.extend(
        names(&groups, "SecurityGroups", "GroupName").into_iter().filter(|name| !name.ends_with(" default")),
    );
    let alarms = call(Service::CloudWatch, "DescribeAlarms", json!({}));
    found.extend(names(&alarms, "MetricAlarms", "AlarmName"));
    let certificates = call(Service::Acm, "ListCertificates", json!({}));
    found.extend(names(&certificates, "CertificateSummaryList", "DomainName"));
    let targets = call(
        Service::ApplicationAutoScaling,
        "DescribeScalableTargets",
        json!({ "ServiceNamespace": "ecs" }),
    );
    found.extend(names(&targets, "ScalableTargets", "ResourceId"));
    found
}
