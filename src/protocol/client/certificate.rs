//! The certificate that go-plugin's client makes for one plugin (protocol section 1.5).

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P521_SHA512,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::protocol::tls::SERVER_NAME;

/// A self-signed P-521 certificate that says that it is a CA, as go-plugin up to 1.8 makes it.
#[derive(Debug)]
pub struct ClientCertificate {
    certificate: CertificateDer<'static>,
    pem: String,
    key: PrivateKeyDer<'static>,
}

impl ClientCertificate {
    /// A fresh certificate.
    ///
    /// # Errors
    /// None in practice: the parameters are constant.
    pub fn generate() -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512)?;
        let mut params = CertificateParams::new(vec![SERVER_NAME.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, SERVER_NAME);
        params.distinguished_name.push(DnType::OrganizationName, "HashiCorp");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
            KeyUsagePurpose::KeyAgreement,
            KeyUsagePurpose::KeyCertSign,
        ];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.self_signed(&key)?;
        let private = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        Ok(Self { pem: certificate.pem(), certificate: certificate.der().clone(), key: private })
    }

    /// The certificate as `PLUGIN_CLIENT_CERT` carries it.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The chain and the key to present.
    pub(crate) fn for_rustls(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (vec![self.certificate.clone()], self.key.clone_key())
    }
}
