//! The self-signed certificate that a shared HTTPS listener has as its default one.
//!
//! A listener needs a default certificate, and no service's own may be it: that could not be deleted before the
//! listener (facts, composition section 3.2). Clients see it only when they ask for a host name that no service has.

use std::fmt;
use std::time::SystemTime;

use rcgen::{CertificateParams, DnType, KeyPair};
use time::{Duration, OffsetDateTime};

/// How long it is valid: ten years.
const VALIDITY_DAYS: i64 = 3650;

/// A self-signed certificate with its key, which never leaves this process but to ACM.
pub struct Placeholder {
    certificate_pem: String,
    private_key_pem: String,
}

impl Placeholder {
    /// A certificate for `common_name`, valid from a day before `now`, with a new ECDSA P-256 key.
    ///
    /// # Errors
    /// `common_name` is no host name, or the key could not be generated.
    pub fn generate(common_name: &str, now: SystemTime) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(vec![common_name.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.not_before = OffsetDateTime::from(now) - Duration::days(1);
        params.not_after = OffsetDateTime::from(now) + Duration::days(VALIDITY_DAYS);
        let key = KeyPair::generate()?;
        let certificate_pem = params.self_signed(&key)?.pem();
        Ok(Self { certificate_pem, private_key_pem: key.serialize_pem() })
    }

    pub(super) fn certificate_pem(&self) -> &[u8] {
        self.certificate_pem.as_bytes()
    }

    pub(super) fn private_key_pem(&self) -> &[u8] {
        self.private_key_pem.as_bytes()
    }
}

impl fmt::Debug for Placeholder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Placeholder")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_a_pair_in_pem_and_shows_nothing_of_its_key() {
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_795_435_200);
        let placeholder = Placeholder::generate("xp-0123456789.invalid", now).expect("a valid name");
        assert!(placeholder.certificate_pem.starts_with("-----BEGIN CERTIFICATE-----"));
        assert!(placeholder.private_key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
        assert_eq!(format!("{placeholder:?}"), "Placeholder");
        let other = Placeholder::generate("xp-0123456789.invalid", now).expect("a valid name");
        assert_ne!(other.private_key_pem, placeholder.private_key_pem);
    }
}
