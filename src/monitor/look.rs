//! One look at a service: everything that the monitor shows, read in bounded calls.
//!
//! Calls of one round over N services: N/10 `DescribeServices`, N/20 `DescribeServiceDeployments`, a few N/20
//! `DescribeServiceRevisions`, and in each sixth round N `ListServiceDeployments`: they grow linearly with N.
//! Of a service that the composed engine made, ECS knows only a part: in each sixth round that engine reads the rest,
//! with some 15 calls.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::place::Place;
use crate::aws::ecs::{Ecs, Revision, ServiceRecord};
use crate::aws::{AwsError, AwsErrorKind};
use crate::engine::Engine;
use crate::engine::event::Observation;
use crate::service::{IngressPath, MANAGED_TAG_KEY, ManagedKind, ManagedResource, ServiceArn, ServiceStatus};

/// Rounds after which deployments are listed again, so that one that began and ended between two looks is found, and
/// a composition is read again.
const ROUNDS_TO_LIST: u32 = 6;
/// Events that are kept of a look.
const EVENT_LIMIT: usize = 50;

/// What one look at a service saw.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    /// Status, deployment, resources and events.
    pub(super) observation: Observation,
    /// Resources that only the revisions before have: they go when the deployment succeeds.
    pub(super) leaving: Vec<ManagedResource>,
    /// Where the service is reached.
    pub(super) ingress_paths: Vec<IngressPath>,
    /// The task definition of the newest revision.
    pub(super) task_definition_arn: Option<String>,
}

/// What is remembered of one service between two looks.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    deployment_arn: Option<String>,
    round: u32,
    composition: Option<Composition>,
}

/// What the composed engine saw of a service that it made.
#[derive(Debug, Clone)]
struct Composition {
    resources: Vec<ManagedResource>,
    ingress_paths: Vec<IngressPath>,
}

/// Looks at one service; `None`: there is no record of it.
///
/// Look-ups of services that are looked at together share their calls (`aws::batch`).
pub(super) async fn look(
    place: &Place,
    arn: &ServiceArn,
    memory: &mut Memory,
) -> Result<Option<Look>, AwsError> {
    let ecs = &place.ecs;
    let Some(record) = ecs.find_service(arn.cluster(), arn.name()).await? else { return Ok(None) };
    if record.status == ServiceStatus::Inactive {
        return Ok(Some(bare(&record)));
    }
    if record.current_deployment_arn.is_some() {
        memory.deployment_arn.clone_from(&record.current_deployment_arn);
    } else if memory.round.is_multiple_of(ROUNDS_TO_LIST) {
        let newest = ecs.list_deployments(arn).await?.into_iter().next();
        memory.deployment_arn = newest.map(|deployment| deployment.arn).or(memory.deployment_arn.take());
    }
    look_at_composition(place, &record, memory).await?;
    memory.round += 1;
    let deployment = match &memory.deployment_arn {
        Some(deployment_arn) => ecs.find_deployment(deployment_arn).await?,
        None => None,
    };
    let running = deployment.as_ref().filter(|detail| !detail.deployment.status.is_final());
    let target = running.and_then(|detail| detail.deployment.target_revision_arn.clone());
    let sources = running.iter().flat_map(|detail| &detail.sources).filter_map(|source| source.arn.clone());
    let (newest, before) = order_revisions(&record, target, sources.collect());
    let newest = find_revisions(ecs, &newest).await?;
    let before = find_revisions(ecs, &before).await?;
    let composition = memory.composition.as_ref();
    let resources = match composition {
        Some(composition) => composition.resources.clone(),
        None => list_resources(&record, &newest),
    };
    let leaving = before.iter().flat_map(|revision| revision.resources.iter().cloned());
    let mut leaving: Vec<_> = leaving.filter(|one| !is_among(&resources, one)).collect();
    leaving.dedup();
    let described = newest.iter().chain(&before).map(|revision| &revision.ingress_paths);
    let paths = composition.map(|composition| &composition.ingress_paths);
    let paths = paths.into_iter().chain(described).find(|paths| !paths.is_empty());
    Ok(Some(Look {
        leaving,
        ingress_paths: paths.cloned().unwrap_or_default(),
        task_definition_arn: newest.iter().find_map(|revision| revision.task_definition_arn.clone()),
        observation: Observation { deployment, resources, ..bare(&record).observation },
    }))
}

/// Reads what the composed engine made of a service, now and then. What may not be read is left out.
async fn look_at_composition(
    place: &Place,
    record: &ServiceRecord,
    memory: &mut Memory,
) -> Result<(), AwsError> {
    let is_composed = !record.is_express && record.tags.contains_key(MANAGED_TAG_KEY);
    if !is_composed || !memory.round.is_multiple_of(ROUNDS_TO_LIST) {
        return Ok(());
    }
    let observed = match place.composed_engine.observe(&record.arn).await {
        Err(error) if error.kind == AwsErrorKind::AccessDenied => {
            tracing::warn!(error = %error, "not allowed to read what the service is made of");
            None
        }
        other => other?,
    };
    memory.composition = observed.map(|observed| {
        // They have lines of their own.
        let own = [ManagedKind::Cluster, ManagedKind::Service, ManagedKind::TaskDefinition];
        let resources = observed.resources.into_iter().filter(|one| !own.contains(&one.kind));
        Composition { resources: resources.collect(), ingress_paths: observed.ingress_paths }
    });
    Ok(())
}

/// A service of which nothing but its own record is known.
fn bare(record: &ServiceRecord) -> Look {
    let mut events = record.events.clone();
    events.truncate(EVENT_LIMIT);
    let observation = Observation {
        service: Some((record.status.clone(), None)),
        deployment: None,
        resources: Vec::new(),
        events,
    };
    Look { observation, leaving: Vec::new(), ingress_paths: Vec::new(), task_definition_arn: None }
}

/// The revisions that stay, and those that go: a running deployment's target and sources, otherwise whatever runs.
fn order_revisions(
    record: &ServiceRecord,
    target: Option<String>,
    sources: BTreeSet<String>,
) -> (Vec<String>, Vec<String>) {
    match target {
        Some(target) => {
            let before = sources.into_iter().filter(|arn| *arn != target).collect();
            (vec![target], before)
        }
        None => (record.current_revision_arns.clone(), Vec::new()),
    }
}

/// The revisions that can be seen.
async fn find_revisions(ecs: &Arc<Ecs>, arns: &[String]) -> Result<Vec<Revision>, AwsError> {
    let mut revisions = Vec::new();
    for arn in arns {
        revisions.extend(ecs.find_revision(arn).await?);
    }
    Ok(revisions)
}

fn is_among(resources: &[ManagedResource], wanted: &ManagedResource) -> bool {
    resources.iter().any(|one| one.kind == wanted.kind && one.arn == wanted.arn)
}

/// What a service is made of. ECS tells it of an Express service; of any other one the revision names its task
/// definition and target group.
fn list_resources(record: &ServiceRecord, revisions: &[Revision]) -> Vec<ManagedResource> {
    let mut resources: Vec<ManagedResource> = Vec::new();
    for resource in revisions.iter().flat_map(|revision| &revision.resources) {
        if !is_among(&resources, resource) {
            resources.push(resource.clone());
        }
    }
    if !record.is_express {
        let status = record.status.as_str();
        let plain = |kind, arn: &String| ManagedResource {
            kind,
            arn: Some(arn.clone()),
            status: status.to_owned(),
            status_reason: None,
            name: None,
        };
        for revision in revisions {
            resources
                .extend(revision.target_group_arn.iter().map(|arn| plain(ManagedKind::TargetGroup, arn)));
        }
    }
    resources.sort_by(|left, right| (left.kind, &left.arn).cmp(&(right.kind, &right.arn)));
    resources
}
