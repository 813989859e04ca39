//! `AutoMTLS`: both sides present self-signed certificates and each accepts exactly the other's.
//!
//! Core's client certificate has a P-521 key and says that it is a CA (go-plugin up to 1.8). webpki refuses
//! a CA as an end entity, so the certificate is pinned: it must equal the one from `PLUGIN_CLIENT_CERT`
//! byte for byte, and the handshake's signature must verify with its key. That is stricter than trusting it.

use std::sync::Arc;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ServerConfig};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, SignatureScheme};

/// The name that go-plugin's client expects in the server's certificate.
pub(crate) const SERVER_NAME: &str = "localhost";
/// The only application protocol; grpc-go since 1.67 refuses a server that does not name it.
pub(crate) const ALPN_H2: &[u8] = b"h2";

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// What core sent is no PEM certificate.
    #[error("PLUGIN_CLIENT_CERT does not hold a PEM certificate")]
    ClientCertificate,
    /// The server's own certificate could not be made.
    #[error("cannot make the server's certificate")]
    ServerCertificate(#[source] rcgen::Error),
    /// rustls refused the configuration.
    #[error("cannot configure TLS")]
    Configuration(#[source] rustls::Error),
}

/// A server's side of `AutoMTLS`.
#[derive(Debug, Clone)]
pub(crate) struct ServerTls {
    /// For accepting connections.
    pub(crate) config: Arc<ServerConfig>,
    /// The certificate to put into the handshake line.
    pub(crate) certificate: CertificateDer<'static>,
}

impl ServerTls {
    /// Makes a fresh certificate and accepts only the client of `client_certificate_pem`.
    pub(crate) fn for_client(client_certificate_pem: &str) -> Result<Self, TlsError> {
        let pinned = CertificateDer::from_pem_slice(client_certificate_pem.as_bytes())
            .map_err(|_| TlsError::ClientCertificate)?;
        let (certificate, key) = server_certificate().map_err(TlsError::ServerCertificate)?;
        let crypto = crypto_provider();
        let verifier = PinnedClient { pinned, crypto: Arc::clone(&crypto) };
        let mut config = ServerConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Configuration)?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_single_cert(vec![certificate.clone()], key)
            .map_err(TlsError::Configuration)?;
        config.alpn_protocols = vec![ALPN_H2.to_vec()];
        // One client connects once; a resumed session would only skip a check.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { config: Arc::new(config), certificate })
    }
}

/// aws-lc-rs, which verifies P-521; ring does not.
pub(crate) fn crypto_provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// A P-256 certificate for `localhost` that is explicitly no CA: Go's and webpki's clients both accept it.
fn server_certificate() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec![SERVER_NAME.to_owned()])?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?.der().clone();
    Ok((certificate, PrivatePkcs8KeyDer::from(key.serialize_der()).into()))
}

/// Accepts one certificate and nothing else.
#[derive(Debug)]
struct PinnedClient {
    pinned: CertificateDer<'static>,
    crypto: Arc<CryptoProvider>,
}

impl ClientCertVerifier for PinnedClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        if *end_entity == self.pinned {
            return Ok(ClientCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.crypto.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.crypto.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused_without_repeating_it() {
        let error = ServerTls::for_client("swordfish").expect_err("no PEM");
        assert!(!error.to_string().contains("swordfish"));
    }

    #[test]
    fn p_521_signatures_are_offered() {
        let schemes = crypto_provider().signature_verification_algorithms.supported_schemes();
        assert!(schemes.contains(&SignatureScheme::ECDSA_NISTP521_SHA512));
    }

    #[test]
    fn every_start_has_its_own_certificate() {
        let (one, _) = server_certificate().expect("makes one");
        let (other, _) = server_certificate().expect("makes another");
        assert_ne!(one, other);
    }
}
