//! `CreateService`, `UpdateService`, `DeleteService`, and the deletion of any service.
//!
//! Plain services are simulated in simple form: a rolling deployment of Fargate tasks that register with the
//! target group given. An Express service answers `UpdateService` too, and refuses `DeleteService`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::deployment::DeploymentStatus;
use super::revision::{RevisionTarget, ServiceRevision, TaskNetwork, new_names};
use super::service::{Service, ServiceStatus, Teardown, add_event, describe_one, is_befallen, schedule};
use super::tagging::{self, Tag};
use super::{EcsEvent, cluster, errors, express, task_definition, task_lifecycle};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::ecs::input::parse;
use crate::sandbox::world::scenario::Scenario;
use crate::sandbox::world::{Scope, timing};

/// Members that `DescribeServices` echoes if they were given.
const ECHOED: [&str; 3] = ["healthCheckGracePeriodSeconds", "capacityProviderStrategy", "platformVersion"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceInput {
    cluster: Option<String>,
    #[serde(alias = "service")]
    service_name: String,
    task_definition: Option<String>,
    desired_count: Option<usize>,
    network_configuration: Option<Value>,
    load_balancers: Option<Vec<Value>>,
    deployment_configuration: Option<Value>,
    #[serde(default)]
    force_new_deployment: bool,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// `CreateService`.
pub(crate) fn create(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ServiceInput = parse(request)?;
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    if !express::validation::is_name(&input.service_name) {
        return Err(errors::invalid_parameter("Invalid service name."));
    }
    let arn = scope.region.arn("ecs", &format!("service/{cluster_name}/{}", input.service_name));
    check_name_is_free(scope, &arn)?;
    let reference = input.task_definition.as_deref().unwrap_or_default();
    let definition = find_active_task_definition(scope, reference)?;
    tagging::validate(&input.tags)?;
    let mut settings = echo(&request.input);
    settings.insert("taskDefinition".into(), json!(definition));
    settings.insert("loadBalancers".into(), json!(input.load_balancers.clone().unwrap_or_default()));
    if let Some(network) = &input.network_configuration {
        settings.insert("networkConfiguration".into(), network.clone());
    }
    let service = Service {
        arn: arn.clone(),
        name: input.service_name.clone(),
        cluster: cluster_name,
        desired_count: input.desired_count.unwrap_or(1),
        settings,
        created_at: scope.now,
        updated_at: scope.now,
        ..Service::default()
    };
    scope.region.ecs.services.insert(arn.clone(), service);
    scope.region.ecs.tags.insert(arn.clone(), tagging::from_input(&input.tags));
    let revision = ServiceRevision {
        task_definition: definition,
        network: input.network_configuration.as_ref().map(read_network),
        target: find_target(input.load_balancers.as_deref().unwrap_or_default()),
        load_balancers: input.load_balancers.unwrap_or_default(),
        ..ServiceRevision::default()
    };
    deploy(scope, &arn, revision);
    answer(scope, &arn)
}

/// Refuses a name that a live service has, in the words for its status.
pub(crate) fn check_name_is_free(scope: &Scope<'_>, arn: &str) -> Result<(), ApiError> {
    match scope.region.ecs.services.get(arn).map(|service| service.status) {
        None | Some(ServiceStatus::Inactive) => Ok(()),
        Some(ServiceStatus::Draining) => {
            Err(errors::invalid_parameter("Unable to Start a service that is still Draining."))
        }
        Some(ServiceStatus::Active) => {
            Err(errors::invalid_parameter("Creation of service was not idempotent."))
        }
    }
}

/// Adds `revision` to the service as its next one and lets a deployment of it appear. Answers its ARN.
pub(crate) fn deploy(scope: &mut Scope<'_>, service_arn: &str, revision: ServiceRevision) -> String {
    let Some(service) = scope.region.ecs.services.get(service_arn) else { return String::new() };
    let (cluster, name, created_at) = (service.cluster.clone(), service.name.clone(), service.created_at);
    let (arn, deployment_id) = new_names(scope, &cluster, &name);
    let now = scope.now;
    let revision = ServiceRevision {
        arn: arn.clone(),
        service_arn: service_arn.to_owned(),
        deployment_id,
        created_at: now,
        ..revision
    };
    scope.region.ecs.revisions.insert(arn.clone(), revision);
    if let Some(service) = scope.region.ecs.services.get_mut(service_arn) {
        service.target_revision = Some(arn.clone());
        service.updated_at = now;
    }
    let event =
        EcsEvent::DeploymentAppears { service: service_arn.to_owned(), created_at, revision: arn.clone() };
    schedule(scope, service_arn, timing::DEPLOYMENT_APPEARS, event);
    arn
}

/// `UpdateService`. A change of `deploymentConfiguration` or `desiredCount` alone starts no deployment
/// (facts, Express section 1.3).
pub(crate) fn update(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ServiceInput = parse(request)?;
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    let service = scope.region.ecs.find_service(&cluster_name, &input.service_name);
    let service = service.ok_or_else(errors::service_not_found)?;
    if !service.is_active() {
        return Err(errors::service_not_active("Service was not ACTIVE."));
    }
    let arn = service.arn.clone();
    let base = service.revision_arns().next().and_then(|one| scope.region.ecs.revisions.get(one)).cloned();
    let Some(mut revision) = base else { return Err(errors::service_not_found()) };
    let before = revision.clone();
    if let Some(reference) = &input.task_definition {
        revision.task_definition = find_active_task_definition(scope, reference)?;
    }
    if let Some(network) = &input.network_configuration {
        revision.network = Some(read_network(network));
    }
    if let Some(load_balancers) = input.load_balancers {
        revision.target = find_target(&load_balancers);
        revision.load_balancers = load_balancers;
    }
    let changed = revision.task_definition != before.task_definition
        || revision.network != before.network
        || revision.load_balancers != before.load_balancers;
    let now = scope.now;
    if let Some(service) = scope.region.ecs.services.get_mut(&arn) {
        if let Some(count) = input.desired_count {
            service.desired_count = count;
        }
        if let Some(configuration) = input.deployment_configuration {
            merge(service.settings.entry("deploymentConfiguration").or_insert(json!({})), configuration);
        }
        service.updated_at = now;
    }
    if changed || input.force_new_deployment {
        express::deploy_edited(scope, &arn, revision);
    } else {
        task_lifecycle::start_missing(scope, &arn);
    }
    answer(scope, &arn)
}

#[derive(Deserialize)]
struct DeleteInput {
    cluster: Option<String>,
    service: String,
    #[serde(default)]
    force: bool,
}

/// `DeleteService`: refused for an Express service, and for one with tasks unless forced.
pub(crate) fn delete(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: DeleteInput = parse(request)?;
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    let service = scope.region.ecs.find_service(&cluster_name, &input.service);
    let service = service.ok_or_else(errors::service_not_found)?;
    let arn = service.arn.clone();
    if service.express.is_some() {
        return Err(errors::invalid_parameter(format!(
            "{arn} has ResourceManagementType=ECS use DeleteExpressGatewayService to delete"
        )));
    }
    if !service.is_active() {
        return Err(errors::service_not_active("Service was not ACTIVE."));
    }
    if service.desired_count > 0 && !input.force {
        let message = "The service cannot be stopped while it is scaled above 0.";
        return Err(errors::invalid_parameter(message));
    }
    drain(scope, &arn);
    answer(scope, &arn)
}

/// Starts the deletion of a service: `DRAINING`, its deployment stopped, its tasks draining.
pub(crate) fn drain(scope: &mut Scope<'_>, arn: &str) {
    let now = scope.now;
    let ecs = &mut scope.region.ecs;
    let Some(service) = ecs.services.get_mut(arn) else { return };
    service.status = ServiceStatus::Draining;
    service.desired_count = 0;
    service.updated_at = now;
    let created_at = service.created_at;
    // A superseded revision is no longer among the service's, but may still have tasks.
    let revisions = ecs.revisions.values().filter(|revision| revision.service_arn == arn);
    let revisions: Vec<String> = revisions.map(|revision| revision.arn.clone()).collect();
    let deployment = service.current_deployment.take().and_then(|one| ecs.deployments.get_mut(&one));
    if let Some(deployment) = deployment {
        deployment.status = DeploymentStatus::Stopped;
        deployment.status_reason =
            Some("Service deployment stopped because the service was deleted.".to_owned());
        deployment.stopped_at = Some(now);
        deployment.finished_at = Some(now);
        deployment.generation += 1;
    }
    for revision in &revisions {
        task_lifecycle::stop_revision(scope, revision);
    }
    let event = EcsEvent::Teardown { service: arn.to_owned(), created_at };
    schedule(scope, arn, timing::DELETE_DRAINS, event);
}

/// The next step of a deletion: infrastructure goes, then the service is `INACTIVE`.
/// A service whose infrastructure role cannot be assumed stays `DRAINING` and tries again.
pub(crate) fn tear_down(scope: &mut Scope<'_>, arn: &str) {
    let Some(service) =
        scope.region.ecs.services.get(arn).filter(|one| one.status == ServiceStatus::Draining)
    else {
        return;
    };
    let created_at = service.created_at;
    let is_express = service.express.is_some();
    let event = EcsEvent::Teardown { service: arn.to_owned(), created_at };
    let role_missing = is_express && is_befallen(scope, arn, Scenario::InfrastructureRoleMissing);
    if role_missing {
        express::report_missing_role(scope, arn, "deprovision");
    }
    if role_missing || is_befallen(scope, arn, Scenario::DrainingForever) {
        return schedule(scope, arn, timing::DELETE_RETRIES, event);
    }
    let Some(service) = scope.region.ecs.services.get_mut(arn) else { return };
    service.status_reason = None;
    if is_express && service.teardown == Teardown::Draining {
        service.teardown = Teardown::Removing;
        express::provisioning::deprovision(scope, arn);
        return schedule(scope, arn, timing::DELETE_REMOVES, event);
    }
    service.status = ServiceStatus::Inactive;
    service.updated_at = scope.now;
    if is_express {
        express::provisioning::remove(scope, arn);
    }
    add_event(scope, arn, "has reached a steady state.");
}

fn answer(scope: &Scope<'_>, arn: &str) -> Result<Value, ApiError> {
    let service = scope.region.ecs.services.get(arn).ok_or_else(errors::service_not_found)?;
    Ok(json!({"service": describe_one(scope, service, true)}))
}

/// The ARN of an active task definition.
///
/// # Errors
/// `ClientException` if there is none.
fn find_active_task_definition(scope: &Scope<'_>, reference: &str) -> Result<String, ApiError> {
    let Some(definition) = task_definition::find(scope, reference) else {
        return Err(errors::client("TaskDefinition not found."));
    };
    if !definition.active {
        return Err(errors::client("TaskDefinition is inactive"));
    }
    Ok(definition.arn.clone())
}

/// Members of the input that the service shows again, with ECS's defaults.
fn echo(input: &Value) -> Map<String, Value> {
    let mut settings = Map::new();
    let given = |member: &str| input.get(member).filter(|value| !value.is_null()).cloned();
    let defaults = [
        ("schedulingStrategy", json!("REPLICA")),
        ("deploymentController", json!({"type": "ECS"})),
        ("availabilityZoneRebalancing", json!("ENABLED")),
        ("enableECSManagedTags", json!(false)),
        ("propagateTags", json!("NONE")),
        ("enableExecuteCommand", json!(false)),
        ("launchType", json!("FARGATE")),
    ];
    for (member, default) in defaults {
        settings.insert(member.to_owned(), given(member).unwrap_or(default));
    }
    for member in ECHOED {
        if let Some(value) = given(member) {
            settings.insert(member.to_owned(), value);
        }
    }
    let mut configuration = json!({
        "strategy": "ROLLING",
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "deploymentCircuitBreaker": {"enable": false, "rollback": false},
    });
    if let Some(given) = given("deploymentConfiguration") {
        merge(&mut configuration, given);
    }
    settings.insert("deploymentConfiguration".to_owned(), configuration);
    settings
}

/// Replaces the members that `update` has.
fn merge(base: &mut Value, update: Value) {
    if let (Value::Object(base), Value::Object(update)) = (base, update) {
        base.extend(update);
    }
}

fn read_network(configuration: &Value) -> TaskNetwork {
    let vpc = &configuration["awsvpcConfiguration"];
    let list = |member: &str| {
        vpc[member].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    TaskNetwork {
        subnets: list("subnets"),
        security_groups: list("securityGroups"),
        assign_public_ip: vpc["assignPublicIp"] == "ENABLED",
    }
}

fn find_target(load_balancers: &[Value]) -> Option<RevisionTarget> {
    let first = load_balancers.first()?;
    Some(RevisionTarget {
        target_group_arn: first["targetGroupArn"].as_str()?.to_owned(),
        container_name: first["containerName"].as_str().unwrap_or_default().to_owned(),
        container_port: u16::try_from(first["containerPort"].as_u64()?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::sandbox::world::ecs::testing::Account;

    fn register(account: &mut Account, image: &str) -> serde_json::Value {
        let input = json!({
            "family": "web",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{"name": "web", "image": image}],
        });
        account.ok("RegisterTaskDefinition", input)["taskDefinition"]["taskDefinitionArn"].take()
    }

    fn create(account: &mut Account) -> String {
        let definition = register(account, "web:1");
        let subnet = account.state().ec2.subnets.keys().next().cloned();
        let network = json!({"awsvpcConfiguration": {"subnets": [subnet], "assignPublicIp": "ENABLED"}});
        let input = json!({
            "serviceName": "web",
            "taskDefinition": definition,
            "desiredCount": 2,
            "networkConfiguration": network,
        });
        account.ok("CreateService", input)["service"]["serviceArn"].as_str().expect("an ARN").to_owned()
    }

    #[test]
    fn a_plain_service_shows_its_task_definition_and_rolls_to_the_next() {
        let mut account = Account::new();
        let arn = create(&mut account);
        account.wait(150);
        let service = account.service(&arn);
        assert_eq!(service["resourceManagementType"], "CUSTOMER");
        assert_eq!(service["runningCount"], 2);
        assert_eq!(service["launchType"], "FARGATE");
        let next = register(&mut account, "web:2");
        account.ok("UpdateService", json!({"service": "web", "taskDefinition": next}));
        account.wait(20);
        assert_eq!(account.service(&arn)["deployments"].as_array().unwrap().len(), 2);
        account.wait(150);
        assert_eq!(account.deployment(&arn)["status"], "SUCCESSFUL");
        assert_eq!(account.service(&arn)["taskDefinition"], next);
        assert_eq!(account.tasks(&arn, "RUNNING").len(), 2);
    }

    #[test]
    fn a_change_of_deployment_settings_starts_no_deployment() {
        let mut account = Account::new();
        let arn = account.create_and_wait("api");
        let before = account.deployment(&arn)["serviceDeploymentArn"].take();
        let input = json!({"service": arn, "deploymentConfiguration": {"bakeTimeInMinutes": 10}});
        let service = account.ok("UpdateService", input)["service"].take();
        assert_eq!(service["deploymentConfiguration"]["bakeTimeInMinutes"], 10);
        assert_eq!(service["deploymentConfiguration"]["strategy"], "CANARY", "the rest stays");
        account.wait(60);
        assert_eq!(account.deployment(&arn)["serviceDeploymentArn"], before);
    }

    #[test]
    fn a_running_plain_service_is_deleted_by_force_only() {
        let mut account = Account::new();
        let arn = create(&mut account);
        account.wait(150);
        let refused = account.refused("DeleteService", json!({"service": "web"}));
        assert!(refused.contains("The service cannot be stopped while it is scaled above 0."), "{refused}");
        let answer = account.ok("DeleteService", json!({"service": "web", "force": true}));
        assert_eq!(answer["service"]["status"], "DRAINING");
        account.wait(120);
        assert_eq!(account.service(&arn)["status"], "INACTIVE");
        assert!(account.state().ec2.network_interfaces.is_empty());
    }

    #[test]
    fn lists_tell_express_services_from_others_and_come_in_pages() {
        let mut account = Account::new();
        create(&mut account);
        for number in 0..12 {
            account.create(&format!("api-{number}"));
        }
        let page = account.ok("ListServices", json!({"resourceManagementType": "ECS"}));
        assert_eq!(page["serviceArns"].as_array().unwrap().len(), 10);
        let input = json!({"resourceManagementType": "ECS", "nextToken": page["nextToken"]});
        let page = account.ok("ListServices", input);
        assert_eq!(page["serviceArns"].as_array().unwrap().len(), 2);
        assert!(page.get("nextToken").is_none());
        let plain = account.ok("ListServices", json!({"resourceManagementType": "CUSTOMER"}));
        assert_eq!(plain["serviceArns"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn tasks_of_an_express_service_carry_its_tags_and_those_of_ecs() {
        let mut account = Account::new();
        let arn = account.create_and_wait("api");
        account.ok("TagResource", json!({"resourceArn": arn, "tags": [{"key": "team", "value": "blue"}]}));
        let task = account.tasks(&arn, "RUNNING")[0]["taskArn"].take();
        let answer = account.ok("DescribeTasks", json!({"tasks": [task], "include": ["TAGS"]}));
        let tags = answer["tasks"][0]["tags"].as_array().unwrap();
        let keys: Vec<_> = tags.iter().map(|tag| tag["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["aws:ecs:clusterName", "aws:ecs:serviceName", "team"]);
    }

    #[test]
    fn a_task_stopped_by_hand_is_replaced() {
        let mut account = Account::new();
        let arn = create(&mut account);
        account.wait(150);
        let task = account.tasks(&arn, "RUNNING")[0]["taskArn"].take();
        let stopped = account.ok("StopTask", json!({"task": task, "reason": "a test"}));
        assert_eq!(stopped["task"]["stoppedReason"], "a test");
        account.wait(90);
        assert_eq!(account.tasks(&arn, "RUNNING").len(), 2);
        assert_eq!(account.tasks(&arn, "STOPPED")[0]["stopCode"], "UserInitiated");
    }
}
