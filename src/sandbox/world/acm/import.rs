//! `ImportCertificate`: a certificate of somebody else's, usable at once. Its private key is looked at and forgotten.

use serde_json::{Value, json};

use super::{Certificate, find, pem};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text};
use crate::sandbox::world::{Scope, tag_list};

/// `ImportCertificate`: a new certificate, or another body for the one that the input names.
pub(super) fn call(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let parsed = text(input, "Certificate").and_then(pem::parse_certificate);
    let parsed =
        parsed.ok_or_else(|| invalid("The certificate field contains no certificate in PEM format."))?;
    if !text(input, "PrivateKey").is_some_and(pem::is_private_key) {
        return Err(invalid(
            "The private key is not supported: it must be an unencrypted key in PEM format.",
        ));
    }
    let known = match text(input, "CertificateArn") {
        Some(_) => Some(find(scope, input)?.clone()),
        None => None,
    };
    let tags = tag_list::from_list(list(input, "Tags"));
    if known.is_some() && !tags.is_empty() {
        return Err(invalid("Tags cannot be given when a certificate is imported again."));
    }
    if known.as_ref().is_some_and(|known| !known.is_imported) {
        return Err(invalid("A certificate that ACM issued cannot be imported."));
    }
    let arn = if let Some(known) = &known {
        known.arn.clone()
    } else {
        let id = scope.ids.uuid();
        scope.region.arn("acm", &format!("certificate/{id}"))
    };
    let certificate = Certificate {
        arn: arn.clone(),
        domain_name: parsed.names.first().cloned().unwrap_or_default(),
        subject_alternative_names: parsed.names,
        created_at: known.as_ref().map_or(scope.now, |known| known.created_at),
        issued_at: Some(scope.now),
        is_imported: true,
        key_algorithm: Some(parsed.key_algorithm.to_owned()),
        tags: known.map_or(tags, |known| known.tags),
        ..Certificate::default()
    };
    scope.region.acm.certificates.insert(arn.clone(), certificate);
    Ok(json!({"CertificateArn": arn}))
}

fn invalid(message: &str) -> ApiError {
    ApiError::client("ValidationException", message)
}
