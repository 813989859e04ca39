//! `CreateService`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{deployment_configuration, find_task_definition, load_balancers, network};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::Scope;
use crate::sandbox::world::ecs::input::parse;
use crate::sandbox::world::ecs::revision::ServiceRevision;
use crate::sandbox::world::ecs::scenario_refusals;
use crate::sandbox::world::ecs::service::Service;
use crate::sandbox::world::ecs::service_operations::{answer, check_name_is_free, deploy};
use crate::sandbox::world::ecs::tagging::{self, Tag};
use crate::sandbox::world::ecs::task_definition::TaskDefinition;
use crate::sandbox::world::ecs::{cluster, errors, express};

/// Members that `DescribeServices` echoes, with ECS's defaults.
const DEFAULTED: [(&str, &str); 4] = [
    ("schedulingStrategy", "REPLICA"),
    ("availabilityZoneRebalancing", "ENABLED"),
    ("propagateTags", "NONE"),
    ("platformVersion", "LATEST"),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateInput {
    cluster: Option<String>,
    service_name: String,
    task_definition: Option<String>,
    desired_count: Option<usize>,
    launch_type: Option<String>,
    #[serde(default)]
    capacity_provider_strategy: Vec<Value>,
    deployment_controller: Option<Value>,
    deployment_configuration: Option<Value>,
    network_configuration: Option<Value>,
    #[serde(default)]
    load_balancers: Vec<Value>,
    health_check_grace_period_seconds: Option<u32>,
    client_token: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// `CreateService`: checks everything, answers at once with status `ACTIVE`, and lets the first deployment appear.
pub(crate) fn create(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: CreateInput = parse(request)?;
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    if !express::validation::is_name(&input.service_name) {
        return Err(errors::invalid_parameter("Invalid service name."));
    }
    let arn = scope.region.arn("ecs", &format!("service/{cluster_name}/{}", input.service_name));
    let known = scope.region.ecs.services.get(&arn).filter(|known| known.is_active());
    if known.is_some_and(|known| known.client_token.is_some() && known.client_token == input.client_token) {
        return answer(scope, &arn);
    }
    check_name_is_free(scope, &arn)?;
    let revision = check(scope, &input, &cluster_name, &request.input)?;
    let mut service = Service {
        arn: arn.clone(),
        name: input.service_name.clone(),
        cluster: cluster_name,
        desired_count: input.desired_count.unwrap_or(1),
        settings: echo(&request.input, &input),
        client_token: input.client_token,
        created_at: scope.now,
        updated_at: scope.now,
        ..Service::default()
    };
    service.settings.insert("taskDefinition".to_owned(), json!(revision.task_definition));
    load_balancers::set_traffic(&mut service, None);
    scope.region.ecs.services.insert(arn.clone(), service);
    scope.region.ecs.tags.insert(arn.clone(), tagging::from_input(&input.tags));
    deploy(scope, &arn, revision);
    answer(scope, &arn)
}

/// The first revision, if ECS accepts the input.
fn check(
    scope: &mut Scope<'_>,
    input: &CreateInput,
    cluster_name: &str,
    given: &Value,
) -> Result<ServiceRevision, ApiError> {
    let definition = find_task_definition(scope, input.task_definition.as_deref().unwrap_or_default())?;
    tagging::validate(&input.tags)?;
    check_launch(scope, input, cluster_name)?;
    check_execute_command(&given["enableExecuteCommand"], &definition, "created")?;
    let network = network::read(scope, input.network_configuration.as_ref())?;
    let configuration = deployment_configuration::with_defaults(input.deployment_configuration.as_ref());
    let rebalancing = given.get("availabilityZoneRebalancing").cloned().unwrap_or(json!("ENABLED"));
    deployment_configuration::check(&configuration, &rebalancing)?;
    if input.load_balancers.is_empty() && input.health_check_grace_period_seconds.is_some_and(|one| one > 0) {
        return Err(errors::invalid_parameter(
            "Health check grace period is only valid for services configured to use load balancers",
        ));
    }
    if !input.load_balancers.is_empty() {
        scenario_refusals::check_infrastructure_role(scope, &input.service_name, &definition)?;
    }
    load_balancers::check(scope, &input.load_balancers, &configuration, &definition, &network)?;
    let mut targets = load_balancers::targets(&input.load_balancers).into_iter();
    Ok(ServiceRevision {
        task_definition: definition.arn,
        network: Some(network),
        target: targets.next(),
        further_targets: targets.collect(),
        load_balancers: input.load_balancers.clone(),
        ..ServiceRevision::default()
    })
}

/// A shell is opened with the task's role (aws/aws-cli issue 6242).
pub(super) fn check_execute_command(
    enable: &Value,
    definition: &TaskDefinition,
    done: &str,
) -> Result<(), ApiError> {
    if *enable != true || definition.text("taskRoleArn").is_some_and(|arn| !arn.is_empty()) {
        return Ok(());
    }
    Err(errors::invalid_parameter(format!(
        "The service couldn't be {done} because a valid taskRoleArn is not being used. Specify a valid task role in \
         your task definition and try again."
    )))
}

/// The sandbox has Fargate and ECS's own deployment controller.
fn check_launch(scope: &Scope<'_>, input: &CreateInput, cluster_name: &str) -> Result<(), ApiError> {
    if input.launch_type.is_some() && !input.capacity_provider_strategy.is_empty() {
        return Err(errors::invalid_parameter(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try \
             again.",
        ));
    }
    if input.launch_type.as_deref().is_some_and(|launch_type| launch_type != "FARGATE") {
        return Err(errors::client("The sandbox knows the launch type FARGATE only."));
    }
    if input.deployment_controller.as_ref().is_some_and(|controller| controller["type"] != "ECS") {
        return Err(errors::client("The sandbox knows the deployment controller ECS only."));
    }
    cluster::check_capacity_providers(scope, cluster_name, &input.capacity_provider_strategy)
}

/// Members of the input that the service shows again, with ECS's defaults.
fn echo(given: &Value, input: &CreateInput) -> Map<String, Value> {
    let mut settings = Map::new();
    let mut set = |member: &str, value: Value| settings.insert(member.to_owned(), value);
    for (member, default) in DEFAULTED {
        set(member, given.get(member).filter(|one| !one.is_null()).cloned().unwrap_or(json!(default)));
    }
    for member in ["enableECSManagedTags", "enableExecuteCommand"] {
        set(member, json!(given.get(member).and_then(Value::as_bool).unwrap_or(false)));
    }
    set("deploymentController", json!({"type": "ECS"}));
    set("healthCheckGracePeriodSeconds", json!(input.health_check_grace_period_seconds.unwrap_or(0)));
    if input.capacity_provider_strategy.is_empty() {
        set("launchType", json!("FARGATE"));
    } else {
        set("capacityProviderStrategy", json!(input.capacity_provider_strategy));
    }
    set("loadBalancers", json!(input.load_balancers));
    if let Some(network) = &input.network_configuration {
        set("networkConfiguration", network.clone());
    }
    let configuration = input.deployment_configuration.as_ref();
    set("deploymentConfiguration", deployment_configuration::with_defaults(configuration));
    settings
}
