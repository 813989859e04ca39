//! ELBv2 entities in the form in which the API describes them.

use serde_json::{Value, json};

use super::{Elbv2State, Listener, LoadBalancer, Rule, TargetGroup};
use crate::sandbox::world::Timestamp;
use crate::sandbox::world::ec2::Ec2State;

/// A load balancer as of `now`.
pub(super) fn load_balancer(balancer: &LoadBalancer, ec2: &Ec2State, now: Timestamp) -> Value {
    let zone = |subnet_id: &String| {
        let name = ec2.subnets.get(subnet_id).map(|subnet| subnet.availability_zone.as_str());
        json!({"ZoneName": name.unwrap_or_default(), "SubnetId": subnet_id, "LoadBalancerAddresses": []})
    };
    json!({
        "LoadBalancerArn": balancer.arn,
        "LoadBalancerName": balancer.name,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneId": balancer.canonical_hosted_zone_id,
        "CreatedTime": balancer.created_at.iso8601(),
        "Scheme": balancer.scheme,
        "VpcId": balancer.vpc_id,
        "State": {"Code": if now < balancer.active_at { "provisioning" } else { "active" }},
        "Type": "application",
        "AvailabilityZones": balancer.subnet_ids.iter().map(zone).collect::<Vec<Value>>(),
        "SecurityGroups": balancer.security_group_ids,
        "IpAddressType": balancer.ip_address_type,
    })
}

/// A listener, with its default certificate only, as the API shows it.
pub(super) fn listener(listener: &Listener) -> Value {
    let certificates: Vec<Value> =
        listener.certificate_arns.iter().take(1).map(|arn| json!({"CertificateArn": arn})).collect();
    json!({
        "ListenerArn": listener.arn,
        "LoadBalancerArn": listener.load_balancer_arn,
        "Port": listener.port,
        "Protocol": listener.protocol,
        "SslPolicy": listener.ssl_policy,
        "Certificates": certificates,
        "DefaultActions": listener.default_actions,
    })
}

/// A rule other than the default one.
pub(super) fn rule(rule: &Rule) -> Value {
    let mut actions = rule.other_actions.clone();
    if !rule.forward.is_empty() {
        let order = actions.len() + 1;
        actions.push(super::actions::describe_forward(&rule.forward, rule.stickiness_seconds, order));
    }
    json!({
        "RuleArn": rule.arn,
        "Priority": rule.priority.to_string(),
        "Conditions": rule.conditions.iter().map(condition).collect::<Vec<Value>>(),
        "Actions": actions,
        "IsDefault": false,
    })
}

/// The API repeats the values of host and path conditions in the older member `Values`.
fn condition(condition: &Value) -> Value {
    let mut condition = condition.clone();
    let values = ["HostHeaderConfig", "PathPatternConfig"].iter().find_map(|name| {
        let values = &condition[*name]["Values"];
        values.is_array().then(|| values.clone())
    });
    if let Some(values) = values {
        condition["Values"] = values;
    }
    condition
}

/// The default rule of a listener, which has an ARN but no life of its own.
pub(super) fn default_rule(listener: &Listener) -> Value {
    json!({
        "RuleArn": default_rule_arn(&listener.arn),
        "Priority": "default",
        "Conditions": [],
        "Actions": listener.default_actions,
        "IsDefault": true,
    })
}

/// `...:listener-rule/app/<lb>/<id>/<listener>/<rule>`, the rule's id being the listener's reversed.
pub(super) fn default_rule_arn(listener_arn: &str) -> String {
    let id: String = listener_arn.rsplit('/').next().unwrap_or_default().chars().rev().collect();
    format!("{}/{id}", listener_arn.replacen(":listener/", ":listener-rule/", 1))
}

/// A target group with the load balancers that use it.
pub(super) fn target_group(group: &TargetGroup, elbv2: &Elbv2State) -> Value {
    let check = &group.health_check;
    let matcher = if group.protocol_version == "GRPC" { "GrpcCode" } else { "HttpCode" };
    json!({
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "Protocol": group.protocol,
        "ProtocolVersion": group.protocol_version,
        "Port": group.port,
        "VpcId": group.vpc_id,
        "TargetType": group.target_type,
        "IpAddressType": group.ip_address_type,
        "LoadBalancerArns": elbv2.load_balancers_of_target_group(&group.arn),
        "HealthCheckEnabled": check.enabled,
        "HealthCheckProtocol": check.protocol,
        "HealthCheckPort": check.port,
        "HealthCheckPath": check.path,
        "HealthCheckIntervalSeconds": check.interval_seconds,
        "HealthCheckTimeoutSeconds": check.timeout_seconds,
        "HealthyThresholdCount": check.healthy_threshold_count,
        "UnhealthyThresholdCount": check.unhealthy_threshold_count,
        "Matcher": {matcher: check.matcher_http_code},
    })
}

/// The health of every target of a group.
pub(super) fn target_health(group: &TargetGroup) -> Vec<Value> {
    let check_port = |port: u16| match group.health_check.port.as_str() {
        "traffic-port" | "" => port.to_string(),
        fixed => fixed.to_owned(),
    };
    let targets = group.targets.iter().map(|target| {
        json!({
            "Target": {
                "Id": target.id,
                "Port": target.port,
                "AvailabilityZone": target.availability_zone,
            },
            "HealthCheckPort": check_port(target.port),
            "TargetHealth": {
                "State": target.health.state,
                "Reason": target.health.reason,
                "Description": target.health.description,
            },
        })
    });
    targets.collect()
}
