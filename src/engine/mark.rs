//! Marks on a service: how long that of a create counts, and which deployment is an apply's own while that apply may be
//! cut short.
//!
//! The mark of a deployment is a help for the next refresh. One that cannot be set or removed changes nothing for this
//! apply.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use crate::aws::ecs::Ecs;
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::engine::{Bounds, EngineError};
use crate::service::{
    DEPLOYMENT_MARKER_TAG_KEY, Deployment, DeploymentMarker, ServiceArn, TagChange, awaits_marked_deployment,
};

/// How long a mark counts after its create began. Whoever comes back later has forgotten the service, and it may be
/// somebody else's by now.
const MARK_LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether a create that began at this time may be continued. Clocks that differ make it younger at the worst.
pub(crate) fn is_recent(bounds: &Bounds, created_at: Option<SystemTime>) -> bool {
    let age = created_at.and_then(|created_at| bounds.clock.now().duration_since(created_at).ok());
    age.is_none_or(|age| age <= MARK_LASTS)
}

/// Marks the deployment that is about to begin. `before`: the service's deployments, newest first.
pub(crate) async fn mark_deployment(ecs: &Ecs, arn: &ServiceArn, before: &[Deployment]) {
    let marker = DeploymentMarker::after(before).to_string();
    let set = [(DEPLOYMENT_MARKER_TAG_KEY.to_owned(), marker)].into();
    let change = TagChange { set, ..TagChange::default() };
    if let Err(error) = ecs.change_tags(arn, &change).await {
        tracing::warn!(service_arn = %arn, error = %error, "the deployment cannot be marked as this apply's");
    }
}

/// Time for a deployment to be listed after the call that begins it. Where none shows by then, it never began.
pub(crate) const DEPLOYMENT_SHOWS: Duration = Duration::from_secs(20);

/// Waits until a deployment is listed that the last apply began, as its marks on the service tell. `tags`: those of the
/// service. `is_create_cut_short`: so that a service without any deployment is about to have its first.
pub(crate) async fn wait_until_marked_shows(
    ecs: &Ecs,
    bounds: &Bounds,
    arn: &ServiceArn,
    tags: &BTreeMap<String, String>,
    is_create_cut_short: bool,
) -> Result<(), EngineError> {
    let waited = wait_until(&bounds.at_most(DEPLOYMENT_SHOWS), || async {
        let deployments = ecs.list_deployments(arn).await?;
        let is_awaited =
            awaits_marked_deployment(tags, &deployments) || (is_create_cut_short && deployments.is_empty());
        Ok::<_, EngineError>(if is_awaited {
            Condition::Pending("waiting for the deployment that was begun to show".to_owned())
        } else {
            Condition::Ready(())
        })
    })
    .await;
    match waited {
        Err(WaitError::TimedOut { .. }) if bounds.remaining() > Duration::ZERO => Ok(()),
        other => Ok(other?),
    }
}

/// Takes the mark off: the deployment has ended, or never began.
pub(crate) async fn unmark_deployment(ecs: &Ecs, arn: &ServiceArn) {
    let change = TagChange { remove: vec![DEPLOYMENT_MARKER_TAG_KEY.to_owned()], ..TagChange::default() };
    if let Err(error) = ecs.change_tags(arn, &change).await {
        tracing::warn!(service_arn = %arn, error = %error, "the mark of the deployment stays on the service");
    }
}
