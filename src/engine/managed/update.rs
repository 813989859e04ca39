//! Update: let a deployment in flight end, change tags, change the configuration, follow the deployment.

use std::time::Duration;

use super::ManagedEngine;
use super::change::{change_to_send, is_wanted};
use super::heading::find_heading;
use super::listener_rule::check_listener_rule;
use super::observe::{Snapshot, managed_security_group_ids, take_snapshot};
use super::repetition::follow_repetition;
use super::rollout::{Rollout, wait_until_rolled_out, wait_until_started};
use crate::engine::deployment::is_deployment_successful;
use crate::engine::mark::{mark_deployment, unmark_deployment, wait_until_marked_shows};
use crate::engine::retry::{is_ambiguous, retrying};
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::engine::{Bounds, EngineError, UpdateRequest};
use crate::service::{
    CREATION_MARKER_TAG_KEY, ConfigurationChange, DEPLOYMENT_MARKER_TAG_KEY, Deployment, ObservedService,
    TagChange, tag_change, with_own_url,
};

/// Whether Terraform's state has the service, so that no later apply has to find it by its marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record {
    /// The state has it.
    InState,
    /// A create is still at work: its own mark stays until it ends.
    Pending,
}

/// Brings a service to the desired state. Repeating it is safe: what is already so is not sent again.
pub(super) async fn update(
    engine: &ManagedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
    record: Record,
) -> Result<(), EngineError> {
    let snapshot = take_with_groups(engine, bounds, request).await?;
    let snapshot = with_begun_deployment(engine, bounds, request, snapshot, record).await?;
    let Snapshot { observed, deployments } = look_underneath(engine, request, snapshot).await;
    let configuration = with_own_url(&request.configuration, observed.ingress_paths.first());
    let request = &UpdateRequest { configuration, ..request.clone() };
    if let Some(change) = tags_to_change(request, &observed, record) {
        retrying(bounds, || engine.ecs.change_tags(&request.arn, &change)).await?;
        tracing::info!(service_arn = %request.arn, "tags changed");
    }
    if change_to_send(&request.configuration, &observed).is_none() {
        return Box::pin(follow_in_flight(engine, bounds, request, &observed)).await;
    }
    let snapshot = settle(engine, bounds, request, Snapshot { observed, deployments }).await?;
    Box::pin(change_configuration(engine, bounds, request, &snapshot, record)).await
}

/// The service with the deployment that an apply which was cut short has begun.
async fn with_begun_deployment(
    engine: &ManagedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
    snapshot: Snapshot,
    record: Record,
) -> Result<Snapshot, EngineError> {
    let observed = &snapshot.observed;
    let is_create_cut_short = observed.tags.contains_key(CREATION_MARKER_TAG_KEY);
    let is_first = is_create_cut_short && observed.newest_deployment.is_none();
    let awaits = request.wait_for_steady_state && (observed.awaits_deployment || is_first);
    if record == Record::Pending || !awaits {
        return Ok(snapshot);
    }
    let tags = &observed.tags;
    wait_until_marked_shows(&engine.ecs, bounds, &request.arn, tags, is_create_cut_short).await?;
    let shown = take_existing(engine, request).await?;
    if shown.observed.awaits_deployment {
        unmark_deployment(&engine.ecs, &request.arn).await;
    }
    Ok(shown)
}

/// The service with what is missing or changed underneath, where the plan says that something is.
async fn look_underneath(engine: &ManagedEngine, request: &UpdateRequest, snapshot: Snapshot) -> Snapshot {
    if !request.looks_underneath {
        return snapshot;
    }
    Snapshot { observed: engine.parts.look_anew(snapshot.observed).await, ..snapshot }
}

/// The user's tags, and the creation mark of a create that was cut short: the state has the service now.
fn tags_to_change(request: &UpdateRequest, observed: &ObservedService, record: Record) -> Option<TagChange> {
    let change = tag_change(&request.tags, &observed.tags, &request.known_tags);
    if record == Record::Pending || !observed.tags.contains_key(CREATION_MARKER_TAG_KEY) {
        return change;
    }
    let mut change = change.unwrap_or_default();
    change.remove.push(CREATION_MARKER_TAG_KEY.to_owned());
    Some(change)
}

async fn take_existing(engine: &ManagedEngine, request: &UpdateRequest) -> Result<Snapshot, EngineError> {
    let snapshot = take_snapshot(engine, &request.arn).await?;
    snapshot.ok_or_else(|| EngineError::Gone { arn: request.arn.clone() })
}

/// Time for AWS to name its own security group of a new service.
const GROUPS_APPEAR: Duration = Duration::from_secs(90);

/// The service, with the user's security groups told from ECS's if the user has a wish about them. A service whose
/// groups never show is taken as it is: then no groups are sent.
async fn take_with_groups(
    engine: &ManagedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
) -> Result<Snapshot, EngineError> {
    let has_wish = request.configuration.security_groups.is_some();
    let waited = wait_until(&bounds.at_most(GROUPS_APPEAR), || async {
        let snapshot = take_existing(engine, request).await?;
        let is_known = snapshot.observed.configuration.security_groups.is_some();
        Ok::<_, EngineError>(if is_known || !has_wish {
            Condition::Ready(snapshot)
        } else {
            Condition::Pending("waiting for ECS's own security group to show".to_owned())
        })
    })
    .await;
    match waited {
        Err(WaitError::TimedOut { .. }) => take_existing(engine, request).await,
        other => Ok(other?),
    }
}

/// The service is, or is on its way to, what is wanted: follow the deployment that brings it there, if one does.
async fn follow_in_flight(
    engine: &ManagedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
    observed: &ObservedService,
) -> Result<(), EngineError> {
    match &observed.deployment {
        Some(deployment) if request.wait_for_steady_state && !deployment.status.is_final() => {
            tracing::info!(deployment_arn = %deployment.arn, "a deployment of what is wanted is already running");
            let rollout = Rollout::in_flight(deployment);
            let followed = wait_until_rolled_out(engine, bounds, &request.arn, &rollout).await;
            if observed.tags.contains_key(DEPLOYMENT_MARKER_TAG_KEY) && has_ended(&followed) {
                unmark_deployment(&engine.ecs, &request.arn).await;
            }
            followed
        }
        _ => Ok(()),
    }
}

/// Whether the deployment that was followed is over, however it went.
fn has_ended(followed: &Result<(), EngineError>) -> bool {
    followed.as_ref().map_or_else(|error| !error.leaves_deployment(), |()| true)
}

/// `deployment.settle`: an update during a deployment can leave the listener rule split over both target groups
/// (facts, express section 5), so any deployment in flight ends first, however it ends.
async fn settle(
    engine: &ManagedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
    snapshot: Snapshot,
) -> Result<Snapshot, EngineError> {
    let Some(running) = snapshot.deployments.iter().find(|deployment| !deployment.status.is_final()) else {
        return Ok(snapshot);
    };
    tracing::info!(deployment_arn = %running.arn, "waiting for a deployment that is already running");
    let ended = wait_until(bounds, || async {
        let detail = engine.ecs.find_deployment(&running.arn).await?;
        Ok::<_, EngineError>(match is_deployment_successful(&running.arn, detail.as_ref()) {
            Ok(condition) => condition,
            Err(_) => Condition::Ready(()),
        })
    })
    .await;
    ended.map_err(|error| busy(running, error.into()))?;
    let snapshot = take_existing(engine, request).await?;
    Ok(look_underneath(engine, request, snapshot).await)
}

fn busy(running: &Deployment, error: EngineError) -> EngineError {
    match error {
        EngineError::TimedOut { .. } => {
            EngineError::Busy { deployment_arn: running.arn.clone(), started_at: running.started_at }
        }
        other => other,
    }
}

/// `express_service.update`. An apply that waits marks the deployment as its own while it may be cut short.
async fn change_configuration(
    engine: &ManagedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
    snapshot: &Snapshot,
    record: Record,
) -> Result<(), EngineError> {
    let Snapshot { observed, deployments: before } = snapshot;
    let Some(change) = change_to_send(&request.configuration, observed) else { return Ok(()) };
    // A change of auto scaling alone deploys as well (facts, express in the wild W7).
    check_listener_rule(engine, observed).await?;
    let is_marked = request.wait_for_steady_state && record == Record::InState;
    if is_marked {
        mark_deployment(&engine.ecs, &request.arn, before).await;
    }
    let deployed = deploy(engine, bounds, request, observed, &change, before).await;
    if is_marked && has_ended(&deployed) {
        unmark_deployment(&engine.ecs, &request.arn).await;
    }
    deployed
}

async fn deploy(
    engine: &ManagedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
    observed: &ObservedService,
    change: &ConfigurationChange,
    before: &[Deployment],
) -> Result<(), EngineError> {
    let managed = managed_security_group_ids(&observed.resources);
    let answered =
        retrying(bounds, || engine.ecs.update_express_gateway_service(&request.arn, change, &managed)).await;
    let revision_arn = match answered {
        Ok(revision_arn) => revision_arn,
        Err(error) => find_lost_update(engine, request, error).await?,
    };
    // A change of auto scaling alone makes a revision and deploys it, or does not: AWS's answer tells which world this is
    // (facts, express in the wild W7).
    let is_new = revision_arn.is_some() && revision_arn != observed.revision_arn;
    let rollout = if is_new || change.needs_deployment() {
        Rollout::of_update(revision_arn, before)
    } else {
        Rollout::that_may_come(before)
    };
    if request.wait_for_steady_state {
        match wait_until_rolled_out(engine, bounds, &request.arn, &rollout).await {
            Err(failure) => follow_repetition(engine, bounds, request, before, failure).await,
            followed => followed,
        }
    } else {
        wait_until_started(engine, bounds, &request.arn, &rollout).await.map(|_| ())
    }
}

/// The revision of an update whose answer was lost: an active configuration that has what was asked for.
async fn find_lost_update(
    engine: &ManagedEngine,
    request: &UpdateRequest,
    error: EngineError,
) -> Result<Option<String>, EngineError> {
    let EngineError::Aws(refusal) = &error else { return Err(error) };
    if !is_ambiguous(refusal) {
        return Err(error);
    }
    let Some(express) = engine.ecs.find_express_gateway_service(&request.arn).await? else {
        return Err(error);
    };
    let deployments = engine.ecs.list_deployments(&request.arn).await?;
    match find_heading(&express.configurations, &deployments).0 {
        Some(heading) if is_wanted(&request.configuration, heading) => Ok(heading.revision_arn.clone()),
        _ => Err(error),
    }
}
