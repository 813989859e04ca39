//! What AWS says of a service, without what differs from one service or revision to the next.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::cloud::{call, try_call};
use super::workspace::Workspace;

/// Everything that an argument of the composed engine can set, of the service `api` in the cluster `default`.
pub(crate) fn composed(workspace: &Workspace, name: &str) -> Json {
    let ask = |service, operation: &str, input: Json| call(&workspace.sandbox, service, operation, input);
    let described = ask(
        Service::Ecs,
        "DescribeServices",
        json!({ "cluster": "default", "services": ["api"], "include": ["TAGS"] }),
    );
    let service = &described["services"][0];
    let definition =
        ask(Service::Ecs, "DescribeTaskDefinition", json!({ "taskDefinition": service["taskDefinition"] }));
    let infrastructure = |member: &str| workspace.attribute(name, &format!("infrastructure.{member}"));
    let balancer = infrastructure("load_balancer_arn");
    let balancers = ask(Service::Elbv2, "DescribeLoadBalancers", json!({ "LoadBalancerArns": [balancer] }));
    let attributes =
        ask(Service::Elbv2, "DescribeLoadBalancerAttributes", json!({ "LoadBalancerArn": balancer }));
    let rule = infrastructure("listener_rule_arn");
    let rules = ask(Service::Elbv2, "DescribeRules", json!({ "RuleArns": [rule] }));
    let acl = try_call(
        &workspace.sandbox,
        Service::Wafv2,
        "GetWebACLForResource",
        json!({ "ResourceArn": balancer }),
    );
    let group = infrastructure("target_group_arns.0");
    let groups = ask(Service::Elbv2, "DescribeTargetGroups", json!({ "TargetGroupArns": [group] }));
    let group_attributes =
        ask(Service::Elbv2, "DescribeTargetGroupAttributes", json!({ "TargetGroupArn": group }));
    let log_groups = ask(Service::Logs, "DescribeLogGroups", json!({}));
    lean(json!({
        "service": of_service(service),
        "task_definition": of_definition(&definition["taskDefinition"]),
        "load_balancer": {
            "scheme": balancers["LoadBalancers"][0]["Scheme"],
            "subnets": sorted(&balancers["LoadBalancers"][0]["AvailabilityZones"]),
            "attributes": sorted(&attributes["Attributes"]),
            "web_acl": acl.map(|acl| acl["WebACL"]["ARN"].clone()).unwrap_or_default(),
            "pool": pool(workspace),
        },
        "hosts": rules["Rules"][0]["Conditions"],
        "certificate": workspace.attribute(name, "certificate_arn"),
        "target_group": {
            "health_check": health_check(&groups["TargetGroups"][0]),
            "attributes": sorted(&group_attributes["Attributes"]),
        },
        "scaling": scaling(workspace),
        "alarms": alarms(workspace),
        "logs": log_groups["logGroups"].as_array().into_iter().flatten().map(|group| {
            json!([group["logGroupName"], group["retentionInDays"]])
        }).collect::<Vec<_>>(),
    }))
}

/// Everything that an argument of the managed engine can set.
pub(crate) fn managed(workspace: &Workspace, name: &str) -> Json {
    let input = json!({ "serviceArn": workspace.attribute(name, "service_arn"), "include": ["TAGS"] });
    let mut answer = call(&workspace.sandbox, Service::Ecs, "DescribeExpressGatewayService", input);
    let service = &mut answer["service"];
    let mut configuration = service["activeConfigurations"][0].take();
    remove(&mut configuration, &["serviceRevisionArn", "createdAt", "taskDefinitionArn", "ingressPaths"]);
    lean(json!({ "configuration": configuration, "tags": service["tags"] }))
}

/// Without what is empty: AWS does not tell that from what is not there.
fn lean(value: Json) -> Json {
    match value {
        Json::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, lean(value)));
            Json::Object(members.filter(|(_, value)| !is_empty(value)).collect())
        }
        Json::Array(elements) => elements.into_iter().map(lean).collect(),
        value => value,
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Object(members) => members.is_empty(),
        Json::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

fn remove(object: &mut Json, names: &[&str]) {
    for name in names {
        object.as_object_mut().map(|members| members.remove(*name));
    }
}

fn sorted(list: &Json) -> Json {
    let mut elements = list.as_array().cloned().unwrap_or_default();
    elements.sort_by_key(ToString::to_string);
    Json::Array(elements)
}

fn of_service(service: &Json) -> Json {
    let strategy = service["capacityProviderStrategy"].to_string();
    let network = &service["networkConfiguration"]["awsvpcConfiguration"];
    let own_tags = service["tags"].as_array().into_iter().flatten();
    let tags: Vec<_> = own_tags
        .filter(|tag| tag["key"].as_str().is_some_and(|key| !key.starts_with("terraform-provider-express:")))
        .collect();
    json!({
        "deployment": service["deploymentConfiguration"],
        "exec": service["enableExecuteCommand"],
        "grace": service["healthCheckGracePeriodSeconds"],
        "rebalancing": service["availabilityZoneRebalancing"],
        "spot": strategy.contains("FARGATE_SPOT"),
        "subnets": sorted(&network["subnets"]),
        "groups": network["securityGroups"].as_array().map(Vec::len),
        "public": network["assignPublicIp"],
        "tags": tags,
    })
}

fn of_definition(definition: &Json) -> Json {
    let mut definition = definition.clone();
    let own = ["taskDefinitionArn", "revision", "registeredAt", "registeredBy", "status", "deregisteredAt"];
    remove(&mut definition, &own);
    definition["requiresAttributes"] = json!(null);
    definition["containerDefinitions"] = sorted(&definition["containerDefinitions"]);
    definition
}

fn health_check(group: &Json) -> Json {
    let members = group.as_object().into_iter().flatten();
    let check = members.filter(|(name, _)| name.contains("ealth") || *name == "Matcher");
    Json::Object(check.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn scaling(workspace: &Workspace) -> Json {
    let ask = |operation: &str| {
        let input = json!({ "ServiceNamespace": "ecs" });
        call(&workspace.sandbox, Service::ApplicationAutoScaling, operation, input)
    };
    let targets = ask("DescribeScalableTargets");
    let policies = ask("DescribeScalingPolicies");
    let target = &targets["ScalableTargets"][0];
    let tracking = &policies["ScalingPolicies"][0]["TargetTrackingScalingPolicyConfiguration"];
    json!({
        "bounds": [target["MinCapacity"], target["MaxCapacity"]],
        "policies": policies["ScalingPolicies"].as_array().map(Vec::len),
        "value": tracking["TargetValue"],
        "metric": tracking["PredefinedMetricSpecification"],
        "is_custom": !tracking["CustomizedMetricSpecification"].is_null(),
    })
}

fn alarms(workspace: &Workspace) -> Json {
    let found = call(&workspace.sandbox, Service::CloudWatch, "DescribeAlarms", json!({}));
    let alarms = found["MetricAlarms"].as_array().into_iter().flatten();
    let own = alarms.filter(|alarm| alarm.to_string().contains("RollbackAlarm"));
    own.map(|alarm| json!([alarm["Threshold"], alarm["Metrics"].as_array().map(Vec::len)])).collect()
}

/// Whether the service's load balancer is of a pool with a name.
fn pool(workspace: &Workspace) -> Json {
    let groups = call(&workspace.sandbox, Service::Ec2, "DescribeSecurityGroups", json!({}));
    json!(groups.to_string().contains("terraform-provider-express:pool-name"))
}
