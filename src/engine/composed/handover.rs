//! Host names that one service gives up and another one takes in the same run: whoever takes waits for whoever gives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::ground::Ground;
use crate::engine::EngineError;
use crate::service::OwnerId;

/// Between two looks whether a host name is free.
const PAUSE: Duration = Duration::from_secs(10);
/// How long a host name that nobody gives up yet is waited for: the operation that gives it up may just begin.
const GRACE: Duration = Duration::from_secs(60);

/// What the operations of this process do with host names.
#[derive(Debug, Default)]
pub(crate) struct Handovers {
    services: Mutex<BTreeMap<String, Intent>>,
}

#[derive(Debug, Default)]
struct Intent {
    /// Host names that the service loses with its operation.
    gives: BTreeSet<String>,
    /// Host names that it waits for.
    awaits: BTreeSet<String>,
}

/// Until when a host name that nobody gives up is waited for.
struct Grace {
    ends: SystemTime,
}

impl Grace {
    fn from(now: SystemTime) -> Self {
        Self { ends: now + GRACE }
    }

    /// Begins anew with each operation that is under way: the refusal at hand may be older than its end.
    fn is_over(&mut self, prospect: Prospect, now: SystemTime) -> bool {
        if prospect == Prospect::Comes {
            *self = Self::from(now);
        }
        now >= self.ends
    }
}

/// Whether a host name that is taken will be free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prospect {
    /// An operation under way gives it up.
    Comes,
    /// The operation that gives it up waits, maybe over others, for a name of the one that asks.
    Mutual,
    /// Nobody gives it up.
    Stays,
}

/// An operation that gives host names up, until it ends.
#[derive(Debug)]
pub(super) struct Giving {
    handovers: Arc<Handovers>,
    owner: String,
}

impl Drop for Giving {
    fn drop(&mut self) {
        self.handovers.services.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.owner);
    }
}

/// A try to get a host name.
pub(super) enum Tried<T> {
    /// It is ours.
    Done(T),
    /// A service has it, and this is what to say if that stays so.
    Taken(EngineError),
}

impl Handovers {
    /// Notes the operation of a service and the host names that it gives up.
    pub(super) fn begin(
        self: &Arc<Self>,
        owner: &OwnerId,
        gives: impl IntoIterator<Item = String>,
    ) -> Giving {
        let gives = gives.into_iter().map(|host| host.to_lowercase()).collect();
        let intent = Intent { gives, ..Intent::default() };
        let owner = owner.as_str().to_owned();
        self.services.lock().unwrap_or_else(PoisonError::into_inner).insert(owner.clone(), intent);
        Giving { handovers: Arc::clone(self), owner }
    }

    fn note_awaited(&self, owner: &OwnerId, hosts: &[String]) {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        let intent = services.entry(owner.as_str().to_owned()).or_default();
        intent.awaits = hosts.iter().map(|host| host.to_lowercase()).collect();
    }

    fn prospect(&self, owner: &OwnerId, hosts: &[String]) -> Prospect {
        let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        let givers_of = |hosts: &BTreeSet<String>, but: &str| -> Vec<String> {
            let others = services.iter().filter(|(service, _)| *service != but);
            let gives = others.filter(|(_, intent)| !intent.gives.is_disjoint(hosts));
            gives.map(|(service, _)| service.clone()).collect()
        };
        let wanted = hosts.iter().map(|host| host.to_lowercase()).collect();
        let mut reached = givers_of(&wanted, owner.as_str());
        if reached.is_empty() {
            return Prospect::Stays;
        }
        let mut seen = BTreeSet::new();
        while let Some(service) = reached.pop() {
            if service == owner.as_str() {
                return Prospect::Mutual;
            }
            if seen.insert(service.clone())
                && let Some(intent) = services.get(&service)
            {
                reached.extend(givers_of(&intent.awaits, &service));
            }
        }
        Prospect::Comes
    }
}

/// Repeats a try for as long as another service of this run gives a host name up.
///
/// The bound is the operation's deadline while such an operation is under way, and a minute before one is and after the last
/// one ended: the refusal may be older than its end.
pub(super) async fn once_free<T, F>(ground: &Ground, mut attempt: impl FnMut() -> F) -> Result<T, EngineError>
where
    F: Future<Output = Result<Tried<T>, EngineError>>,
{
    let (hosts, owner) = (ground.blueprint.hosts(), ground.blueprint.names.owner());
    let (bounds, handovers) = (&ground.bounds, &ground.apis.handovers);
    let mut grace = Grace::from(bounds.clock.now());
    loop {
        let refusal = match attempt().await? {
            Tried::Done(value) => {
                handovers.note_awaited(owner, &[]);
                return Ok(value);
            }
            Tried::Taken(refusal) => refusal,
        };
        handovers.note_awaited(owner, hosts);
        match handovers.prospect(owner, hosts) {
            Prospect::Mutual => return Err(mutual(hosts)),
            prospect if grace.is_over(prospect, bounds.clock.now()) => return Err(refusal),
            _ => {}
        }
        let pending = format!("waiting for another service to give up {}", hosts.join(" or "));
        tracing::info!(pending, "waiting");
        if !bounds.sleep(PAUSE).await {
            return Err(if bounds.cancellation.is_cancelled() {
                EngineError::Interrupted { pending }
            } else {
                EngineError::TimedOut { pending }
            });
        }
    }
}

fn mutual(hosts: &[String]) -> EngineError {
    EngineError::Unfit {
        reason: format!(
            "Another service is to give up a host name for this one ({}), and waits for a name of this one itself.",
            hosts.join(", ")
        ),
        hint: "services swap host names in two applies: give one of them another name first, apply, then give both \
               their names"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str) -> OwnerId {
        OwnerId::new(&format!("arn:aws:ecs:eu-west-1:123456789012:service/c/{name}").parse().expect("valid"))
    }

    fn hosts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| format!("{name}.example.com")).collect()
    }

    #[test]
    fn a_name_comes_while_its_operation_is_under_way() {
        let handovers = Arc::new(Handovers::default());
        let prospect = || handovers.prospect(&owner("blue"), &hosts(&["api"]));
        assert_eq!(prospect(), Prospect::Stays);
        let giving = handovers.begin(&owner("green"), hosts(&["API"]));
        assert_eq!(prospect(), Prospect::Comes);
        drop(giving);
        assert_eq!(prospect(), Prospect::Stays);
    }

    #[test]
    fn a_refusal_counts_a_minute_after_the_last_operation_that_gave_the_name_up() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let mut grace = Grace::from(at(0));
        assert!(!grace.is_over(Prospect::Stays, at(59)));
        assert!(!grace.is_over(Prospect::Comes, at(300)));
        assert!(!grace.is_over(Prospect::Stays, at(359)), "the operation ended after the name was asked for");
        assert!(grace.is_over(Prospect::Stays, at(360)));
    }

    #[test]
    fn services_that_wait_for_each_other_are_told_apart_from_a_chain() {
        let handovers = Arc::new(Handovers::default());
        let _a = handovers.begin(&owner("a"), hosts(&["a"]));
        let _b = handovers.begin(&owner("b"), hosts(&["b"]));
        let _c = handovers.begin(&owner("c"), hosts(&["c"]));
        handovers.note_awaited(&owner("a"), &hosts(&["b"]));
        handovers.note_awaited(&owner("b"), &hosts(&["c"]));
        assert_eq!(handovers.prospect(&owner("a"), &hosts(&["b"])), Prospect::Comes);
        handovers.note_awaited(&owner("c"), &hosts(&["a"]));
        assert_eq!(handovers.prospect(&owner("c"), &hosts(&["a"])), Prospect::Mutual);
    }
}
