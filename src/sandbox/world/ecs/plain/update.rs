//! `UpdateService`, which an Express service answers, too.

use serde::Deserialize;
use serde_json::{Value, json};

use super::create::check_execute_command;
use super::{deployment_configuration, find_task_definition, load_balancers, network};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::Scope;
use crate::sandbox::world::ecs::input::parse;
use crate::sandbox::world::ecs::revision::ServiceRevision;
use crate::sandbox::world::ecs::service::Service;
use crate::sandbox::world::ecs::service_operations::answer;
use crate::sandbox::world::ecs::{cluster, errors, express, task_lifecycle};

/// Members that change without a deployment (facts, composition section 2.6).
const PLAIN_MEMBERS: [&str; 5] = [
    "healthCheckGracePeriodSeconds",
    "availabilityZoneRebalancing",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateInput {
    cluster: Option<String>,
    service: String,
    task_definition: Option<String>,
    desired_count: Option<usize>,
    capacity_provider_strategy: Option<Vec<Value>>,
    platform_version: Option<String>,
    network_configuration: Option<Value>,
    load_balancers: Option<Vec<Value>>,
    deployment_configuration: Option<Value>,
    #[serde(default)]
    force_new_deployment: bool,
}

/// `UpdateService`: a change of what tasks run, of their network or of their load balancers starts a deployment;
/// a change of anything else does not.
pub(crate) fn update(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: UpdateInput = parse(request)?;
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    let service = scope.region.ecs.find_service(&cluster_name, &input.service);
    let service = service.ok_or_else(errors::service_not_found)?;
    if !service.is_active() {
        return Err(errors::service_not_active("Service was not ACTIVE."));
    }
    let arn = service.arn.clone();
    let before = service.revision_arns().next().and_then(|one| scope.region.ecs.revisions.get(one)).cloned();
    let Some(before) = before else { return Err(errors::service_not_found()) };
    let settings = change_settings(service, &request.input, &input);
    if let Some(strategy) = &input.capacity_provider_strategy {
        cluster::check_capacity_providers(scope, &cluster_name, strategy)?;
        check_forced(service, strategy, input.force_new_deployment)?;
    }
    let revision = revise(scope, service, &settings, &before, &input)?;
    let platform = service.settings.get("platformVersion") != settings.get("platformVersion");
    let changed = platform
        || revision.task_definition != before.task_definition
        || revision.network != before.network
        || revision.load_balancers != before.load_balancers;
    apply(scope, &arn, settings, &revision, input.desired_count);
    if changed || input.force_new_deployment {
        express::deploy_edited(scope, &arn, revision);
    } else {
        task_lifecycle::start_missing(scope, &arn);
    }
    answer(scope, &arn)
}

/// Other capacity takes a deployment, which ECS does not start by itself (pipe-cd/pipecd PR 6385, kayac/ecspresso PR 481;
/// measured on 2026-09-11).
fn check_forced(service: &Service, strategy: &[Value], is_forced: bool) -> Result<(), ApiError> {
    if is_forced || service.settings.get("capacityProviderStrategy") == Some(&json!(strategy)) {
        return Ok(());
    }
    Err(errors::invalid_parameter(
        "When switching from launch type to capacity provider strategy on an existing service, or making a change to a \
         capacity provider strategy on a service that is already using one, you must force a new deployment.",
    ))
}

/// The service's settings with the changes of the input.
fn change_settings(service: &Service, given: &Value, input: &UpdateInput) -> serde_json::Map<String, Value> {
    let mut settings = service.settings.clone();
    for member in PLAIN_MEMBERS {
        if let Some(value) = given.get(member).filter(|value| !value.is_null()) {
            settings.insert(member.to_owned(), value.clone());
        }
    }
    if let Some(change) = &input.deployment_configuration {
        let configuration = settings.entry("deploymentConfiguration").or_insert(json!({}));
        deployment_configuration::change(configuration, change);
    }
    if let Some(strategy) = &input.capacity_provider_strategy {
        settings.remove("launchType");
        settings.insert("capacityProviderStrategy".to_owned(), json!(strategy));
    }
    if let Some(version) = &input.platform_version {
        settings.insert("platformVersion".to_owned(), json!(version));
    }
    settings
}

/// The revision that the input asks for, if ECS accepts it.
fn revise(
    scope: &Scope<'_>,
    service: &Service,
    settings: &serde_json::Map<String, Value>,
    before: &ServiceRevision,
    input: &UpdateInput,
) -> Result<ServiceRevision, ApiError> {
    let mut revision = before.clone();
    let reference = input.task_definition.as_deref().unwrap_or(&before.task_definition);
    let definition = match &input.task_definition {
        Some(_) => Some(find_task_definition(scope, reference)?),
        None => scope.region.ecs.task_definitions.get(reference).cloned(),
    };
    if let Some(definition) = &definition {
        let enable = settings.get("enableExecuteCommand").unwrap_or(&Value::Null);
        check_execute_command(enable, definition, "updated")?;
        revision.task_definition.clone_from(&definition.arn);
    }
    if let Some(configuration) = &input.network_configuration {
        revision.network = Some(network::read(scope, Some(configuration))?);
    }
    if let Some(list) = &input.load_balancers {
        let mut targets = load_balancers::targets(list).into_iter();
        revision.target = targets.next();
        revision.further_targets = targets.collect();
        revision.load_balancers.clone_from(list);
    }
    if service.express.is_some() {
        // Other strategies are not possible for these services, other bake times are (facts, W12).
        let strategy = input.deployment_configuration.as_ref().and_then(|change| change["strategy"].as_str());
        if strategy.is_some_and(|strategy| strategy != "CANARY") {
            return Err(errors::invalid_parameter(
                "The deployment strategy of an Express Gateway service must be CANARY.",
            ));
        }
        return Ok(revision);
    }
    let configuration = settings.get("deploymentConfiguration").cloned().unwrap_or_default();
    let rebalancing = settings.get("availabilityZoneRebalancing").cloned().unwrap_or_default();
    deployment_configuration::check(&configuration, &rebalancing)?;
    let is_rewired = input.load_balancers.is_some()
        || input.task_definition.is_some()
        || input.deployment_configuration.is_some();
    if let (Some(definition), Some(network), true) = (&definition, &revision.network, is_rewired) {
        load_balancers::check(scope, &revision.load_balancers, &configuration, definition, network)?;
    }
    Ok(revision)
}

fn apply(
    scope: &mut Scope<'_>,
    arn: &str,
    settings: serde_json::Map<String, Value>,
    revision: &ServiceRevision,
    desired_count: Option<usize>,
) {
    let now = scope.now;
    let ecs = &mut scope.region.ecs;
    let Some(service) = ecs.services.get_mut(arn) else { return };
    service.settings = settings;
    service.updated_at = now;
    if service.express.is_none() {
        service.settings.insert("taskDefinition".to_owned(), json!(revision.task_definition));
        service.settings.insert("loadBalancers".to_owned(), json!(revision.load_balancers));
        if let Some(network) = &revision.network {
            service.settings.insert("networkConfiguration".to_owned(), network.describe());
        }
        let live = service.live_revision.as_ref().and_then(|live| ecs.revisions.get(live));
        load_balancers::set_traffic(service, live);
    }
    let resource_id = format!("service/{}/{}", service.cluster, service.name);
    if let Some(count) = desired_count {
        service.is_halted = false;
        let target = scope.region.autoscaling.scalable_targets.get(&resource_id);
        service.desired_count = target.map_or(count, |target| target.bounded(count));
    }
}
