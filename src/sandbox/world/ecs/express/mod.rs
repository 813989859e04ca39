//! Express Mode: one call makes a service with load balancer, certificate, scaling and alarm
//! (facts, Express sections 1 to 6).

pub(crate) mod alarm;
pub(crate) mod configuration;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod load_balancer_pool;
pub(crate) mod network;
pub(crate) mod provisioning;
pub(crate) mod resources;
pub(crate) mod scaling;
pub(crate) mod update;
pub(crate) mod validation;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::configuration::ExpressConfiguration;
use super::managed_resource::{ManagedResource, ManagedResourceKind, ManagedResourceStatus};
use super::revision::{RevisionTarget, ServiceRevision, TaskNetwork};
use super::service_operations;
use crate::sandbox::world::Scope;

/// What ECS keeps for an Express service beside the service itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ExpressService {
    pub(crate) infrastructure_role_arn: String,
    /// Host name alone, without scheme.
    pub(crate) endpoint: String,
    /// `PUBLIC` or `PRIVATE`.
    pub(crate) access_type: String,
    pub(crate) vpc_id: String,
    pub(crate) load_balancer_arn: String,
    pub(crate) load_balancer_security_group_id: String,
    pub(crate) listener_arn: String,
    pub(crate) certificate_arn: String,
    pub(crate) service_security_group_id: String,
    /// The log group that ECS makes; the container may be told to use another.
    pub(crate) log_group_name: String,
    pub(crate) managed: BTreeMap<ManagedResourceKind, ManagedResource>,
}

impl ExpressService {
    /// Scheme of the load balancer.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.access_type == "PUBLIC" { "internet-facing" } else { "internal" }
    }
}

/// The revision that runs `configuration`, registered with the target group that is not live.
pub(crate) fn new_revision(
    scope: &Scope<'_>,
    service_arn: &str,
    configuration: ExpressConfiguration,
) -> ServiceRevision {
    let Some(service) = scope.region.ecs.services.get(service_arn) else { return ServiceRevision::default() };
    let is_public = service.express.as_ref().is_some_and(|express| express.access_type == "PUBLIC");
    let network = &configuration.network_configuration;
    let target = service.traffic.as_ref().map(|traffic| RevisionTarget {
        target_group_arn: traffic.next_target_group(service.live_revision.is_some()).to_owned(),
        container_name: validation::MAIN_CONTAINER.to_owned(),
        container_port: configuration.container_port(),
    });
    ServiceRevision {
        task_definition: configuration.task_definition_arn.clone(),
        network: Some(TaskNetwork {
            subnets: network.subnets.clone(),
            security_groups: network.security_groups.clone(),
            assign_public_ip: is_public,
        }),
        target,
        express: Some(configuration),
        ..ServiceRevision::default()
    }
}

/// Deploys a revision that `UpdateService` has edited; an Express service reads its configuration back from
/// the task definition.
pub(crate) fn deploy_edited(scope: &mut Scope<'_>, service_arn: &str, revision: ServiceRevision) {
    let definition = scope.region.ecs.task_definitions.get(&revision.task_definition);
    let edited = match (&revision.express, definition) {
        (Some(configuration), Some(definition)) => {
            let mut network = configuration.network_configuration.clone();
            if let Some(edited) = &revision.network {
                network.subnets.clone_from(&edited.subnets);
                network.security_groups.clone_from(&edited.security_groups);
            }
            let configuration = ExpressConfiguration::new(
                definition,
                network,
                configuration.health_check_path.clone(),
                configuration.scaling_target.clone(),
            );
            new_revision(scope, service_arn, configuration)
        }
        _ => ServiceRevision { wants_tasks: false, failed_tasks: 0, ..revision },
    };
    service_operations::deploy(scope, service_arn, edited);
}

/// Whether log group and target groups exist, without which no task can start; true for a plain service.
pub(crate) fn is_ready_for_tasks(scope: &Scope<'_>, service_arn: &str) -> bool {
    let service = scope.region.ecs.services.get(service_arn);
    let Some(express) = service.and_then(|service| service.express.as_ref()) else { return true };
    [
        ManagedResourceKind::LogGroup,
        ManagedResourceKind::TargetGroup,
        ManagedResourceKind::AlternateTargetGroup,
    ]
    .iter()
    .all(|kind| express.managed.get(kind).is_some_and(|resource| resource.arn.is_some()))
}

/// What Express does when a deployment begins: target group, security groups and alarm follow the revision.
/// ECS rewrites the alarm each time and undoes edits (facts, Express section 2.7).
pub(crate) fn on_deployment_started(scope: &mut Scope<'_>, service_arn: &str, revision_arn: &str) {
    let now = scope.now;
    let ecs = &mut scope.region.ecs;
    let Some(revision) = ecs.revisions.get(revision_arn) else { return };
    let (Some(configuration), Some(target)) = (revision.express.clone(), revision.target.clone()) else {
        return;
    };
    let Some(express) = ecs.services.get_mut(service_arn).and_then(|service| service.express.as_mut()) else {
        return;
    };
    for kind in [ManagedResourceKind::Rule, ManagedResourceKind::MetricAlarm] {
        let resource = express.managed.entry(kind).or_default();
        if resource.status == ManagedResourceStatus::Active {
            resource.updated_at = now;
        }
    }
    if let Some(group) = scope.region.elbv2.target_groups.get_mut(&target.target_group_arn) {
        group.health_check.path.clone_from(&configuration.health_check_path);
        group.health_check.port = target.container_port.to_string();
    }
    resources::admit_port(scope, service_arn, target.container_port);
    scaling::sync(scope, service_arn, &configuration.scaling_target);
    let alarm_exists = scope.region.ecs.services.get(service_arn).is_some_and(|service| {
        let express = service.express.as_ref();
        express
            .and_then(|express| express.managed.get(&ManagedResourceKind::MetricAlarm))
            .is_some_and(|one| one.arn.is_some())
    });
    if alarm_exists {
        alarm::put(scope, service_arn);
    }
}

/// What Express does when a deployment has ended: only the live revision's port stays open and its scaling
/// bounds hold.
pub(crate) fn on_deployment_ended(scope: &mut Scope<'_>, service_arn: &str) {
    let ecs = &scope.region.ecs;
    let Some(service) = ecs.services.get(service_arn).filter(|service| service.express.is_some()) else {
        return;
    };
    let live = service.live_revision.as_ref().and_then(|arn| ecs.revisions.get(arn));
    let Some(configuration) = live.and_then(|revision| revision.express.clone()) else { return };
    let alarm = alarm::name(service);
    resources::keep_port(scope, service_arn, configuration.container_port());
    scaling::sync(scope, service_arn, &configuration.scaling_target);
    alarm::settle(scope, &alarm);
}

/// Says in the service's status and events that the infrastructure role cannot be assumed.
pub(crate) fn report_missing_role(scope: &mut Scope<'_>, service_arn: &str, verb: &str) {
    let Some(service) = scope.region.ecs.services.get(service_arn) else { return };
    let role = service.express.as_ref().map(|express| express.infrastructure_role_arn.clone());
    let reason = format!(
        "ECS was unable to assume the role '{}' to {verb} the service's managed resources. Verify that the \
         infrastructure role exists, that its trust policy allows ecs.amazonaws.com to perform sts:AssumeRole, and \
         that the policy AmazonECSInfrastructureRoleforExpressGatewayServices is attached.",
        role.unwrap_or_default()
    );
    report(scope, service_arn, &reason);
}

/// Says in the service's status and, once, in its events what ECS is in want of.
pub(crate) fn report(scope: &mut Scope<'_>, service_arn: &str, reason: &str) {
    let Some(service) = scope.region.ecs.services.get_mut(service_arn) else { return };
    if service.status_reason.as_deref() == Some(reason) {
        return;
    }
    service.status_reason = Some(reason.to_owned());
    service.add_event(scope.ids, scope.now, reason);
}
