//! Which host names a certificate is good for.

use super::Certificate;

impl Certificate {
    /// Whether a client that asked for this host accepts the certificate.
    pub fn covers(&self, host: &str) -> bool {
        self.names().any(|name| name_covers(name, host))
    }

    /// All names, the common name first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let others = self.subject_alternative_names.iter().filter(|name| **name != self.domain_name);
        std::iter::once(self.domain_name.as_str()).chain(others.map(String::as_str))
    }
}

/// Whether a certificate's name is good for a host: a wildcard stands for one label (RFC 6125, section 6.4.3).
pub fn name_covers(name: &str, host: &str) -> bool {
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    let (Some(zone), Some((_, rest))) = (name.strip_prefix("*."), host.split_once('.')) else { return false };
    zone.eq_ignore_ascii_case(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label() {
        assert!(name_covers("api.example.com", "API.example.com"));
        assert!(name_covers("*.example.com", "api.example.com"));
        assert!(!name_covers("*.example.com", "a.b.example.com"));
        assert!(!name_covers("*.example.com", "example.com"));
        assert!(!name_covers("example.com", "api.example.com"));
    }
}
