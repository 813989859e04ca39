//! AWS Certificate Manager.

mod import;
mod pem;
mod request;
#[cfg(test)]
mod tests;
mod validation;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::elbv2::{Elbv2State, Listener};
use super::input::{list, page, page_size, text, texts};
use super::scenario::CertificateFault;
use super::{Scope, Tags, Timestamp, tag_list, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// ACM of one account and region, keyed by ARN.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AcmState {
    pub(crate) certificates: BTreeMap<String, Certificate>,
}

/// A certificate. Its status is `PENDING_VALIDATION` before `issued_at`, then `ISSUED`. No private key is kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Certificate {
    pub(crate) arn: String,
    pub(crate) domain_name: String,
    pub(crate) subject_alternative_names: Vec<String>,
    pub(crate) created_at: Timestamp,
    /// Absent while nothing has proved ownership of the domain.
    pub(crate) issued_at: Option<Timestamp>,
    /// Why it will not be issued, for example `CAA_ERROR`.
    pub(crate) failure_reason: Option<String>,
    /// Token of the request that made it.
    pub(crate) idempotency_token: Option<String>,
    pub(crate) is_imported: bool,
    /// `None`: RSA with 2048 bits.
    pub(crate) key_algorithm: Option<String>,
    pub(crate) tags: Tags,
}

/// The algorithms that a list without `Includes.keyTypes` shows.
const DEFAULT_KEY_TYPES: [&str; 2] = ["RSA_1024", "RSA_2048"];

/// How long a certificate of AWS is valid: 13 months.
const VALIDITY: Duration = Duration::from_secs(395 * 86_400);

/// Executes one ACM operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    settle(scope);
    let input = &request.input;
    match request.operation.as_str() {
        "RequestCertificate" => request::call(scope, input),
        "ImportCertificate" => import::call(scope, input),
        "DescribeCertificate" => {
            let now = scope.now;
            let arn = find(scope, input)?.arn.clone();
            let region = &*scope.region;
            let certificate = &region.acm.certificates[&arn];
            Ok(json!({"Certificate": detail(certificate, &region.account_id, &region.elbv2, now)}))
        }
        "ListCertificates" => list_certificates(scope, input),
        "DeleteCertificate" => delete_certificate(scope, input),
        "ListTagsForCertificate" => Ok(json!({"Tags": tag_list::to_list(&find(scope, input)?.tags)})),
        "AddTagsToCertificate" => {
            let tags = tag_list::from_list(list(input, "Tags"));
            find(scope, input)?.tags.extend(tags);
            Ok(json!({}))
        }
        "RemoveTagsFromCertificate" => {
            let tags = tag_list::from_list(list(input, "Tags"));
            find(scope, input)?.tags.retain(|key, _| !tags.contains_key(key));
            Ok(json!({}))
        }
        _ => Err(unknown_operation(request)),
    }
}

/// Issues the certificates whose names have been proved by now, and gives up on those that cannot be.
///
/// It looks at the account's hosted zones as they are now: a proof that came and went between two calls counts as
/// never given.
pub(crate) fn settle(scope: &mut Scope<'_>) {
    let (zones, now) = (&scope.account.route53, scope.now);
    let account_id = &scope.region.account_id;
    for certificate in scope.region.acm.certificates.values_mut() {
        if certificate.issued_at.is_some() || certificate.failure_reason.is_some() {
            continue;
        }
        match scope.scenarios.find_certificate_fault(&certificate.domain_name, &certificate.tags) {
            None => validation::settle(certificate, account_id, zones, now),
            Some(CertificateFault::NotProved) => {}
            Some(CertificateFault::Failed(reason)) => certificate.failure_reason = Some(reason.to_owned()),
        }
    }
}

impl Certificate {
    /// `PENDING_VALIDATION`, `ISSUED`, `FAILED` or `VALIDATION_TIMED_OUT` as of `now`.
    pub(crate) fn status(&self, now: Timestamp) -> &'static str {
        let is_issued = self.issued_at.is_some_and(|issued_at| issued_at <= now);
        match &self.failure_reason {
            _ if is_issued => "ISSUED",
            Some(_) => "FAILED",
            None if self.issued_at.is_none() && validation::is_timed_out(self, now) => "VALIDATION_TIMED_OUT",
            None => "PENDING_VALIDATION",
        }
    }

    fn key_algorithm(&self) -> &str {
        self.key_algorithm.as_deref().unwrap_or("RSA_2048")
    }

    fn names(&self) -> Vec<&String> {
        let others = self.subject_alternative_names.iter().filter(|name| **name != self.domain_name);
        std::iter::once(&self.domain_name).chain(others).collect()
    }
}

fn detail(certificate: &Certificate, account_id: &str, elbv2: &Elbv2State, now: Timestamp) -> Value {
    let status = certificate.status(now);
    let issued_at = certificate.issued_at.filter(|_| status == "ISSUED");
    let names = certificate.names();
    let (kind, issuer, eligibility) = if certificate.is_imported {
        ("IMPORTED", certificate.domain_name.as_str(), "INELIGIBLE")
    } else {
        ("AMAZON_ISSUED", "Amazon", "ELIGIBLE")
    };
    let is_elliptic = certificate.key_algorithm().starts_with("EC_");
    json!({
        "CertificateArn": certificate.arn,
        "DomainName": certificate.domain_name,
        "SubjectAlternativeNames": names,
        "DomainValidationOptions": validation::options(certificate, account_id, now),
        "Subject": format!("CN={}", certificate.domain_name),
        "Issuer": issuer,
        "Status": status,
        "FailureReason": certificate.failure_reason,
        "Type": kind,
        "CreatedAt": certificate.created_at.epoch_seconds(),
        "IssuedAt": issued_at.filter(|_| !certificate.is_imported).map(Timestamp::epoch_seconds),
        "ImportedAt": issued_at.filter(|_| certificate.is_imported).map(Timestamp::epoch_seconds),
        "NotBefore": issued_at.map(Timestamp::epoch_seconds),
        "NotAfter": issued_at.map(|issued_at| issued_at.after(VALIDITY).epoch_seconds()),
        "KeyAlgorithm": certificate.key_algorithm(),
        "SignatureAlgorithm": if is_elliptic { "SHA256WITHECDSA" } else { "SHA256WITHRSA" },
        "InUseBy": users_of(certificate, elbv2, now),
        "RenewalEligibility": eligibility,
        "Options": {"CertificateTransparencyLoggingPreference": "ENABLED"},
    })
}

/// The load balancers with a listener that serves the certificate, or did so until a while ago.
fn users_of<'a>(certificate: &Certificate, elbv2: &'a Elbv2State, now: Timestamp) -> BTreeSet<&'a str> {
    let serves = |listener: &&Listener| listener.certificate_arns.contains(&certificate.arn);
    let listeners = elbv2.listeners.values().filter(serves);
    let past = elbv2.certificate_uses.find_user(&certificate.arn, now);
    listeners.map(|listener| listener.load_balancer_arn.as_str()).chain(past).collect()
}

fn list_certificates(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let statuses = texts(input, "CertificateStatuses");
    let key_types = texts(&input["Includes"], "keyTypes");
    let key_types = if key_types.is_empty() { DEFAULT_KEY_TYPES.to_vec() } else { key_types };
    let certificates = scope.region.acm.certificates.values();
    let certificates: Vec<&Certificate> = certificates
        .filter(|it| key_types.contains(&it.key_algorithm()))
        .filter(|it| statuses.is_empty() || statuses.contains(&it.status(scope.now)))
        .collect();
    let page = page(certificates, page_size(input, "MaxItems", 1000), text(input, "NextToken"));
    let invalid = || ApiError::client("InvalidArgsException", "The NextToken is invalid.");
    let page = page.ok_or_else(invalid)?;
    let summary = |certificate: &Certificate| {
        let region = &*scope.region;
        let detail = detail(certificate, &region.account_id, &region.elbv2, scope.now);
        json!({
            "CertificateArn": certificate.arn,
            "DomainName": certificate.domain_name,
            "SubjectAlternativeNameSummaries": certificate.names(),
            "HasAdditionalSubjectAlternativeNames": false,
            "Status": detail["Status"],
            "Type": detail["Type"],
            "KeyAlgorithm": detail["KeyAlgorithm"],
            "InUse": detail["InUseBy"].as_array().is_some_and(|users| !users.is_empty()),
            "RenewalEligibility": detail["RenewalEligibility"],
            "CreatedAt": detail["CreatedAt"],
            "IssuedAt": detail["IssuedAt"],
            "ImportedAt": detail["ImportedAt"],
            "NotBefore": detail["NotBefore"],
            "NotAfter": detail["NotAfter"],
        })
    };
    let summaries: Vec<Value> = page.items.into_iter().map(summary).collect();
    Ok(json!({"CertificateSummaryList": summaries, "NextToken": page.next_token}))
}

/// Refused while a listener serves the certificate.
fn delete_certificate(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let arn = find(scope, input)?.arn.clone();
    scope.region.elbv2.certificate_uses.forget(scope.now);
    if !users_of(&scope.region.acm.certificates[&arn], &scope.region.elbv2, scope.now).is_empty() {
        let message = format!("Certificate {arn} in account {} is in use.", scope.region.account_id);
        return Err(ApiError::client("ResourceInUseException", message));
    }
    scope.region.acm.certificates.remove(&arn);
    Ok(json!({}))
}

fn find<'a>(scope: &'a mut Scope<'_>, input: &Value) -> Result<&'a mut Certificate, ApiError> {
    let arn = text(input, "CertificateArn").unwrap_or_default();
    let missing =
        || ApiError::client("ResourceNotFoundException", format!("Could not find certificate {arn}."));
    scope.region.acm.certificates.get_mut(arn).ok_or_else(missing)
}
