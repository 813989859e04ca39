//! `UpdateExpressGatewayService` (facts, Express section 1.3).

use serde_json::{Value, json};

use super::configuration::{self, ExpressConfiguration, ExpressInput, NetworkConfiguration};
use super::create::find_customer_definition;
use super::{describe, network, new_revision, resources, scaling, validation};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::Scope;
use crate::sandbox::world::ecs::errors::{client, invalid_parameter, service_not_found};
use crate::sandbox::world::ecs::input::parse;
use crate::sandbox::world::ecs::revision::ServiceRevision;
use crate::sandbox::world::ecs::service::is_befallen;
use crate::sandbox::world::ecs::service_operations::deploy;
use crate::sandbox::world::ecs::task_definition;
use crate::sandbox::world::scenario::Scenario;

/// `UpdateExpressGatewayService`: what is not given stays.
///
/// Every call makes a revision and deploys it: a change of auto scaling alone (facts, express in the wild W7, measured
/// twice), the same container again, and no member at all (W8). One author believes that a change of scaling alone does
/// not: scenario `scaling-in-place`. An update that carries `scalingTarget` brings back the tasks that the circuit breaker
/// took away (W1).
pub(crate) fn update(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ExpressInput = parse(request)?;
    let arn = input.service_arn.clone().unwrap_or_default();
    let service = scope.region.ecs.services.get(&arn).filter(|service| service.express.is_some());
    let service = service.ok_or_else(service_not_found)?;
    super::delete::check_active(service)?;
    validation::validate(&input)?;
    // After a rollback the live revision is the base; while a deployment runs, its target is.
    let base = service.revision_arns().next().and_then(|one| scope.region.ecs.revisions.get(one)).cloned();
    let Some((base, old)) = base.and_then(|base| base.express.clone().map(|old| (base, old))) else {
        return Err(service_not_found());
    };
    let network_configuration = merge_network(scope, &arn, &old, &input)?;
    let scaling_target = old.scaling_target.clone().merged_with(input.scaling_target.as_ref());
    validation::validate_scaling(&scaling_target)?;
    let definition = merge_task_definition(scope, &old, &input)?;
    let configuration = ExpressConfiguration::new(
        &definition,
        network_configuration,
        input.health_check_path.clone().unwrap_or_else(|| old.health_check_path.clone()),
        scaling_target,
    );
    if input.scaling_target.is_some() {
        scaling::resume(scope, &arn, &configuration.scaling_target);
    }
    apply(scope, &arn, base, &old, configuration);
    describe::answer_target(scope, &arn)
}

fn apply(
    scope: &mut Scope<'_>,
    arn: &str,
    base: ServiceRevision,
    old: &ExpressConfiguration,
    new: ExpressConfiguration,
) {
    let mut without_scaling = new.clone();
    without_scaling.scaling_target.clone_from(&old.scaling_target);
    let only_scales = without_scaling == *old && new.scaling_target != old.scaling_target;
    if only_scales && is_befallen(scope, arn, Scenario::ScalingInPlace) {
        let scaling_target = new.scaling_target.clone();
        scope.region.ecs.revisions.insert(base.arn.clone(), ServiceRevision { express: Some(new), ..base });
        if let Some(service) = scope.region.ecs.services.get_mut(arn) {
            service.updated_at = scope.now;
        }
        return scaling::sync(scope, arn, &scaling_target);
    }
    let log_group = new.log_group().to_owned();
    if !log_group.is_empty() {
        resources::create_log_group(scope, arn, &log_group);
    }
    let revision = new_revision(scope, arn, new);
    deploy(scope, arn, revision);
}

/// The security groups given replace the whole list: leaving out the one that ECS made detaches it
/// (facts, Express section 1.3). Subnets of another VPC or kind are refused.
fn merge_network(
    scope: &Scope<'_>,
    arn: &str,
    old: &ExpressConfiguration,
    input: &ExpressInput,
) -> Result<NetworkConfiguration, ApiError> {
    let mut merged = old.network_configuration.clone();
    let Some(given) = &input.network_configuration else { return Ok(merged) };
    let express = scope.region.ecs.services.get(arn).and_then(|service| service.express.as_ref());
    let Some(express) = express else { return Ok(merged) };
    if let Some(subnets) = given.subnets.as_ref().filter(|subnets| !subnets.is_empty()) {
        let network = network::resolve(scope, Some(subnets))?;
        if network.vpc_id != express.vpc_id {
            return Err(invalid_parameter("The subnets of a service cannot be changed to another VPC."));
        }
        if network.is_public != (express.access_type == "PUBLIC") {
            return Err(invalid_parameter(
                "The subnets of a service cannot be changed between public and private subnets.",
            ));
        }
        let balancer = scope.region.elbv2.load_balancers.get(&express.load_balancer_arn);
        let uncovered = balancer.is_some_and(|balancer| {
            let subnets = &scope.region.ec2.subnets;
            let zone = |id: &String| subnets.get(id).map(|subnet| &subnet.availability_zone);
            network.zones.iter().any(|wanted| !balancer.subnet_ids.iter().any(|id| zone(id) == Some(wanted)))
        });
        if uncovered {
            return Err(invalid_parameter(format!(
                "The subnets are in an Availability Zone that is not enabled for the load balancer {}.",
                express.load_balancer_arn
            )));
        }
        merged.subnets = network.subnets;
    }
    if let Some(groups) = &given.security_groups {
        network::check_security_groups(scope, groups, &express.vpc_id)?;
        merged.security_groups.clone_from(groups);
    }
    Ok(merged)
}

/// The task definition after the update: the customer's new one, the old one, or the old one with changes.
fn merge_task_definition(
    scope: &mut Scope<'_>,
    old: &ExpressConfiguration,
    input: &ExpressInput,
) -> Result<task_definition::TaskDefinition, ApiError> {
    if let Some(definition) = find_customer_definition(scope, input)? {
        return Ok(definition);
    }
    let current = task_definition::find(scope, &old.task_definition_arn).cloned();
    let current = current.ok_or_else(|| client("TaskDefinition not found."))?;
    let mut body = current.body.clone();
    let region = scope.region.region.clone();
    configuration::apply(&mut body, input, &region);
    let size = |member: &str| body.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    validation::validate_size(&size("cpu"), &size("memory"))?;
    if body == current.body || !differs_beyond_order(&body, &current.body) {
        return Ok(current);
    }
    let service = scope.region.ecs.services.get(input.service_arn.as_deref().unwrap_or_default());
    let service = service.ok_or_else(service_not_found)?;
    let family = format!("{}-{}", service.cluster, service.name);
    Ok(task_definition::add_revision(scope, &family, body))
}

/// Whether two task definitions differ in more than the order of environment and secrets.
fn differs_beyond_order(new: &serde_json::Map<String, Value>, old: &serde_json::Map<String, Value>) -> bool {
    let sorted = |body: &serde_json::Map<String, Value>| {
        let mut body = json!(body);
        for container in body["containerDefinitions"].as_array_mut().into_iter().flatten() {
            for member in ["environment", "secrets"] {
                if let Some(list) = container.get_mut(member).and_then(Value::as_array_mut) {
                    list.sort_by_key(|one| one["name"].as_str().unwrap_or_default().to_owned());
                }
            }
        }
        body
    };
    sorted(new) != sorted(old)
}
