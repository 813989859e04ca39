//! `RequestCertificate`: a certificate that waits for the proof of its names.

use serde_json::{Value, json};

use super::Certificate;
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text, texts};
use crate::sandbox::world::{Scope, tag_list, timing};

/// Certificates of a region (an ACM quota).
const MAX_CERTIFICATES: usize = 2500;
/// Names of a certificate (an ACM quota).
const MAX_NAMES: usize = 10;
/// Longest common name.
const MAX_COMMON_NAME: usize = 64;

/// `RequestCertificate`. The token of an earlier request of the same names answers with the earlier certificate.
pub(super) fn call(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let domain_name = text(input, "DomainName").unwrap_or_default().to_lowercase();
    let others: Vec<String> =
        texts(input, "SubjectAlternativeNames").into_iter().map(str::to_lowercase).collect();
    let mut names = vec![domain_name.clone()];
    names.extend(others.into_iter().filter(|name| *name != domain_name));
    check_names(&names)?;
    if text(input, "ValidationMethod") != Some("DNS") {
        return Err(invalid("The sandbox knows the validation method DNS only."));
    }
    let token = checked_token(text(input, "IdempotencyToken"))?;
    if let Some(known) = find_earlier(scope, &names, token.as_deref()) {
        return Ok(json!({"CertificateArn": known}));
    }
    if scope.region.acm.certificates.len() >= MAX_CERTIFICATES {
        let message = "Error: you have reached your limit of certificates.";
        return Err(ApiError::client("LimitExceededException", message));
    }
    let id = scope.ids.uuid();
    let certificate = Certificate {
        arn: scope.region.arn("acm", &format!("certificate/{id}")),
        domain_name,
        subject_alternative_names: names,
        created_at: scope.now,
        idempotency_token: token,
        key_algorithm: text(input, "KeyAlgorithm").map(str::to_owned),
        tags: tag_list::from_list(list(input, "Tags")),
        ..Certificate::default()
    };
    let answer = json!({"CertificateArn": certificate.arn});
    scope.region.acm.certificates.insert(certificate.arn.clone(), certificate);
    Ok(answer)
}

fn find_earlier(scope: &Scope<'_>, names: &[String], token: Option<&str>) -> Option<String> {
    let token = token?;
    let is_it = |known: &&Certificate| {
        known.idempotency_token.as_deref() == Some(token)
            && known.subject_alternative_names == names
            && scope.now < known.created_at.after(timing::CERTIFICATE_TOKEN_KNOWN)
    };
    scope.region.acm.certificates.values().find(is_it).map(|known| known.arn.clone())
}

fn check_names(names: &[String]) -> Result<(), ApiError> {
    if names[0].len() > MAX_COMMON_NAME {
        return Err(invalid(&format!(
            "The first domain name can be no longer than {MAX_COMMON_NAME} characters."
        )));
    }
    if names.len() > MAX_NAMES {
        let message =
            "You have exceeded the maximum number of subject alternative names for this certificate.";
        return Err(ApiError::client("LimitExceededException", message));
    }
    match names.iter().find(|name| !is_domain_name(name)) {
        Some(name) => Err(invalid(&format!(
            "1 validation error detected: Value '{name}' at 'domainName' failed to satisfy constraint: Member must \
             be a fully qualified domain name"
        ))),
        None => Ok(()),
    }
}

fn is_domain_name(name: &str) -> bool {
    let bare = name.strip_prefix("*.").unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && bare.contains('.') && bare.split('.').all(is_label)
}

fn checked_token(token: Option<&str>) -> Result<Option<String>, ApiError> {
    let Some(token) = token else { return Ok(None) };
    let is_word = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word && (1..=32).contains(&token.len()) {
        return Ok(Some(token.to_owned()));
    }
    Err(invalid(
        "Value at 'idempotencyToken' failed to satisfy constraint: Member must satisfy \\w+ and be 1 to 32 long",
    ))
}

fn invalid(message: &str) -> ApiError {
    ApiError::client("ValidationException", message)
}
