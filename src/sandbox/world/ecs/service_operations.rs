//! What all services have in common: the deployment of a revision, `DeleteService`, and what follows it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployment::DeploymentStatus;
use super::revision::{ServiceRevision, new_names};
use super::service::{ServiceStatus, Teardown, add_event, describe_one, is_befallen, schedule};
use super::{EcsEvent, cluster, errors, express, task_lifecycle};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::ecs::input::parse;
use crate::sandbox::world::scenario::Scenario;
use crate::sandbox::world::{Scope, autoscaling, timing};

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
    } else {
        let resource_id = format!("service/{}/{}", service.cluster, service.name);
        autoscaling::forget(scope, &resource_id);
    }
    add_event(scope, arn, "has reached a steady state.");
}

/// The service in the form of `DescribeServices`.
pub(crate) fn answer(scope: &Scope<'_>, arn: &str) -> Result<Value, ApiError> {
    let service = scope.region.ecs.services.get(arn).ok_or_else(errors::service_not_found)?;
    Ok(json!({"service": describe_one(scope, service, true)}))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::sandbox::world::ecs::testing::Account;

    fn create(account: &mut Account) -> String {
        let arn = account.create_plain("web");
        account.ok("UpdateService", json!({"service": "web", "desiredCount": 2}));
        arn
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
        let next = account.register("web:2");
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
