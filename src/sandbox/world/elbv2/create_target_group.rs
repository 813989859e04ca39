//! `CreateTargetGroup`: a name that is free or has these settings.

use serde_json::{Value, json};

use super::{HealthCheck, TargetGroup, health_check, names, output, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text};
use crate::sandbox::world::{Scope, tag_list};

/// Target groups of a region (an ELB quota).
const MAX_TARGET_GROUPS: usize = 3000;

/// `CreateTargetGroup`. A group of the name with the same settings is answered as it is; tags are no settings.
pub(super) fn call(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let asked = checked(scope, input)?;
    let known = scope.region.elbv2.target_groups.values().find(|group| group.name == asked.name);
    if let Some(known) = known {
        if !is_same(known, &asked) {
            let message = format!(
                "A target group with the same name '{}' exists, but with different settings",
                asked.name
            );
            return Err(ApiError::client("DuplicateTargetGroupName", message));
        }
        return Ok(json!({"TargetGroups": [output::target_group(known, &scope.region.elbv2)]}));
    }
    if scope.region.elbv2.target_groups.len() >= MAX_TARGET_GROUPS {
        let message = "The maximum number of target groups has been reached";
        return Err(ApiError::client("TooManyTargetGroups", message));
    }
    let path = format!("targetgroup/{}/{}", asked.name, scope.ids.hex(16));
    let group = TargetGroup {
        arn: scope.region.arn("elasticloadbalancing", &path),
        tags: tag_list::from_list(list(input, "Tags")),
        ..asked
    };
    let answer = json!({"TargetGroups": [output::target_group(&group, &scope.region.elbv2)]});
    scope.region.elbv2.target_groups.insert(group.arn.clone(), group);
    Ok(answer)
}

fn is_same(known: &TargetGroup, asked: &TargetGroup) -> bool {
    let settings = |group: &TargetGroup| {
        let TargetGroup { protocol, protocol_version, port, vpc_id, target_type, .. } = group.clone();
        let (ip_address_type, health_check) = (group.ip_address_type.clone(), group.health_check.clone());
        (protocol, protocol_version, port, vpc_id, target_type, ip_address_type, health_check)
    };
    settings(known) == settings(asked)
}

fn checked(scope: &Scope<'_>, input: &Value) -> Result<TargetGroup, ApiError> {
    let name = text(input, "Name").unwrap_or_default();
    names::check("Target group", name)?;
    let target_type = text(input, "TargetType").unwrap_or("instance");
    if !matches!(target_type, "ip" | "instance") {
        return Err(validation(format!("The sandbox knows no target groups of type '{target_type}'")));
    }
    let protocol = text(input, "Protocol").unwrap_or_default();
    if !matches!(protocol, "HTTP" | "HTTPS") {
        return Err(validation(format!("The sandbox knows no target groups of protocol '{protocol}'")));
    }
    let protocol_version = text(input, "ProtocolVersion").unwrap_or("HTTP1");
    if !matches!(protocol_version, "HTTP1" | "HTTP2" | "GRPC") {
        return Err(validation(format!("Protocol version '{protocol_version}' is not valid")));
    }
    let port = input["Port"].as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
    let port = port.ok_or_else(|| validation("A port between 1 and 65535 must be specified"))?;
    let vpc_id = text(input, "VpcId").unwrap_or_default();
    if !scope.region.ec2.vpcs.contains_key(vpc_id) {
        return Err(validation(format!("The VPC ID '{vpc_id}' is not found")));
    }
    let is_grpc = protocol_version == "GRPC";
    let defaults = HealthCheck {
        enabled: true,
        protocol: "HTTP".to_owned(),
        port: "traffic-port".to_owned(),
        path: if is_grpc { "/AWS.ALB/healthcheck" } else { "/" }.to_owned(),
        interval_seconds: 30,
        timeout_seconds: 5,
        healthy_threshold_count: 5,
        unhealthy_threshold_count: 2,
        matcher_http_code: if is_grpc { "12" } else { "200" }.to_owned(),
    };
    Ok(TargetGroup {
        name: name.to_owned(),
        protocol: protocol.to_owned(),
        protocol_version: protocol_version.to_owned(),
        port,
        vpc_id: vpc_id.to_owned(),
        target_type: target_type.to_owned(),
        ip_address_type: text(input, "IpAddressType").unwrap_or("ipv4").to_owned(),
        health_check: health_check::changed(&defaults, input)?,
        ..TargetGroup::default()
    })
}
