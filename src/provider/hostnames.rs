//! Which service of a run has which host names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// The host names that the services of one run have been planned with: a configured provider sees the plans of all.
#[derive(Debug, Default)]
pub(crate) struct Hostnames {
    of_services: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

/// A host name that another service has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The host name.
    pub(crate) hostname: String,
    /// `cluster/name` of the service that has it.
    pub(crate) service: String,
}

impl Hostnames {
    /// Notes the host names of a service in place of those that it had before; answers the first that is another's.
    pub(crate) fn claim(&self, service: &str, hostnames: BTreeSet<String>) -> Option<Taken> {
        let mut of_services = self.of_services.lock().unwrap_or_else(PoisonError::into_inner);
        let others = of_services.iter().filter(|(other, _)| *other != service);
        let taken = others
            .flat_map(|(other, theirs)| {
                theirs.intersection(&hostnames).map(move |hostname| (other, hostname))
            })
            .map(|(other, hostname)| Taken { hostname: hostname.clone(), service: other.clone() })
            .next();
        of_services.insert(service.to_owned(), hostnames);
        taken
    }
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
        assert_eq!(hostnames.claim("default/a", set(&["a.example.com"])), None);
        assert_eq!(hostnames.claim("default/a", set(&["a.example.com"])), None);
        let taken = hostnames.claim("default/b", set(&["b.example.com", "a.example.com"])).expect("taken");
        assert_eq!((taken.hostname.as_str(), taken.service.as_str()), ("a.example.com", "default/a"));
    }

    #[test]
    fn a_host_name_is_free_again_once_its_service_is_planned_without_it() {
        let hostnames = Hostnames::default();
        hostnames.claim("default/a", set(&["x.example.com"]));
        hostnames.claim("default/a", set(&["a.example.com"]));
        assert_eq!(hostnames.claim("default/b", set(&["x.example.com"])), None);
    }
}
