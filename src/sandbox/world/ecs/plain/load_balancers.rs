//! `loadBalancers` of a plain service: what ECS checks, where tasks register, how traffic can move
//! (facts, composition sections 2.1 and 2.2).

use serde::Deserialize;
use serde_json::Value;

use super::deployment_configuration::shifts_traffic;
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::ecs::errors::{client, invalid_parameter};
use crate::sandbox::world::ecs::revision::{RevisionTarget, ServiceRevision, TaskNetwork};
use crate::sandbox::world::ecs::service::Service;
use crate::sandbox::world::ecs::task_definition::TaskDefinition;
use crate::sandbox::world::ecs::traffic::Traffic;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoadBalancer {
    target_group_arn: Option<String>,
    container_name: Option<String>,
    container_port: Option<u16>,
    advanced_configuration: Option<Advanced>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Advanced {
    alternate_target_group_arn: Option<String>,
    production_listener_rule: Option<String>,
    test_listener_rule: Option<String>,
    role_arn: Option<String>,
}

fn read(load_balancers: &[Value]) -> Result<Vec<LoadBalancer>, ApiError> {
    let read = |one: &Value| serde_json::from_value(one.clone());
    let list: Result<_, serde_json::Error> = load_balancers.iter().map(read).collect();
    list.map_err(|error| ApiError::client("SerializationException", error.to_string()))
}

/// Checks the load balancers against everything that they refer to.
///
/// # Errors
/// In ECS's words: `InvalidParameterException` for things that are missing or do not match, `ClientException` for
/// an `advancedConfiguration` that does not fit.
pub(crate) fn check(
    scope: &Scope<'_>,
    load_balancers: &[Value],
    configuration: &Value,
    definition: &TaskDefinition,
    network: &TaskNetwork,
) -> Result<(), ApiError> {
    let list = read(load_balancers)?;
    let advanced = list.iter().filter(|one| one.advanced_configuration.is_some()).count();
    if advanced > 0 && advanced < list.len() {
        return Err(client(
            "either all or none of the provided loadBalancers must have advancedConfiguration",
        ));
    }
    if shifts_traffic(configuration) && advanced < list.len() {
        return Err(client(format!(
            "advancedConfiguration field is required for all loadBalancers when using a {} deployment strategy",
            configuration["strategy"].as_str().unwrap_or_default()
        )));
    }
    for one in &list {
        let target_group = one.target_group_arn.as_deref().unwrap_or_default();
        check_container(one, definition)?;
        if let Some(advanced) = &one.advanced_configuration {
            check_advanced(scope, target_group, advanced)?;
        }
        check_target_group(scope, target_group, network)?;
    }
    Ok(())
}

fn check_container(one: &LoadBalancer, definition: &TaskDefinition) -> Result<(), ApiError> {
    let name = one.container_name.as_deref().unwrap_or_default();
    let Some(container) = definition.find_container(name) else {
        return Err(invalid_parameter(format!(
            "The container {name} does not exist in the task definition."
        )));
    };
    let port = one.container_port.unwrap_or_default();
    let mappings = container["portMappings"].as_array();
    if mappings.into_iter().flatten().any(|mapping| mapping["containerPort"] == port) {
        return Ok(());
    }
    Err(invalid_parameter(format!("The container {name} did not have a container port {port} defined.")))
}

fn check_target_group(scope: &Scope<'_>, arn: &str, network: &TaskNetwork) -> Result<(), ApiError> {
    let Some(group) = scope.region.elbv2.target_groups.get(arn) else {
        return Err(invalid_parameter(format!("The target group {arn} does not exist.")));
    };
    if scope.region.elbv2.load_balancers_of_target_group(arn).is_empty() {
        return Err(invalid_parameter(format!(
            "The target group with targetGroupArn {arn} does not have an associated load balancer."
        )));
    }
    if group.target_type != "ip" {
        return Err(invalid_parameter(format!(
            "The provided target group {arn} has target type {}, which is incompatible with the awsvpc network mode \
             specified in the task definition.",
            group.target_type
        )));
    }
    let subnet = network.subnets.first().and_then(|id| scope.region.ec2.subnets.get(id));
    if subnet.is_some_and(|subnet| subnet.vpc_id != group.vpc_id) {
        return Err(invalid_parameter(format!(
            "The target group {arn} and the subnets do not belong to the same VPC."
        )));
    }
    Ok(())
}

fn check_advanced(scope: &Scope<'_>, target_group: &str, advanced: &Advanced) -> Result<(), ApiError> {
    let alternate = advanced.alternate_target_group_arn.as_deref().unwrap_or_default();
    let production = advanced.production_listener_rule.as_deref().unwrap_or_default();
    let role = advanced.role_arn.as_deref().unwrap_or_default();
    if !role.starts_with("arn:") || !role.contains(":role/") {
        return Err(client("roleArn in advancedConfiguration is not a valid ARN of an IAM role"));
    }
    if alternate == target_group {
        return Err(client("targetGroupArn and alternateTargetGroupArn must not be the same"));
    }
    if !production.contains(":listener-rule/app/") {
        return Err(client(
            "productionListenerRule has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB",
        ));
    }
    if advanced.test_listener_rule.as_deref() == Some(production) {
        return Err(client(format!(
            "{production} cannot be used as both production and test listener rules"
        )));
    }
    if !scope.region.elbv2.target_groups.contains_key(alternate) {
        return Err(invalid_parameter(format!("The target group {alternate} does not exist.")));
    }
    let Some(live_rule) = scope.region.elbv2.rules.get(production) else {
        return Err(invalid_parameter(format!("One or more rules not found: {production}")));
    };
    let is_in = |arn: &str| live_rule.forward.iter().any(|group| group.target_group_arn == arn);
    if !is_in(target_group) && !is_in(alternate) {
        let message = "does not have an associated load balancer.";
        return Err(invalid_parameter(format!(
            "The target group with targetGroupArn {target_group} {message}"
        )));
    }
    if advanced.test_listener_rule.is_none() && !(is_in(target_group) && is_in(alternate)) {
        return Err(client(
            "testListenerRule is required when productionListenerRule is not associated with both targetGroupArn and \
             alternateTargetGroupArn",
        ));
    }
    Ok(())
}

/// Where tasks register; the first is the one between whose target groups traffic moves.
pub(crate) fn targets(load_balancers: &[Value]) -> Vec<RevisionTarget> {
    let list = read(load_balancers).unwrap_or_default();
    let target = |one: LoadBalancer| {
        Some(RevisionTarget {
            target_group_arn: one.target_group_arn?,
            container_name: one.container_name.unwrap_or_default(),
            container_port: one.container_port?,
        })
    };
    list.into_iter().filter_map(target).collect()
}

/// Sets the service's traffic by its load balancers and strategy. What stays the same keeps its live target group;
/// else it is the one that `live`'s tasks are in. ECS begins with the alternate one, as observed (facts,
/// composition section 0).
pub(crate) fn set_traffic(service: &mut Service, live: Option<&ServiceRevision>) {
    let load_balancers = service.settings.get("loadBalancers").and_then(Value::as_array);
    let load_balancers = load_balancers.cloned().unwrap_or_default();
    let shifts = service.settings.get("deploymentConfiguration").is_some_and(shifts_traffic);
    let first = read(&load_balancers).unwrap_or_default().into_iter().next();
    let traffic = first.filter(|_| shifts).and_then(|first| {
        let advanced = first.advanced_configuration?;
        Some(Traffic {
            rule_arn: advanced.production_listener_rule?,
            test_rule_arn: advanced.test_listener_rule,
            target_groups: [first.target_group_arn?, advanced.alternate_target_group_arn?],
            live: 0,
        })
    });
    service.traffic = traffic.map(|traffic| {
        let live = match (&service.traffic, live) {
            (Some(known), _) if known.target_groups == traffic.target_groups => known.live,
            (_, None) => 1,
            (_, Some(live)) => {
                let is_live = |arn: &String| live.targets().any(|target| target.target_group_arn == *arn);
                traffic.target_groups.iter().position(is_live).unwrap_or(0)
            }
        };
        Traffic { live, ..traffic }
    });
}
