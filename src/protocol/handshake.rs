//! The one line that tells core where and how to connect (protocol section 1.5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::protocol::listener::Address;

/// Version of go-plugin's own protocol.
const CORE_PROTOCOL_VERSION: u32 = 1;
/// The only major of Terraform's plugin protocol that this server speaks.
pub(crate) const PROTOCOL_VERSION: u32 = 6;

/// What the handshake line says.
#[derive(Debug, Clone)]
pub(crate) struct Handshake<'a> {
    /// Where the server listens.
    pub(crate) address: &'a Address,
    /// DER of the certificate that the server will present; none: no TLS.
    pub(crate) certificate_der: Option<&'a [u8]>,
    /// Whether core asked about multiplexed brokering, which is not offered.
    pub(crate) is_multiplexing_asked_for: bool,
}

impl Handshake<'_> {
    /// The line without its newline. The certificate's base64 has no padding, as go-plugin decodes it.
    pub(crate) fn line(&self) -> String {
        let certificate = self.certificate_der.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
        let (network, address) = (self.address.network(), self.address.to_string());
        let mut line =
            format!("{CORE_PROTOCOL_VERSION}|{PROTOCOL_VERSION}|{network}|{address}|grpc|{certificate}");
        if self.is_multiplexing_asked_for {
            line.push_str("|false");
        }
        line
    }
}

/// Whether core speaks this server's protocol major. A core that does not say is taken to.
///
/// Without an overlap the handshake still names our version: core then explains the mismatch to the user.
pub(crate) fn is_version_offered(protocol_versions: Option<&str>) -> bool {
    protocol_versions.is_none_or(|versions| {
        versions.split(',').any(|version| version.trim().parse() == Ok(PROTOCOL_VERSION))
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn the_registrys_manifest_names_the_protocol_version() {
        let manifest = include_str!("../../terraform-registry-manifest.json");
        let manifest: serde_json::Value = serde_json::from_str(manifest).expect("JSON");
        let expected = serde_json::json!([format!("{PROTOCOL_VERSION}.0")]);
        assert_eq!(manifest["metadata"]["protocol_versions"], expected);
    }

    #[test]
    fn a_line_without_tls_has_an_empty_certificate() {
        let address = Address::Unix(PathBuf::from("/tmp/plugin1"));
        let handshake =
            Handshake { address: &address, certificate_der: None, is_multiplexing_asked_for: false };
        assert_eq!(handshake.line(), "1|6|unix|/tmp/plugin1|grpc|");
    }

    #[test]
    fn the_certificate_is_base64_without_padding() {
        let address = Address::Tcp("127.0.0.1:10000".parse().expect("an address"));
        let handshake = Handshake {
            address: &address,
            certificate_der: Some(&[0xff; 4]),
            is_multiplexing_asked_for: false,
        };
        assert_eq!(handshake.line(), "1|6|tcp|127.0.0.1:10000|grpc|/////w");
    }

    #[test]
    fn multiplexing_is_refused_only_when_it_was_asked_for() {
        let address = Address::Unix(PathBuf::from("/tmp/plugin1"));
        let handshake =
            Handshake { address: &address, certificate_der: None, is_multiplexing_asked_for: true };
        assert!(handshake.line().ends_with("|grpc||false"));
    }

    #[test]
    fn six_is_found_anywhere_in_the_unordered_list() {
        assert!(is_version_offered(Some("5,6")));
        assert!(is_version_offered(Some("6, 5")));
        assert!(is_version_offered(None));
        assert!(!is_version_offered(Some("4,5,16")));
    }
}
