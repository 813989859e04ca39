//! Denials that AWS tells only in passing: in a status reason or an event, while it goes on trying (pain A1-26).
//!
//! A role that was just changed may propagate, so a denial counts only if it lasts while nothing underneath moves:
//! a reason may stay on a resource that goes on being made.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use super::ManagedEngine;
use crate::aws::ecs::{ExpressService, ServiceEvent};
use crate::engine::{Bounds, EngineError};
use crate::service::{ManagedResource, ServiceArn};

/// How long a denial must last before it counts.
const DENIAL_LASTS: Duration = Duration::from_secs(90);

/// Looks for denials during one wait.
#[derive(Debug)]
pub(super) struct DenialWatch {
    began_at: SystemTime,
    standstill: Mutex<Option<Standstill>>,
}

/// Since when a denial is seen and nothing moves.
#[derive(Debug)]
struct Standstill {
    since: SystemTime,
    /// Status of each resource, and whether it has an ARN.
    resources: Vec<(String, bool)>,
}

impl DenialWatch {
    /// A watch for a wait that begins now.
    pub(super) fn begin(bounds: &Bounds) -> Self {
        Self { began_at: bounds.clock.now(), standstill: Mutex::default() }
    }

    /// Fails if AWS has been denied something for 90 seconds in which nothing moved; otherwise gives the resources that
    /// it looked at. Evidence that cannot be read is none.
    pub(super) async fn check(
        &self,
        engine: &ManagedEngine,
        bounds: &Bounds,
        arn: &ServiceArn,
        revision_arn: Option<&str>,
    ) -> Result<Vec<ManagedResource>, EngineError> {
        let (express, record) = tokio::join!(
            engine.ecs.find_express_gateway_service(arn),
            engine.ecs.find_service(arn.cluster(), arn.name()),
        );
        let resources = match revision_arn {
            Some(revision_arn) => engine.ecs.find_revision(revision_arn).await.ok().flatten(),
            None => None,
        };
        let express = express.ok().flatten();
        let resources = resources.map(|revision| revision.resources).unwrap_or_default();
        let events = record.ok().flatten().map(|record| record.events).unwrap_or_default();
        let Some(evidence) = find_denial(express.as_ref(), &resources, &events, self.began_at) else {
            return Ok(resources);
        };
        if self.note(bounds.clock.now(), &resources) < DENIAL_LASTS {
            return Ok(resources);
        }
        let role_arn = express.and_then(|express| express.infrastructure_role_arn);
        Err(EngineError::Denied { role_arn, evidence })
    }

    /// How long nothing has moved since a denial was first seen.
    fn note(&self, now: SystemTime, resources: &[ManagedResource]) -> Duration {
        let resources: Vec<_> =
            resources.iter().map(|resource| (resource.status.clone(), resource.arn.is_some())).collect();
        let mut standstill = self.standstill.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*standstill {
            Some(found) if found.resources == resources => {
                now.duration_since(found.since).unwrap_or_default()
            }
            _ => {
                *standstill = Some(Standstill { since: now, resources });
                Duration::ZERO
            }
        }
    }
}

/// The denial that holds at present: in the service's status, in that of a resource that is not ready, or in events
/// that AWS repeats.
fn find_denial(
    express: Option<&ExpressService>,
    resources: &[ManagedResource],
    events: &[ServiceEvent],
    began_at: SystemTime,
) -> Option<String> {
    let is_provisioning = |resource: &&ManagedResource| resource.status == "PROVISIONING";
    // The reason of a service whose resources are all there is one of the past.
    let is_complete = !resources.is_empty() && !resources.iter().any(|resource| is_provisioning(&resource));
    let of_service = express.filter(|_| !is_complete).and_then(|express| express.status_reason.as_deref());
    let of_resources =
        resources.iter().filter(is_provisioning).filter_map(|resource| resource.status_reason.as_deref());
    let at_present = of_service.into_iter().chain(of_resources).find(|text| is_denial(text));
    at_present.map(str::to_owned).or_else(|| find_repeated_denial(events, began_at))
}

/// A denial in events: it holds on if AWS tells it again a minute later.
fn find_repeated_denial(events: &[ServiceEvent], began_at: SystemTime) -> Option<String> {
    let mut denials = events
        .iter()
        .filter(|event| is_denial(&event.message))
        .filter_map(|event| Some((event.created_at.filter(|time| *time >= began_at)?, &event.message)));
    let first = denials.next()?;
    let (oldest, newest) =
        denials.fold((first, first), |(oldest, newest), one| (oldest.min(one), newest.max(one)));
    let lasted = newest.0.duration_since(oldest.0).unwrap_or_default();
    (lasted >= DENIAL_LASTS).then(|| newest.1.clone())
}

/// Whether a text is about AWS being denied something on the user's behalf. Tasks that cannot start are the
/// deployment's own business: its circuit breaker ends it.
fn is_denial(text: &str) -> bool {
    let text = text.to_lowercase();
    let is_denied = ["not authorized to perform", "unable to assume", "accessdenied", "access denied"]
        .iter()
        .any(|words| text.contains(words));
    is_denied && !text.contains("launch a task") && !text.contains("place a task")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ManagedKind;

    const DENIED: &str = "x is not authorized to perform: ec2:DescribeAccountAttributes";

    fn resource(status: &str) -> ManagedResource {
        ManagedResource {
            kind: ManagedKind::LoadBalancer,
            arn: None,
            status: status.to_owned(),
            status_reason: Some(DENIED.to_owned()),
            name: None,
        }
    }

    fn event(seconds: u64, message: &str) -> ServiceEvent {
        let created_at = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        ServiceEvent { created_at, message: message.to_owned() }
    }

    #[test]
    fn a_resource_that_is_denied_counts_while_it_is_not_ready() {
        let began = SystemTime::UNIX_EPOCH;
        let denial = find_denial(None, &[resource("PROVISIONING")], &[], began);
        assert_eq!(denial.as_deref(), Some(DENIED));
        assert_eq!(find_denial(None, &[resource("ACTIVE")], &[], began), None);
    }

    #[test]
    fn events_count_when_they_are_repeated_within_this_wait() {
        let began = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let denial = |events: &[ServiceEvent]| find_denial(None, &[], events, began);
        assert_eq!(denial(&[event(1100, DENIED)]), None);
        assert_eq!(denial(&[event(1100, DENIED), event(900, DENIED)]), None, "one is from before");
        assert_eq!(denial(&[event(1100, DENIED), event(1005, DENIED)]).as_deref(), Some(DENIED));
    }

    #[test]
    fn a_task_that_cannot_start_is_no_denial_of_the_infrastructure() {
        let message = "failed to launch a task with (error ECS was unable to assume the role 'x')";
        assert!(!is_denial(message));
        assert!(is_denial("ECS was unable to assume the role 'x' to provision the managed resources"));
    }
}
