//! Which service of a run has which host names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// The host names that the services of one run have and have been planned with: a configured provider sees the plans of
/// all.
#[derive(Debug, Default)]
pub(crate) struct Hostnames {
    of_services: Mutex<BTreeMap<String, Names>>,
}

/// Host names of one service.
#[derive(Debug, Clone, Default)]
struct Names {
    prior: BTreeSet<String>,
    planned: BTreeSet<String>,
}

/// Why a service cannot have its host names in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// Another service is planned with this one.
    Taken(Taken),
    /// The service that gives this one up waits itself, maybe over others, for one that this service gives up.
    Circle(Taken),
}

/// A host name that another service has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The host name.
    pub(crate) hostname: String,
    /// `cluster/name` of the service that has it.
    pub(crate) service: String,
}

impl Names {
    /// A host name that this service gives up and the other takes.
    fn handed_to(&self, other: &Self) -> Option<&String> {
        self.prior
            .difference(&self.planned)
            .find(|host| other.planned.contains(*host) && !other.prior.contains(*host))
    }
}

impl Hostnames {
    /// Notes the host names of a service in place of those that it had before; answers what is in the way.
    pub(crate) fn claim(
        &self,
        service: &str,
        prior: BTreeSet<String>,
        planned: BTreeSet<String>,
    ) -> Option<Conflict> {
        let mut of_services = self.of_services.lock().unwrap_or_else(PoisonError::into_inner);
        of_services.insert(service.to_owned(), Names { prior, planned });
        let own = &of_services[service];
        let others = || of_services.iter().filter(|(other, _)| *other != service);
        let taken = others().find_map(|(other, theirs)| {
            let hostname = theirs.planned.intersection(&own.planned).next()?.clone();
            Some(Taken { hostname, service: other.clone() })
        });
        if let Some(taken) = taken {
            return Some(Conflict::Taken(taken));
        }
        let mut giving = others().filter_map(|(giver, theirs)| {
            let hostname = theirs.handed_to(own)?.clone();
            waits_for(&of_services, giver, service)
                .then(|| Conflict::Circle(Taken { hostname, service: giver.clone() }))
        });
        giving.next()
    }
}

impl Hostnames {
    /// Forgets a service that gives way to one of another cluster or name: its host names go over to that one.
    pub(crate) fn forget(&self, service: &str) {
        self.of_services.lock().unwrap_or_else(PoisonError::into_inner).remove(service);
    }
}

/// Whether a service takes a host name from another one, directly or over others.
fn waits_for(of_services: &BTreeMap<String, Names>, service: &str, other: &str) -> bool {
    let mut reached = vec![service];
    let mut seen = BTreeSet::new();
    while let Some(service) = reached.pop() {
        if service == other {
            return true;
        }
        if seen.insert(service)
            && let Some(own) = of_services.get(service)
        {
            let givers = of_services.iter().filter(|(_, theirs)| theirs.handed_to(own).is_some());
            reached.extend(givers.map(|(giver, _)| giver.as_str()));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_service_may_be_planned_again_but_not_another_with_its_host_name() {
        let hostnames = Hostnames::default();
        assert_eq!(hostnames.claim("default/a", set(&[]), set(&["a.example.com"])), None);
        assert_eq!(hostnames.claim("default/a", set(&[]), set(&["a.example.com"])), None);
        let conflict = hostnames.claim("default/b", set(&[]), set(&["b.example.com", "a.example.com"]));
        let taken = Taken { hostname: "a.example.com".to_owned(), service: "default/a".to_owned() };
        assert_eq!(conflict, Some(Conflict::Taken(taken)));
    }

    #[test]
    fn a_host_name_is_free_again_once_its_service_is_planned_without_it() {
        let hostnames = Hostnames::default();
        hostnames.claim("default/a", set(&[]), set(&["x.example.com"]));
        hostnames.claim("default/a", set(&["x.example.com"]), set(&["a.example.com"]));
        assert_eq!(hostnames.claim("default/b", set(&[]), set(&["x.example.com"])), None);
    }

    #[test]
    fn a_service_that_is_replaced_under_another_name_is_not_in_its_own_way() {
        let hostnames = Hostnames::default();
        hostnames.claim("default/a", set(&[]), set(&["a.example.com"]));
        hostnames.forget("default/a");
        assert_eq!(hostnames.claim("other/a", set(&["a.example.com"]), set(&["a.example.com"])), None);
    }

    #[test]
    fn names_may_be_handed_on_but_not_in_a_circle() {
        let hostnames = Hostnames::default();
        assert_eq!(hostnames.claim("a", set(&["a"]), set(&["b"])), None);
        assert_eq!(hostnames.claim("b", set(&["b"]), set(&["c"])), None);
        let circle = hostnames.claim("c", set(&["c"]), set(&["a"]));
        assert!(matches!(circle, Some(Conflict::Circle(taken)) if taken.service == "a"));
        let swapped = Hostnames::default();
        assert_eq!(swapped.claim("blue", set(&["x"]), set(&["y"])), None);
        assert!(matches!(swapped.claim("green", set(&["y"]), set(&["x"])), Some(Conflict::Circle(_))));
    }
}
