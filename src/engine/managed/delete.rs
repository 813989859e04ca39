//! Delete: start it, wait through DRAINING until the service is INACTIVE, then until what was its own is gone.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use super::ManagedEngine;
use super::conditions::is_service_gone;
use super::observe::observe;
use super::remains::wait_until_released;
use crate::aws::AwsErrorKind;
use crate::aws::ecs::ServiceEvent;
use crate::engine::event::{Observation, ProgressLog};
use crate::engine::retry::retrying;
use crate::engine::wait::{Condition, wait_until};
use crate::engine::{Bounds, EngineError, Remains};
use crate::service::{ServiceArn, ServiceStatus};

/// Time that evidence of a missing role must last before it counts: a role that was just changed may propagate.
const ROLE_EVIDENCE_LASTS_SECONDS: u64 = 60;

/// Removes a service and says what stays; `None`: there was nothing to remove. Repeating it joins the deletion that
/// is under way.
pub(super) async fn delete(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
) -> Result<Option<Remains>, EngineError> {
    let before = observe(engine, arn).await?.filter(|before| before.status != ServiceStatus::Inactive);
    let Some(before) = before else { return Ok(None) };
    wait_until_drained(engine, bounds, arn).await?;
    wait_until_released(engine, bounds, &before).await.map(Some)
}

async fn wait_until_drained(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
) -> Result<(), EngineError> {
    let newest_event_at = newest_event_at(&list_events(engine, arn).await);
    retrying(bounds, || engine.ecs.delete_express_gateway_service(arn)).await?;
    let evidence_since = OnceLock::<SystemTime>::new();
    let progress = ProgressLog::new(arn);
    wait_until(bounds, || async {
        let service = engine.ecs.find_express_gateway_service(arn).await?;
        let mut events = list_events(engine, arn).await;
        events.retain(|event| event.created_at > newest_event_at);
        let status = service.as_ref().map(|found| (found.status.clone(), found.status_reason.clone()));
        progress.note(Observation { service: status, events: events.clone(), ..Observation::default() });
        match is_service_gone(service.as_ref(), &events) {
            Err(error) => {
                let since = *evidence_since.get_or_init(|| bounds.clock.now());
                let lasts = bounds.clock.now().duration_since(since).unwrap_or_default();
                if lasts >= Duration::from_secs(ROLE_EVIDENCE_LASTS_SECONDS) {
                    return Err(error);
                }
                Ok(Condition::Pending(format!("service {} is draining, though {error}", arn.name())))
            }
            decided => decided,
        }
    })
    .await?;
    Ok(())
}

/// The service's events; none where they cannot be read.
async fn list_events(engine: &ManagedEngine, arn: &ServiceArn) -> Vec<ServiceEvent> {
    match engine.ecs.find_service(arn.cluster(), arn.name()).await {
        Ok(record) => record.map(|record| record.events).unwrap_or_default(),
        Err(error) => {
            if error.kind != AwsErrorKind::AccessDenied {
                tracing::warn!(error = %error, "service events cannot be read");
            }
            Vec::new()
        }
    }
}

/// AWS's own time of the newest event: later ones belong to this deletion.
fn newest_event_at(events: &[ServiceEvent]) -> Option<SystemTime> {
    events.iter().filter_map(|event| event.created_at).max()
}
