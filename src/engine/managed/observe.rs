//! `observe`: one service and everything underneath.

use std::collections::BTreeSet;

use super::ManagedEngine;
use super::heading::find_heading;
use crate::aws::ecs::{ActiveConfiguration, ExpressService, Revision, ServiceRecord};
use crate::aws::{AwsError, AwsErrorKind};
use crate::engine::running_tasks::find_live_minimum;
use crate::service::{
    Arn, Configuration, Deployment, LoadBalancerAddress, ManagedKind, ManagedResource, ObservedService,
    ServiceArn, ServiceStatus, TaskCounts, awaits_marked_deployment, find_marked_deployment,
};

pub(super) async fn observe(
    engine: &ManagedEngine,
    arn: &ServiceArn,
) -> Result<Option<ObservedService>, AwsError> {
    Ok(take_snapshot(engine, arn).await?.map(|snapshot| snapshot.observed))
}

/// A service with all that ECS lists of its deployments.
pub(super) struct Snapshot {
    pub(super) observed: ObservedService,
    /// Newest first.
    pub(super) deployments: Vec<Deployment>,
}

/// The same as [`observe`], with the deployments that it has read.
pub(super) async fn take_snapshot(
    engine: &ManagedEngine,
    arn: &ServiceArn,
) -> Result<Option<Snapshot>, AwsError> {
    let Some(express) = engine.ecs.find_express_gateway_service(arn).await? else { return Ok(None) };
    if express.status == ServiceStatus::Inactive {
        let observed = assemble(express, &[], Revision::default(), None);
        return Ok(Some(Snapshot { observed, deployments: Vec::new() }));
    }
    let (deployments, record) =
        tokio::join!(engine.ecs.list_deployments(arn), engine.ecs.find_service(arn.cluster(), arn.name()));
    let (deployments, record) = (or_nothing(deployments)?, or_nothing(record)?);
    let (heading, _) = find_heading(&express.configurations, &deployments);
    let revision_arn = heading.and_then(|configuration| configuration.revision_arn.clone());
    let revision = match revision_arn {
        Some(revision_arn) => engine.ecs.find_revision(&revision_arn).await?.unwrap_or_default(),
        None => Revision::default(),
    };
    let balancer_arn =
        find_active(&revision.resources, ManagedKind::LoadBalancer).and_then(|found| found.arn.clone());
    let address = match balancer_arn {
        Some(balancer_arn) => or_nothing(engine.elbv2.find_load_balancer_address(&balancer_arn).await)?,
        None => None,
    };
    let task_counts = match record {
        Some(record) => count_tasks(engine, &record, heading).await?,
        None => None,
    };
    let observed = ObservedService { task_counts, ..assemble(express, &deployments, revision, address) };
    Ok(Some(Snapshot { observed, deployments }))
}

/// How many tasks there are and are to be. The scalable target is asked only where ECS is to run none although the
/// service's own bounds want some: an outsider may have parked it (facts, express in the wild W6, W15).
async fn count_tasks(
    engine: &ManagedEngine,
    record: &ServiceRecord,
    heading: Option<&ActiveConfiguration>,
) -> Result<Option<TaskCounts>, AwsError> {
    let Some(minimum) = heading.and_then(|heading| heading.configuration.scaling_target.min_task_count)
    else {
        return Ok(None);
    };
    let counts = TaskCounts { desired: record.desired_count, running: record.running_count, minimum };
    if !counts.are_none_by_mistake() {
        return Ok(Some(counts));
    }
    let live = or_nothing(find_live_minimum(&engine.autoscaling, &record.arn).await)?;
    Ok(Some(TaskCounts { minimum: live.map_or(minimum, |live| live.min(minimum)), ..counts }))
}

/// A read that only adds detail may be denied: then the detail is missing, and the log says so.
fn or_nothing<T: Default>(result: Result<T, AwsError>) -> Result<T, AwsError> {
    match result {
        Err(error) if error.kind == AwsErrorKind::AccessDenied => {
            tracing::warn!(error = %error, "not allowed to read a detail, going on without it");
            Ok(T::default())
        }
        other => other,
    }
}

fn find_active(resources: &[ManagedResource], kind: ManagedKind) -> Option<&ManagedResource> {
    resources.iter().find(|resource| resource.kind == kind && resource.status != "DELETED")
}

fn assemble(
    express: ExpressService,
    deployments: &[Deployment],
    revision: Revision,
    load_balancer_address: Option<LoadBalancerAddress>,
) -> ObservedService {
    let (heading, deployment) = find_heading(&express.configurations, deployments);
    let (configuration, task_definition_arn) = described(heading, &revision);
    let live_target_group_arn = revision.target_group_arn;
    let reason = revision.cpu_architecture_override.as_deref().map(overridden);
    let task_definition = task_definition_arn.as_deref().map(|arn| (arn, reason));
    let resources = composition(&express, task_definition, revision.resources);
    ObservedService {
        revision_arn: heading.and_then(|heading| heading.revision_arn.clone()),
        ingress_paths: heading.map(|heading| heading.ingress_paths.clone()).unwrap_or_default(),
        deployment: deployment.cloned(),
        newest_deployment: deployments.first().cloned(),
        marked_deployment: find_marked_deployment(&express.tags, deployments).cloned(),
        awaits_deployment: awaits_marked_deployment(&express.tags, deployments),
        task_counts: None,
        configuration,
        task_definition_arn,
        resources,
        load_balancer_address,
        live_target_group_arn,
        arn: express.arn,
        infrastructure_role_arn: express.infrastructure_role_arn,
        status: express.status,
        status_reason: express.status_reason,
        tags: express.tags,
    }
}

/// The configuration without the security groups that ECS made, and the task definition in use.
///
/// AWS echoes its own group among the user's from the first moment, but names it as its own only once it is
/// provisioned; until then which groups are the user's is not known.
fn described(heading: Option<&ActiveConfiguration>, revision: &Revision) -> (Configuration, Option<String>) {
    let mut configuration = heading.map(|heading| heading.configuration.clone()).unwrap_or_default();
    let task_definition_arn =
        configuration.task_definition_arn.clone().or_else(|| revision.task_definition_arn.clone());
    let managed = managed_security_group_ids(&revision.resources);
    let echoed = configuration.security_groups.take().filter(|_| !managed.is_empty());
    configuration.security_groups = echoed.map(|groups| groups.difference(&managed).cloned().collect());
    (configuration, task_definition_arn)
}

/// Ids of the security groups that ECS made for the tasks.
pub(super) fn managed_security_group_ids(resources: &[ManagedResource]) -> BTreeSet<String> {
    resources
        .iter()
        .filter(|resource| resource.kind == ManagedKind::ServiceSecurityGroup)
        .filter_map(|resource| resource.arn.as_deref()?.parse::<Arn>().ok())
        .map(|arn| arn.resource_id().to_owned())
        .collect()
}

/// Express runs an image of another processor than the task definition's on that one.
fn overridden(architecture: &str) -> String {
    format!("Express runs the tasks on {architecture}, because the image is built for it.")
}

/// The managed resources together with cluster, service and task definition, in the order of their kinds.
fn composition(
    express: &ExpressService,
    task_definition: Option<(&str, Option<String>)>,
    managed: Vec<ManagedResource>,
) -> Vec<ManagedResource> {
    let own = |kind, arn: String, status: &str| ManagedResource {
        kind,
        arn: Some(arn),
        status: status.to_owned(),
        status_reason: None,
        name: None,
    };
    let mut resources = vec![
        own(ManagedKind::Cluster, express.arn.cluster_arn(), "ACTIVE"),
        own(ManagedKind::Service, express.arn.to_string(), express.status.as_str()),
    ];
    resources.extend(task_definition.map(|(arn, status_reason)| ManagedResource {
        status_reason,
        ..own(ManagedKind::TaskDefinition, arn.to_owned(), "ACTIVE")
    }));
    resources.extend(managed);
    resources
}
