//! AWS Certificate Manager.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::elbv2::{Elbv2State, Listener};
use super::input::{list, page, page_size, text, texts};
use super::{Scope, Tags, Timestamp, tag_list, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// ACM of one account and region, keyed by ARN.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AcmState {
    pub(crate) certificates: BTreeMap<String, Certificate>,
}

/// A certificate. Its status is `PENDING_VALIDATION` before `issued_at`, then `ISSUED`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Certificate {
    pub(crate) arn: String,
    pub(crate) domain_name: String,
    pub(crate) subject_alternative_names: Vec<String>,
    pub(crate) created_at: Timestamp,
    /// Absent while nothing has proved ownership of the domain.
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) tags: Tags,
}

/// How long a certificate of AWS is valid: 13 months.
const VALIDITY: Duration = Duration::from_secs(395 * 86_400);

/// Executes one ACM operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    match request.operation.as_str() {
        "DescribeCertificate" => {
            let now = scope.now;
            let arn = find(scope, input)?.arn.clone();
            let certificate = &scope.region.acm.certificates[&arn];
            Ok(json!({"Certificate": detail(certificate, &scope.region.elbv2, now)}))
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

impl Certificate {
    /// `PENDING_VALIDATION` or `ISSUED` as of `now`.
    pub(crate) fn status(&self, now: Timestamp) -> &'static str {
        let is_issued = self.issued_at.is_some_and(|issued_at| issued_at <= now);
        if is_issued { "ISSUED" } else { "PENDING_VALIDATION" }
    }

    fn names(&self) -> Vec<&String> {
        let others = self.subject_alternative_names.iter().filter(|name| **name != self.domain_name);
        std::iter::once(&self.domain_name).chain(others).collect()
    }
}

fn detail(certificate: &Certificate, elbv2: &Elbv2State, now: Timestamp) -> Value {
    let status = certificate.status(now);
    let issued_at = certificate.issued_at.filter(|_| status == "ISSUED");
    let validation = |name: &&String| {
        json!({
            "DomainName": name,
            "ValidationDomain": name,
            "ValidationMethod": "DNS",
            "ValidationStatus": if status == "ISSUED" { "SUCCESS" } else { "PENDING_VALIDATION" },
        })
    };
    let names = certificate.names();
    json!({
        "CertificateArn": certificate.arn,
        "DomainName": certificate.domain_name,
        "SubjectAlternativeNames": names,
        "DomainValidationOptions": names.iter().map(validation).collect::<Vec<Value>>(),
        "Subject": format!("CN={}", certificate.domain_name),
        "Issuer": "Amazon",
        "Status": status,
        "Type": "AMAZON_ISSUED",
        "CreatedAt": certificate.created_at.epoch_seconds(),
        "IssuedAt": issued_at.map(Timestamp::epoch_seconds),
        "NotBefore": issued_at.map(Timestamp::epoch_seconds),
        "NotAfter": issued_at.map(|issued_at| issued_at.after(VALIDITY).epoch_seconds()),
        "KeyAlgorithm": "RSA_2048",
        "SignatureAlgorithm": "SHA256WITHRSA",
        "InUseBy": users_of(certificate, elbv2),
        "RenewalEligibility": "ELIGIBLE",
        "Options": {"CertificateTransparencyLoggingPreference": "ENABLED"},
    })
}

/// The load balancers with a listener that serves the certificate.
fn users_of<'a>(certificate: &Certificate, elbv2: &'a Elbv2State) -> BTreeSet<&'a str> {
    let serves = |listener: &&Listener| listener.certificate_arns.contains(&certificate.arn);
    elbv2.listeners.values().filter(serves).map(|listener| listener.load_balancer_arn.as_str()).collect()
}

fn list_certificates(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let statuses = texts(input, "CertificateStatuses");
    let key_types = texts(&input["Includes"], "keyTypes");
    let is_key_type = key_types.is_empty() || key_types.contains(&"RSA_2048");
    let certificates = scope.region.acm.certificates.values();
    let certificates: Vec<&Certificate> = certificates
        .filter(|it| is_key_type && (statuses.is_empty() || statuses.contains(&it.status(scope.now))))
        .collect();
    let page = page(certificates, page_size(input, "MaxItems", 1000), text(input, "NextToken"));
    let invalid = || ApiError::client("InvalidArgsException", "The NextToken is invalid.");
    let page = page.ok_or_else(invalid)?;
    let summary = |certificate: &Certificate| {
        let detail = detail(certificate, &scope.region.elbv2, scope.now);
        json!({
            "CertificateArn": certificate.arn,
            "DomainName": certificate.domain_name,
            "SubjectAlternativeNameSummaries": certificate.names(),
            "HasAdditionalSubjectAlternativeNames": false,
            "Status": detail["Status"],
            "Type": detail["Type"],
            "KeyAlgorithm": "RSA_2048",
            "InUse": detail["InUseBy"].as_array().is_some_and(|users| !users.is_empty()),
            "RenewalEligibility": detail["RenewalEligibility"],
            "CreatedAt": detail["CreatedAt"],
            "IssuedAt": detail["IssuedAt"],
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
    if !users_of(&scope.region.acm.certificates[&arn], &scope.region.elbv2).is_empty() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::testing::Caller;

    const ARN: &str = "arn:aws:acm:eu-west-1:111122223333:certificate/1";

    /// One certificate, issued 60 s after its creation.
    fn arranged() -> Caller {
        let mut acm = Caller::of(Service::Acm);
        acm.arrange(|scope| {
            let issued_at = Some(scope.now.after(Duration::from_secs(60)));
            let (arn, domain_name) = (ARN.to_owned(), "a.example".to_owned());
            let certificate =
                Certificate { arn, domain_name, created_at: scope.now, issued_at, ..Certificate::default() };
            scope.region.acm.certificates.insert(ARN.to_owned(), certificate);
        });
        acm
    }

    fn describe(acm: &mut Caller) -> Value {
        acm.call("DescribeCertificate", json!({"CertificateArn": ARN})).unwrap()["Certificate"].clone()
    }

    #[test]
    fn a_certificate_is_pending_until_it_is_issued() {
        let mut acm = arranged();
        let pending = describe(&mut acm);
        assert_eq!((&pending["Status"], &pending["IssuedAt"]), (&"PENDING_VALIDATION".into(), &Value::Null));
        acm.pass(Duration::from_secs(60));
        let issued = describe(&mut acm);
        assert_eq!(issued["Status"], "ISSUED");
        assert_eq!(issued["DomainValidationOptions"][0]["ValidationStatus"], "SUCCESS");
        let pending = acm.call("ListCertificates", json!({"CertificateStatuses": ["PENDING_VALIDATION"]}));
        assert_eq!(pending.unwrap()["CertificateSummaryList"], json!([]));
    }

    #[test]
    fn a_certificate_that_a_listener_serves_cannot_be_deleted() {
        let mut acm = arranged();
        acm.arrange(|scope| {
            let (load_balancer_arn, certificate_arns) = ("lb".to_owned(), vec![ARN.to_owned()]);
            let listener = Listener { load_balancer_arn, certificate_arns, ..Listener::default() };
            scope.region.elbv2.listeners.insert("l".to_owned(), listener);
        });
        assert_eq!(describe(&mut acm)["InUseBy"], json!(["lb"]));
        let input = json!({"CertificateArn": ARN});
        assert_eq!(acm.refusal("DeleteCertificate", input.clone()), "ResourceInUseException");
        acm.arrange(|scope| scope.region.elbv2.listeners.clear());
        acm.call("DeleteCertificate", input.clone()).unwrap();
        assert_eq!(acm.refusal("DeleteCertificate", input), "ResourceNotFoundException");
    }

    #[test]
    fn tags_are_added_and_removed() {
        let mut acm = arranged();
        let tags = json!([{"Key": "k", "Value": "v"}]);
        acm.call("AddTagsToCertificate", json!({"CertificateArn": ARN, "Tags": tags})).unwrap();
        let listed = acm.call("ListTagsForCertificate", json!({"CertificateArn": ARN})).unwrap();
        assert_eq!(listed["Tags"], tags);
        acm.call("RemoveTagsFromCertificate", json!({"CertificateArn": ARN, "Tags": tags})).unwrap();
        let listed = acm.call("ListTagsForCertificate", json!({"CertificateArn": ARN})).unwrap();
        assert_eq!(listed["Tags"], json!([]));
    }
}
