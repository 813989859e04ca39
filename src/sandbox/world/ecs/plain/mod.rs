//! Services of the customer's own: `CreateService` and `UpdateService` (facts, composition section 2).
//!
//! The machinery of deployments, tasks and traffic is the same as for Express services; here is what differs: the
//! customer brings load balancer, rule and target groups, and ECS checks them.

pub(crate) mod create;
pub(crate) mod deployment_configuration;
pub(crate) mod load_balancers;
pub(crate) mod network;
pub(crate) mod update;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::express::alarm;
use super::task_definition::{self, TaskDefinition};
use super::{errors, revision::ServiceRevision};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::ecs::service::Service;

/// Members that `DescribeServices` has beside those that were sent (cdk-real-drift corpus, 2026-07-14 and 2026-08-09;
/// cloud-custodian's recordings, 2023-10-05 and 2024-02-21).
pub(crate) fn further_members(service: &Service, scope: &Scope<'_>) -> Vec<(&'static str, Value)> {
    let role = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
    let (partition, account) = (scope.region.partition(), &scope.region.account_id);
    let iam = |resource: &str| json!(format!("arn:{partition}:iam::{account}:{resource}"));
    let mut members = vec![
        ("roleArn", iam(role)),
        ("createdBy", iam("user/sandbox")),
        ("platformFamily", json!("Linux")),
        ("placementConstraints", json!([])),
        ("placementStrategy", json!([])),
        ("serviceRegistries", json!([])),
    ];
    if let Some(configuration) = service.settings.get("deploymentConfiguration") {
        members.push(("deploymentConfiguration", deployment_configuration::described(configuration)));
    }
    members
}

/// What ECS does when a deployment of a plain service has ended: the service shows what its live revision is, which
/// after a rollback is the old one again.
pub(crate) fn on_deployment_ended(scope: &mut Scope<'_>, deployment_arn: &str) {
    let ecs = &scope.region.ecs;
    let Some(deployment) = ecs.deployments.get(deployment_arn) else { return };
    let Some(service) = ecs.services.get(&deployment.service_arn).filter(|one| one.express.is_none()) else {
        return;
    };
    let (arn, alarms) = (service.arn.clone(), deployment.alarm_names());
    let live = service.live_revision.as_ref().and_then(|live| ecs.revisions.get(live)).cloned();
    if let Some(live) = live.filter(|_| service.target_revision.is_none()) {
        show(scope, &arn, &live);
    }
    for name in alarms {
        alarm::settle_scripted(scope, &name);
    }
}

/// Makes the service show, and shift traffic for, this revision.
fn show(scope: &mut Scope<'_>, service_arn: &str, revision: &ServiceRevision) {
    let Some(service) = scope.region.ecs.services.get_mut(service_arn) else { return };
    service.settings.insert("taskDefinition".to_owned(), json!(revision.task_definition));
    service.settings.insert("loadBalancers".to_owned(), json!(revision.load_balancers));
    if let Some(network) = &revision.network {
        service.settings.insert("networkConfiguration".to_owned(), network.describe());
    }
    load_balancers::set_traffic(service, Some(revision));
}

/// An active task definition that Fargate can run in a network of the customer's.
///
/// # Errors
/// `ClientException` if there is none, `InvalidParameterException` if it is not for Fargate.
fn find_task_definition(scope: &Scope<'_>, reference: &str) -> Result<TaskDefinition, ApiError> {
    let definition =
        task_definition::find(scope, reference).ok_or_else(|| errors::client("TaskDefinition not found."))?;
    if !definition.active {
        return Err(errors::client("TaskDefinition is inactive"));
    }
    let compatibilities = definition.body.get("requiresCompatibilities").and_then(Value::as_array);
    if !compatibilities.is_some_and(|list| list.iter().any(|one| one == "FARGATE")) {
        return Err(errors::invalid_parameter("Task definition does not support launch_type FARGATE."));
    }
    Ok(definition.clone())
}
