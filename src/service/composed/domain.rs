//! Host names of the user's own.

use std::collections::BTreeSet;

use crate::service::members::members;

members! {
    /// Where a service is reached, on the user's own domain. Says nothing: no domain.
    pub struct Domain {
        /// Host name; without one it is made of the service's name and the zone's.
        pub hostname: Option<String>,
        /// Route 53 hosted zone, by id (`Z...`) or by name.
        pub hosted_zone: Option<String>,
        /// Further host names that lead to the same service.
        pub additional_hostnames: Option<BTreeSet<String>>,
    }
}

impl Domain {
    /// The host name of a service in a zone of this name.
    pub fn hostname_in_zone(&self, service_name: &str, zone_name: &str) -> String {
        let zone_name = zone_name.trim_end_matches('.');
        self.hostname.clone().unwrap_or_else(|| format!("{service_name}.{zone_name}").to_lowercase())
    }

    /// The zone's name if the zone was given by name, in lower case and without a final dot.
    pub fn zone_name(&self) -> Option<String> {
        let zone = self.hosted_zone.as_deref()?;
        zone.contains('.').then(|| zone.trim_end_matches('.').to_lowercase())
    }

    /// The zone's id if the zone was given by id, without `/hostedzone/`. Route 53 writes ids in capitals.
    pub fn zone_id(&self) -> Option<String> {
        let zone = self.hosted_zone.as_deref()?;
        (!zone.contains('.')).then(|| zone.rsplit('/').next().unwrap_or(zone).to_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(hostname: Option<&str>, hosted_zone: &str) -> Domain {
        Domain {
            hostname: hostname.map(str::to_owned),
            hosted_zone: Some(hosted_zone.to_owned()),
            ..Domain::default()
        }
    }

    #[test]
    fn a_service_is_called_by_its_name_in_the_zone_unless_told_otherwise() {
        assert_eq!(domain(None, "example.com").hostname_in_zone("Api", "example.com."), "api.example.com");
        let named = domain(Some("www.example.com"), "Z0123");
        assert_eq!(named.hostname_in_zone("api", "example.com"), "www.example.com");
    }

    #[test]
    fn a_zone_id_is_no_name() {
        assert_eq!(domain(None, "Z0123456789ABC").zone_name(), None);
        assert_eq!(domain(None, "Example.COM.").zone_name().as_deref(), Some("example.com"));
        assert_eq!(domain(None, "/hostedzone/z0123").zone_id().as_deref(), Some("Z0123"));
        assert_eq!(domain(None, "example.com").zone_id(), None);
    }
}
