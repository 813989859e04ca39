//! A service's own URL in its environment: `${service.url}` and `${service.hostname}`.
//!
//! The host name exists only once the service does, so a new service starts with a name that cannot resolve and gets
//! a second revision with its own. The state keeps what the user wrote.

use std::collections::BTreeMap;

use super::configuration::{Configuration, PrimaryContainer};
use super::observed::IngressPath;

const URL: &str = "${service.url}";
const HOSTNAME: &str = "${service.hostname}";
/// Stands in until the service has a host name (RFC 2606: never resolves).
const PENDING_HOSTNAME: &str = "pending.invalid";

/// Whether any environment value refers to the service itself.
pub fn refers_to_own_url(configuration: &Configuration) -> bool {
    environment(configuration).is_some_and(|variables| variables.values().any(|value| has_reference(value)))
}

/// The configuration with its references filled in; with a stand-in while there is no host name.
pub fn with_own_url(configuration: &Configuration, ingress_path: Option<&IngressPath>) -> Configuration {
    let pending = IngressPath::new("PUBLIC", PENDING_HOSTNAME);
    let path = ingress_path.unwrap_or(&pending);
    let mut configuration = configuration.clone();
    let container = configuration.primary_container.as_mut();
    for value in container
        .and_then(|container| container.environment.as_mut())
        .into_iter()
        .flat_map(BTreeMap::values_mut)
    {
        *value = fill_in(value, path);
    }
    configuration
}

/// The container with the references of `written` wherever the live value is what they stand for.
pub fn with_references(
    live: &PrimaryContainer,
    written: &BTreeMap<String, String>,
    ingress_path: Option<&IngressPath>,
) -> PrimaryContainer {
    let mut container = live.clone();
    let Some(path) = ingress_path else { return container };
    for (name, value) in container.environment.iter_mut().flatten() {
        let reference = written.get(name).filter(|written| has_reference(written));
        if let Some(reference) = reference.filter(|reference| fill_in(reference, path) == *value) {
            value.clone_from(reference);
        }
    }
    container
}

fn environment(configuration: &Configuration) -> Option<&BTreeMap<String, String>> {
    configuration.primary_container.as_ref()?.environment.as_ref()
}

fn has_reference(value: &str) -> bool {
    value.contains(URL) || value.contains(HOSTNAME)
}

fn fill_in(value: &str, path: &IngressPath) -> String {
    value.replace(URL, &path.url()).replace(HOSTNAME, &path.hostname)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(value: &str) -> Configuration {
        let environment = BTreeMap::from([("ISSUER".to_owned(), value.to_owned())]);
        let container = PrimaryContainer { environment: Some(environment), ..PrimaryContainer::default() };
        Configuration { primary_container: Some(container), ..Configuration::default() }
    }

    fn value_of(configuration: &Configuration) -> &str {
        &environment(configuration).expect("an environment")["ISSUER"]
    }

    #[test]
    fn a_reference_becomes_the_url_and_before_that_a_name_that_never_resolves() {
        let written = configuration("${service.url}/oauth");
        let path = IngressPath::new("PUBLIC", "ab-1.ecs.x.on.aws");
        assert!(refers_to_own_url(&written) && !refers_to_own_url(&configuration("plain")));
        assert_eq!(value_of(&with_own_url(&written, Some(&path))), "https://ab-1.ecs.x.on.aws/oauth");
        assert_eq!(value_of(&with_own_url(&written, None)), "https://pending.invalid/oauth");
    }

    #[test]
    fn the_state_keeps_the_reference_only_while_it_holds() {
        let path = IngressPath::new("PUBLIC", "ab-1.ecs.x.on.aws");
        let written = configuration("${service.hostname}");
        let live = with_own_url(&written, Some(&path)).primary_container.expect("a container");
        let names = environment(&written).expect("an environment");
        let restored = with_references(&live, names, Some(&path));
        assert_eq!(restored.environment.as_ref(), Some(names));
        let other = IngressPath::new("PUBLIC", "cd-2.ecs.x.on.aws");
        assert_eq!(with_references(&live, names, Some(&other)), live);
    }
}
