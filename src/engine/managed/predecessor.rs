//! What an earlier attempt left behind.
//!
//! A create is recorded on the service itself, by a tag from its first call (the creation marker). A provider that
//! is killed before Terraform saved its state is continued from there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OnceCell};

use super::ManagedEngine;
use crate::aws::ecs::ServiceRecord;
use crate::aws::{AwsError, AwsErrorKind};
use crate::engine::mark::is_recent;
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::engine::{Bounds, EngineError};
use crate::service::{
    CREATION_MARKER_TAG_KEY, CreationMarker, DEFAULT_CLUSTER_NAME, ServiceArn, ServiceSpec, ServiceStatus,
    cluster_name,
};

/// Time for the mark of a create that was stopped to go.
const MARK_GOES: Duration = Duration::from_secs(10);

/// Services of a cluster that interrupted applies left behind, as they were before this process created any.
#[derive(Default)]
pub(super) struct LeftBehind {
    clusters: Mutex<HashMap<String, Arc<OnceCell<Vec<ServiceRecord>>>>>,
    reported: Mutex<HashSet<ServiceArn>>,
}

/// The marker on a service, if it has one.
pub(super) fn find_marker(record: &ServiceRecord) -> Option<CreationMarker> {
    record.tags.get(CREATION_MARKER_TAG_KEY)?.parse().ok()
}

fn cluster_of(spec: &ServiceSpec) -> &str {
    spec.cluster.as_deref().unwrap_or(DEFAULT_CLUSTER_NAME)
}

/// A service that an interrupted apply began for this very request, to be continued; `None`: begin.
///
/// A named service that is being deleted is waited for; one that lives and was not begun by an interrupted
/// apply of this configuration is an error, and so is an unnamed service that was left behind: which of several
/// equal requests it belongs to cannot be known.
pub(super) async fn find_predecessor(
    engine: &ManagedEngine,
    bounds: &Bounds,
    spec: &ServiceSpec,
    marker: &CreationMarker,
) -> Result<Option<ServiceArn>, EngineError> {
    match &spec.service_name {
        Some(name) => find_named(engine, bounds, cluster_of(spec), name, marker).await,
        None => find_unnamed(engine, bounds, cluster_of(spec), marker).await.map(|()| None),
    }
}

async fn find_named(
    engine: &ManagedEngine,
    bounds: &Bounds,
    cluster: &str,
    name: &str,
    marker: &CreationMarker,
) -> Result<Option<ServiceArn>, EngineError> {
    let record = wait_until(bounds, || async {
        let record = readable(engine.ecs.find_service(cluster, name).await)?;
        Ok::<_, EngineError>(is_name_settled(record, name))
    })
    .await?;
    let Some(record) = record else { return Ok(None) };
    let is_ours = find_marker(&record).is_some_and(|found| found.fingerprint == marker.fingerprint);
    if is_ours && record.is_express && is_recent(bounds, record.created_at) {
        tracing::warn!(service_arn = %record.arn, "an interrupted apply began this service, continuing it");
        Ok(Some(record.arn))
    } else {
        Err(EngineError::AlreadyExists { arn: record.arn, is_importable: record.is_express })
    }
}

/// The name is free, or has a live owner. While its last owner drains it is neither.
fn is_name_settled(record: Option<ServiceRecord>, name: &str) -> Condition<Option<ServiceRecord>> {
    match record {
        Some(record) if record.status == ServiceStatus::Draining => {
            Condition::Pending(format!("service {name} with the same name is still being deleted"))
        }
        Some(record) if record.status != ServiceStatus::Inactive => Condition::Ready(Some(record)),
        _ => Condition::Ready(None),
    }
}

/// A look-up that is not allowed finds nothing: the create itself will then say what is wrong.
fn readable(result: Result<Option<ServiceRecord>, AwsError>) -> Result<Option<ServiceRecord>, AwsError> {
    match result {
        Err(error) if error.kind == AwsErrorKind::AccessDenied => {
            tracing::warn!(error = %error, "not allowed to look for an earlier attempt, going on without");
            Ok(None)
        }
        other => other,
    }
}

async fn find_unnamed(
    engine: &ManagedEngine,
    bounds: &Bounds,
    cluster: &str,
    marker: &CreationMarker,
) -> Result<(), EngineError> {
    let cell = {
        let mut clusters = engine.left_behind.clusters.lock().await;
        // By name: a second spelling of the cluster must not look anew, when this process has created some.
        Arc::clone(clusters.entry(cluster_name(cluster).to_owned()).or_default())
    };
    let records = cell.get_or_try_init(|| list_marked(engine, cluster)).await?;
    let mut reported = engine.left_behind.reported.lock().await;
    for record in records {
        let is_same = find_marker(record).is_some_and(|found| found.fingerprint == marker.fingerprint);
        if !is_same || !is_recent(bounds, record.created_at) || reported.contains(&record.arn) {
            continue;
        }
        if stays_marked(engine, bounds, &record.arn).await? {
            reported.insert(record.arn.clone());
            return Err(EngineError::LeftBehind { arn: record.arn.clone(), is_composed: false });
        }
    }
    Ok(())
}

/// Whether nobody takes the mark off: the next apply of a create that was stopped runs beside this one, and does so first.
async fn stays_marked(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
) -> Result<bool, EngineError> {
    let gone = wait_until(&bounds.at_most(MARK_GOES), || async {
        let record = readable(engine.ecs.find_service(arn.cluster(), arn.name()).await)?;
        let is_marked = record
            .is_some_and(|record| record.status == ServiceStatus::Active && find_marker(&record).is_some());
        Ok::<_, EngineError>(if is_marked {
            Condition::Pending(format!("service {} was begun and is not done", arn.name()))
        } else {
            Condition::Ready(())
        })
    })
    .await;
    match gone {
        Ok(()) => Ok(false),
        Err(WaitError::TimedOut { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// The live Express services of a cluster that carry a marker.
async fn list_marked(engine: &ManagedEngine, cluster: &str) -> Result<Vec<ServiceRecord>, AwsError> {
    let arns = match engine.ecs.list_express_services(cluster).await {
        Err(error) if error.kind == AwsErrorKind::AccessDenied => {
            tracing::warn!(error = %error, "not allowed to look for services that an interrupted apply left behind");
            return Ok(Vec::new());
        }
        other => other?,
    };
    let mut records = Vec::new();
    for record in engine.ecs.find_services(cluster, &arns).await? {
        if record.status == ServiceStatus::Active && find_marker(&record).is_some() {
            records.push(record);
        }
    }
    Ok(records)
}

/// The service that one attempt made although its answer was lost.
pub(super) async fn find_attempt(
    engine: &ManagedEngine,
    spec: &ServiceSpec,
    marker: &CreationMarker,
) -> Result<Option<ServiceArn>, AwsError> {
    let cluster = cluster_of(spec);
    let candidates = match &spec.service_name {
        Some(name) => readable(engine.ecs.find_service(cluster, name).await)?.into_iter().collect(),
        None => list_marked(engine, cluster).await?,
    };
    let made = candidates.into_iter().find(|record| find_marker(record).as_ref() == Some(marker));
    Ok(made.map(|record| record.arn))
}
