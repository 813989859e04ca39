//! `CreateExpressGatewayService` (facts, Express section 1.1).

use serde_json::{Value, json};

use super::configuration::{
    self, DEFAULT_HEALTH_CHECK_PATH, ExpressConfiguration, ExpressInput, NetworkConfiguration, ScalingTarget,
};
use super::load_balancer_pool::PooledLoadBalancer;
use super::network::ServiceNetwork;
use super::{
    ExpressService, describe, load_balancer_pool, network, new_revision, provisioning, resources, validation,
};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::Scope;
use crate::sandbox::world::ecs::errors::{access_denied, invalid_parameter};
use crate::sandbox::world::ecs::input::parse;
use crate::sandbox::world::ecs::service::Service;
use crate::sandbox::world::ecs::service_operations::{check_name_is_free, deploy};
use crate::sandbox::world::ecs::task_definition::{self, TaskDefinition};
use crate::sandbox::world::ecs::traffic::Traffic;
use crate::sandbox::world::ecs::{cluster, tagging};

/// `CreateExpressGatewayService`: answers at once with status `ACTIVE`; the infrastructure follows.
pub(crate) fn create(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ExpressInput = parse(request)?;
    validate(&input)?;
    let cluster_name = find_cluster(scope, input.cluster.as_deref())?;
    let image =
        input.primary_container.as_ref().and_then(|container| container.image.clone()).unwrap_or_default();
    let name = input.service_name.clone().unwrap_or_else(|| generate_name(scope, &image));
    if !validation::is_name(&name) {
        return Err(invalid_parameter(
            "Invalid service name. Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens \
             are allowed.",
        ));
    }
    let role = input.infrastructure_role_arn.clone().unwrap_or_default();
    if scope.scenarios.refuse_create(&name, &image) {
        return Err(access_denied(format!(
            "Cannot assume role. ECS is not authorized to perform: sts:AssumeRole on resource: {role}"
        )));
    }
    let arn = scope.region.arn("ecs", &format!("service/{cluster_name}/{name}"));
    check_name_is_free(scope, &arn)?;
    let given = input.network_configuration.clone().unwrap_or_default();
    let network = network::resolve(scope, given.subnets.as_deref())?;
    let security_groups = given.security_groups.unwrap_or_default();
    network::check_security_groups(scope, &security_groups, &network.vpc_id)?;
    let scaling = ScalingTarget::default_target().merged_with(input.scaling_target.as_ref());
    validation::validate_scaling(&scaling)?;
    let customer_definition = find_customer_definition(scope, &input)?;
    let (balancer, new_load_balancer) = load_balancer_pool::join(scope, &arn, &network)?;

    cluster::ensure(scope, &cluster_name);
    scope.region.ecs.tags.insert(arn.clone(), tagging::from_input(&input.tags));
    let express = plan(scope, &cluster_name, &name, role, &network, &balancer);
    let definition =
        customer_definition.unwrap_or_else(|| register(scope, &cluster_name, &name, &input, &express));
    let mut groups = vec![express.service_security_group_id.clone()];
    groups.extend(security_groups);
    let configuration = ExpressConfiguration::new(
        &definition,
        NetworkConfiguration { security_groups: groups, subnets: network.subnets },
        input.health_check_path.unwrap_or_else(|| DEFAULT_HEALTH_CHECK_PATH.to_owned()),
        scaling,
    );
    let managed_log_group = express.log_group_name.clone();
    let service = new_service(scope, &arn, &cluster_name, &name, express, &configuration);
    if let Some(express) = &service.express {
        resources::create_service_security_group(scope, &service, express, configuration.container_port());
    }
    let log_group = configuration.log_group().to_owned();
    scope.region.ecs.services.insert(arn.clone(), service);
    if !log_group.is_empty() && log_group != managed_log_group {
        resources::create_log_group(scope, &arn, &log_group);
    }
    let revision = new_revision(scope, &arn, configuration);
    deploy(scope, &arn, revision);
    provisioning::provision(scope, &arn, new_load_balancer);
    describe::answer(scope, &arn, true, false)
}

fn validate(input: &ExpressInput) -> Result<(), ApiError> {
    if input.infrastructure_role_arn.as_deref().is_none_or(str::is_empty) {
        return Err(invalid_parameter("infrastructureRoleArn is required."));
    }
    validation::validate(input)?;
    tagging::validate(&input.tags)?;
    if input.task_definition_arn.is_some() {
        return Ok(());
    }
    if input.execution_role_arn.is_none() {
        return Err(invalid_parameter(
            "executionRoleArn is required when taskDefinitionArn is not provided.",
        ));
    }
    if input.primary_container.is_none() {
        return Err(invalid_parameter(
            "primaryContainer is required when taskDefinitionArn is not provided.",
        ));
    }
    let body = configuration::new_task_definition("", "");
    let default = |member: &str| body.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let cpu = input.cpu.clone().unwrap_or_else(|| default("cpu"));
    let memory = input.memory.clone().unwrap_or_else(|| default("memory"));
    validation::validate_size(&cpu, &memory)
}

/// The `default` cluster is made if missing; any other must exist.
fn find_cluster(scope: &Scope<'_>, reference: Option<&str>) -> Result<String, ApiError> {
    cluster::check_region(scope, reference)?;
    let name = cluster::cluster_name(reference);
    if name == cluster::DEFAULT_CLUSTER {
        return Ok(name.to_owned());
    }
    cluster::find_active(scope, reference)
}

/// `<image name>-<4 hex>`, as the console does.
fn generate_name(scope: &mut Scope<'_>, image: &str) -> String {
    let path = image.split_once('@').map_or(image, |(path, _)| path);
    let last = path.rsplit('/').next().unwrap_or(path);
    let base = last.split_once(':').map_or(last, |(base, _)| base);
    let base: String = base
        .chars()
        .map(
            |letter| {
                if letter.is_ascii_alphanumeric() || letter == '_' || letter == '-' { letter } else { '-' }
            },
        )
        .take(250)
        .collect();
    let base = if base.is_empty() { "service".to_owned() } else { base };
    format!("{base}-{}", scope.ids.hex(4))
}

/// The customer's task definition, checked; nothing if the input brings a container instead.
pub(crate) fn find_customer_definition(
    scope: &Scope<'_>,
    input: &ExpressInput,
) -> Result<Option<TaskDefinition>, ApiError> {
    let Some(reference) = &input.task_definition_arn else { return Ok(None) };
    let definition = task_definition::find(scope, reference).filter(|definition| definition.active);
    let definition = definition
        .ok_or_else(|| invalid_parameter(format!("Task definition {reference} does not exist.")))?;
    validation::validate_task_definition(definition)?;
    Ok(Some(definition.clone()))
}

/// Names and identifiers of everything that will belong to the service.
fn plan(
    scope: &mut Scope<'_>,
    cluster: &str,
    name: &str,
    role: String,
    network: &ServiceNetwork,
    balancer: &PooledLoadBalancer,
) -> ExpressService {
    let prefix: String = name.chars().take(2).collect::<String>().to_ascii_lowercase();
    let region = scope.region.region.clone();
    ExpressService {
        infrastructure_role_arn: role,
        endpoint: format!("{prefix}-{}.ecs.{region}.on.aws", scope.ids.hex(32)),
        access_type: if network.is_public { "PUBLIC" } else { "PRIVATE" }.to_owned(),
        vpc_id: network.vpc_id.clone(),
        load_balancer_arn: balancer.arn.clone(),
        load_balancer_security_group_id: balancer.security_group_id.clone(),
        listener_arn: balancer.listener_arn.clone(),
        certificate_arn: scope.region.arn("acm", &format!("certificate/{}", scope.ids.uuid())),
        service_security_group_id: scope.ids.ec2_id("sg"),
        log_group_name: format!("/aws/ecs/{cluster}/{name}-{}", scope.ids.hex(4)),
        ..ExpressService::default()
    }
}

fn register(
    scope: &mut Scope<'_>,
    cluster: &str,
    name: &str,
    input: &ExpressInput,
    express: &ExpressService,
) -> TaskDefinition {
    let region = scope.region.region.clone();
    let mut body = configuration::new_task_definition(&region, &express.log_group_name);
    configuration::apply(&mut body, input, &region);
    task_definition::add_revision(scope, &format!("{cluster}-{name}"), body)
}

fn new_service(
    scope: &mut Scope<'_>,
    arn: &str,
    cluster: &str,
    name: &str,
    express: ExpressService,
    configuration: &ExpressConfiguration,
) -> Service {
    let rule = express.listener_arn.replacen(":listener/", ":listener-rule/", 1);
    let mut target_group = || {
        let path = format!("targetgroup/ecs-gateway-tg-{}/{}", scope.ids.hex(17), scope.ids.hex(16));
        scope.region.arn("elasticloadbalancing", &path)
    };
    let target_groups = [target_group(), target_group()];
    let traffic =
        Traffic { rule_arn: format!("{rule}/{}", scope.ids.hex(16)), target_groups, ..Traffic::default() };
    let mut service = Service {
        arn: arn.to_owned(),
        name: name.to_owned(),
        cluster: cluster.to_owned(),
        desired_count: usize::try_from(configuration.scaling_target.min_task_count).unwrap_or(1),
        express: Some(Box::new(express)),
        traffic: Some(traffic),
        created_at: scope.now,
        updated_at: scope.now,
        ..Service::default()
    };
    if let Value::Object(settings) = new_settings(&super::alarm::name(&service)) {
        service.settings = settings;
    }
    service
}

/// What `DescribeServices` shows of every Express service (facts, Express section 2.5).
fn new_settings(alarm_name: &str) -> Value {
    json!({
        "schedulingStrategy": "REPLICA",
        "availabilityZoneRebalancing": "ENABLED",
        "enableECSManagedTags": true,
        "propagateTags": "SERVICE",
        "enableExecuteCommand": false,
        "healthCheckGracePeriodSeconds": 0,
        "deploymentController": {"type": "ECS"},
        "deploymentConfiguration": {
            "strategy": "CANARY",
            "bakeTimeInMinutes": 3,
            "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 3},
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": true, "rollback": true},
            "alarms": {"alarmNames": [alarm_name], "enable": true, "rollback": true},
        },
        "loadBalancers": [],
        "serviceRegistries": [],
        "placementConstraints": [],
        "placementStrategy": [],
    })
}
