//! Which certificates are trusted.

use aws_smithy_http_client::tls::TrustStore;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::aws::environment::Environment;
use crate::aws::settings::HttpSettings;
use crate::framework::{Diagnostic, Path};

/// The certificates of the bundle that the argument, `AWS_CA_BUNDLE` or the profile names, or else the system's.
///
/// As in the other AWS SDKs a bundle replaces the system's certificates. Certificates in it that cannot serve as
/// trust anchors are left out.
pub(super) fn trust_store(
    settings: &HttpSettings,
    environment: &Environment,
    profile_ca_bundle: Option<&str>,
) -> Result<TrustStore, Diagnostic> {
    let named = settings.custom_ca_bundle.as_deref();
    let Some(path) = named.or_else(|| environment.get("AWS_CA_BUNDLE")).or(profile_ca_bundle) else {
        return Ok(TrustStore::default());
    };
    let path = environment.expand_home(path);
    let refused = |problem: String| {
        Diagnostic::error(
            "The CA bundle cannot be used",
            format!("Tried: reading certificates from `{path}`.\nProblem: {problem}"),
        )
        .at(Path::attribute("custom_ca_bundle"))
        .hint("name a file with certificates in PEM form in `custom_ca_bundle` or AWS_CA_BUNDLE")
    };
    let pem = std::fs::read(&path).map_err(|error| refused(error.to_string()))?;
    let anchors = anchors_in(&pem).map_err(|error| refused(format!("not valid PEM: {error}")))?;
    if anchors.is_empty() {
        return Err(refused("there is no certificate in it".to_owned()));
    }
    Ok(anchors.iter().fold(TrustStore::empty(), |trust, anchor| trust.with_pem_certificate(to_pem(anchor))))
}

/// The certificates that rustls accepts as trust anchors. The SDK would panic on the others.
fn anchors_in(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, rustls::pki_types::pem::Error> {
    let mut anchors = Vec::new();
    let mut refused = 0_u32;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate?;
        match RootCertStore::empty().add(certificate.clone()) {
            Ok(()) => anchors.push(certificate),
            Err(_) => refused += 1,
        }
    }
    if refused > 0 {
        tracing::debug!(refused, "certificates of the CA bundle that cannot be trust anchors");
    }
    Ok(anchors)
}

fn to_pem(certificate: &CertificateDer<'_>) -> String {
    let text = STANDARD.encode(certificate);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(path: &str) -> HttpSettings {
        HttpSettings { custom_ca_bundle: Some(path.to_owned()), ..HttpSettings::default() }
    }

    fn write(content: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), content).expect("written");
        file
    }

    #[track_caller]
    fn problem(settings: &HttpSettings) -> String {
        let diagnostic = trust_store(settings, &Environment::default(), None).expect_err("refused");
        assert_eq!(diagnostic.path, Some(Path::attribute("custom_ca_bundle")));
        diagnostic.detail
    }

    #[test]
    fn a_bundle_that_is_missing_or_empty_is_refused_with_its_path() {
        assert!(problem(&bundle("/nowhere/ca.pem")).contains("/nowhere/ca.pem"));
        let empty = write("no certificate here");
        assert!(problem(&bundle(&empty.path().to_string_lossy())).contains("no certificate in it"));
    }

    #[test]
    fn a_certificate_that_cannot_be_an_anchor_is_left_out() {
        let good = rcgen::generate_simple_self_signed(["ca.test".to_owned()]).expect("a certificate");
        let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let pem = format!("{bad}{}", good.cert.pem());
        assert_eq!(anchors_in(pem.as_bytes()).expect("valid PEM"), [good.cert.der().clone()]);
    }

    #[test]
    fn the_environment_names_a_bundle_too() {
        let environment: Environment = [("AWS_CA_BUNDLE", "/nowhere/env.pem")].into_iter().collect();
        let refused = trust_store(&HttpSettings::default(), &environment, None).expect_err("refused");
        assert!(refused.detail.contains("/nowhere/env.pem"));
    }
}
