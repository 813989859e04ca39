//! The certificates of a listener. The first one is the default, which the quota does not count.

use serde_json::{Value, json};

use super::{not_found, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::acm;
use crate::sandbox::world::input::{list, text};
use crate::sandbox::world::{Scope, timing};

/// Most certificates of a load balancer beside the default ones (an ELB quota).
const MAX_CERTIFICATES: usize = 25;

/// Refuses a certificate that does not exist or is not issued.
pub(super) fn check(scope: &mut Scope<'_>, certificate_arn: &str) -> Result<(), ApiError> {
    acm::settle(scope);
    let Some(certificate) = scope.region.acm.certificates.get(certificate_arn) else {
        let message = format!("Certificate '{certificate_arn}' not found");
        return Err(ApiError::client("CertificateNotFound", message));
    };
    if certificate.status(scope.now) != "ISSUED" {
        let message = format!(
            "The certificate '{certificate_arn}' must have a fully-qualified domain name, a supported signature, \
             and a supported key size."
        );
        return Err(ApiError::client("UnsupportedCertificate", message));
    }
    Ok(())
}

/// `AddListenerCertificates`: idempotent for certificates that are there already.
pub(super) fn add(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let arn = text(input, "ListenerArn").unwrap_or_default();
    let listener = scope.region.elbv2.listeners.get(arn).cloned().ok_or_else(|| not_found("listener"))?;
    if listener.protocol == "HTTP" {
        return Err(validation("Certificates can only be added to a listener of a secure protocol"));
    }
    let mut certificates = listener.certificate_arns;
    for certificate_arn in named(input) {
        check(scope, certificate_arn)?;
        if certificates.iter().any(|known| known == certificate_arn) {
            continue;
        }
        if certificates.len() > MAX_CERTIFICATES {
            let message = format!("The maximum number of certificates on listener '{arn}' has been reached");
            return Err(ApiError::client("TooManyCertificates", message));
        }
        certificates.push(certificate_arn.to_owned());
    }
    if let Some(listener) = scope.region.elbv2.listeners.get_mut(arn) {
        listener.certificate_arns = certificates;
    }
    Ok(json!({"Certificates": input["Certificates"]}))
}

/// `RemoveListenerCertificates`: every certificate but the default one can go.
pub(super) fn remove(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let arn = text(input, "ListenerArn").unwrap_or_default();
    let elbv2 = &mut scope.region.elbv2;
    let listener = elbv2.listeners.get_mut(arn).ok_or_else(|| not_found("listener"))?;
    let asked: Vec<&str> = named(input).collect();
    if listener.certificate_arns.first().is_some_and(|default| asked.contains(&default.as_str())) {
        let message = "The default certificate of a listener cannot be removed";
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    let is_removed = |known: &mut String| asked.contains(&known.as_str());
    let removed: Vec<String> = listener.certificate_arns.extract_if(.., is_removed).collect();
    let load_balancer_arn = listener.load_balancer_arn.clone();
    elbv2.certificate_uses.leave(removed, &load_balancer_arn, scope.now.after(timing::CERTIFICATE_RELEASED));
    Ok(json!({}))
}

fn named(input: &Value) -> impl Iterator<Item = &str> {
    list(input, "Certificates").iter().filter_map(|entry| text(entry, "CertificateArn"))
}
