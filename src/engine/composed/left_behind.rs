//! Unnamed creates that were cut short: found by the mark on the service's security group, which is made first.
//!
//! A name says which service a create belongs to, so a named create is continued. Which of several equal requests an
//! unnamed one belongs to cannot be known: it is reported, with the way to keep it and the way to remove it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::ground::Apis;
use super::{Place, steps::READY};
use crate::engine::mark::is_recent;
use crate::engine::retry::retrying;
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::engine::{Bounds, EngineError};
use crate::service::{
    CREATION_MARKER_TAG_KEY, CreationMarker, PHASE_TAG_KEY, ServiceArn, ServiceSpec, ServiceStatus,
};

/// Time for the next apply of a create that was stopped to take its mark off: it runs beside this one.
const MARK_GOES: Duration = Duration::from_secs(10);

/// Time after which the mark of a create that was cut short right after it was set shows (facts, composition section 9).
const MARK_SHOWS: Duration = Duration::from_secs(15);

/// Names that this process has chosen: what is under way here was not left behind.
#[derive(Debug, Default)]
pub(super) struct OwnCreates(Mutex<HashSet<String>>);

impl OwnCreates {
    fn begin(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }

    fn has(&self, name: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }
}

/// A second look before there is a service: a create that was cut short a moment before this one began shows by now.
#[derive(Debug)]
pub(super) struct SecondLook {
    place: Place,
    own: Arc<OwnCreates>,
    spec: ServiceSpec,
    mark: Mark,
}

impl SecondLook {
    /// `None`: a name says which service the create belongs to. `creation_mark`: that of this create.
    pub(super) fn new(
        place: &Place,
        own: &Arc<OwnCreates>,
        spec: &ServiceSpec,
        creation_mark: Option<&String>,
    ) -> Option<Self> {
        let mark = Mark::from_tag(creation_mark?)?;
        Some(Self { place: place.clone(), own: Arc::clone(own), spec: spec.clone(), mark })
    }

    /// Refuses to go on if there is an older create of the same request. Of two that begin together the older one goes on.
    pub(super) async fn check(&self, apis: &Apis, bounds: &Bounds) -> Result<(), EngineError> {
        let since = bounds.clock.now().duration_since(self.mark.began_at).unwrap_or_default();
        let shows_within = bounds.clock.here(MARK_SHOWS);
        if since < shows_within && !bounds.sleep(shows_within.saturating_sub(since)).await {
            let pending = "looking for a create of this service that was cut short".to_owned();
            return Err(if bounds.cancellation.is_cancelled() {
                EngineError::Interrupted { pending }
            } else {
                EngineError::TimedOut { pending }
            });
        }
        match find_left(apis, &self.place, &self.own, bounds, &self.spec, Some(&self.mark)).await? {
            None => Ok(()),
            Some(arn) => Err(EngineError::LeftBehind { arn, is_composed: true }),
        }
    }
}

/// What the mark says: `<fingerprint of the request>.<hexadecimal seconds since the epoch>.<name of the service>`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    began_at: SystemTime,
    name: String,
}

impl Mark {
    fn from_tag(tag: &str) -> Option<Self> {
        let mut parts = tag.splitn(3, '.').skip(1);
        let seconds = u64::from_str_radix(parts.next()?, 16).ok()?;
        let began_at = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
        Some(Self { began_at, name: parts.next()?.to_owned() })
    }
}

/// The mark of an unnamed create that begins now; `None`: a name says it all.
pub(super) fn mark(own: &OwnCreates, bounds: &Bounds, spec: &ServiceSpec, name: &str) -> Option<String> {
    if spec.service_name.is_some() {
        return None;
    }
    own.begin(name);
    let seconds = bounds.clock.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Some(format!("{}.{name}", CreationMarker::new(spec, seconds)))
}

/// Refuses to begin an unnamed service while one for the same request is left behind.
pub(super) async fn check_none_is_left(
    apis: &Apis,
    place: &Place,
    own: &OwnCreates,
    bounds: &Bounds,
    spec: &ServiceSpec,
) -> Result<(), EngineError> {
    if spec.service_name.is_some() {
        return Ok(());
    }
    let left = wait_until(&bounds.at_most(MARK_GOES), || async {
        Ok::<_, EngineError>(match find_left(apis, place, own, bounds, spec, None).await? {
            None => Condition::Ready(()),
            Some(arn) => Condition::Pending(format!("service {} was begun and is not done", arn.name())),
        })
    })
    .await;
    match left {
        Err(WaitError::TimedOut { .. }) => match find_left(apis, place, own, bounds, spec, None).await? {
            None => Ok(()),
            Some(arn) => Err(EngineError::LeftBehind { arn, is_composed: true }),
        },
        other => Ok(other?),
    }
}

/// A create for the same request that has not ended. `before`: only one that is older.
async fn find_left(
    apis: &Apis,
    place: &Place,
    own: &OwnCreates,
    bounds: &Bounds,
    spec: &ServiceSpec,
    before: Option<&Mark>,
) -> Result<Option<ServiceArn>, EngineError> {
    let fingerprint = CreationMarker::new(spec, 0).fingerprint;
    let pattern = format!("{fingerprint}.*");
    let groups =
        retrying(bounds, || apis.ec2.list_security_groups_tagged(CREATION_MARKER_TAG_KEY, &pattern)).await?;
    let marks = groups.iter().filter_map(|group| Mark::from_tag(group.tags.get(CREATION_MARKER_TAG_KEY)?));
    let is_older = |mark: &Mark| before.is_none_or(|before| mark < before);
    let is_left = |mark: &Mark| !own.has(&mark.name) && is_recent(bounds, Some(mark.began_at));
    for mark in marks.filter(|mark| is_left(mark) && is_older(mark)) {
        let arn = place.service_arn(spec.cluster.as_deref(), &mark.name)?;
        if !has_ended(apis, bounds, &arn).await? {
            return Ok(Some(arn));
        }
    }
    Ok(None)
}

/// Whether the create came to its end, or its service is going away.
async fn has_ended(apis: &Apis, bounds: &Bounds, arn: &ServiceArn) -> Result<bool, EngineError> {
    let service = retrying(bounds, || apis.ecs.find_plain_service(arn.cluster(), arn.name())).await?;
    Ok(service.is_some_and(|service| {
        service.status == ServiceStatus::Draining
            || service.tags.get(PHASE_TAG_KEY).is_some_and(|phase| phase == READY)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_tells_when_it_began_and_the_name() {
        let mark = Mark::from_tag("00ff.0000000000000010.nginx-ab12").expect("a mark");
        assert_eq!((mark.name.as_str(), mark.began_at), ("nginx-ab12", UNIX_EPOCH + Duration::from_secs(16)));
        assert!(Mark::from_tag("00ff.x.nginx").is_none());
        assert!(Mark::from_tag("00ff").is_none());
    }
}
