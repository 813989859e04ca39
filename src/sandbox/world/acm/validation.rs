//! Proof of a certificate's names by DNS: a CNAME record for each, in a public hosted zone of the account.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Certificate;
use crate::sandbox::world::route53::Route53State;
use crate::sandbox::world::{Timestamp, timing};

/// Issuers that a CAA record must name, if there is one.
const CAA_ISSUERS: [&str; 4] = ["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"];

/// Issues a certificate if each of its names is proved long enough, or fails it if a CAA record forbids it.
pub(super) fn settle(certificate: &mut Certificate, account_id: &str, zones: &Route53State, now: Timestamp) {
    let mut proved_at = certificate.created_at.after(timing::VALIDATION_RECORD_SAID);
    for name in certificate.names() {
        let (record_name, value) = record(account_id, name);
        let Some(record) = zones.find_public(&record_name, "CNAME") else { return };
        if !record
            .values()
            .any(|it| it.trim_end_matches('.').eq_ignore_ascii_case(value.trim_end_matches('.')))
        {
            return;
        }
        proved_at = proved_at.max(record.changed_at);
    }
    let issued_at = proved_at.after(timing::VALIDATION);
    if issued_at > now || issued_at > certificate.created_at.after(timing::VALIDATION_TIMES_OUT) {
        return;
    }
    if certificate.names().into_iter().any(|name| is_forbidden(zones, name)) {
        certificate.failure_reason = Some("CAA_ERROR".to_owned());
    } else {
        certificate.issued_at = Some(issued_at);
    }
}

/// Whether nobody proved the names in time.
pub(super) fn is_timed_out(certificate: &Certificate, now: Timestamp) -> bool {
    now >= certificate.created_at.after(timing::VALIDATION_TIMES_OUT)
}

/// `DomainValidationOptions`: ACM needs a moment until it says which records prove the names.
pub(super) fn options(certificate: &Certificate, account_id: &str, now: Timestamp) -> Vec<Value> {
    if certificate.is_imported {
        return Vec::new();
    }
    let is_said = now >= certificate.created_at.after(timing::VALIDATION_RECORD_SAID);
    let status = match certificate.status(now) {
        "ISSUED" => "SUCCESS",
        "PENDING_VALIDATION" => "PENDING_VALIDATION",
        _ => "FAILED",
    };
    let option = |name: &String| {
        let (record_name, value) = record(account_id, name);
        let record = json!({"Name": record_name, "Type": "CNAME", "Value": value});
        json!({
            "DomainName": name,
            "ValidationDomain": name,
            "ValidationMethod": "DNS",
            "ValidationStatus": status,
            "ResourceRecord": if is_said { record } else { Value::Null },
        })
    };
    certificate.names().into_iter().map(option).collect()
}

/// Name and value of the record that proves a name: the same for every certificate of the account, and for a name and
/// its wildcard.
pub(super) fn record(account_id: &str, name: &str) -> (String, String) {
    let base = name.strip_prefix("*.").unwrap_or(name);
    let hash = |what: &str| {
        let digest = Sha256::digest(format!("{account_id} {base} {what}"));
        let (half, _) = digest.split_at(16);
        format!("{:032x}", half.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte)))
    };
    let zone: String = hash("zone").chars().take(10).collect();
    (format!("_{}.{base}.", hash("name")), format!("_{}.{zone}.acm-validations.aws.", hash("value")))
}

/// Whether the closest CAA records on the way up from the name admit none of Amazon's issuers.
fn is_forbidden(zones: &Route53State, name: &str) -> bool {
    let labels: Vec<&str> = name.strip_prefix("*.").unwrap_or(name).split('.').collect();
    let closest =
        (0..labels.len()).find_map(|skipped| zones.find_public(&labels[skipped..].join("."), "CAA"));
    closest.is_some_and(|record| {
        !record.values().any(|value| CAA_ISSUERS.iter().any(|issuer| value.contains(issuer)))
    })
}
