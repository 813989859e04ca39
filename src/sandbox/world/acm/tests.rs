//! ACM as its callers see it.

use super::*;
use crate::sandbox::api::Service;
use crate::sandbox::world::testing::Caller;
use crate::sandbox::world::timing;

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

fn request(acm: &mut Caller, names: &[&str], token: &str) -> String {
    let input = json!({
        "DomainName": names[0], "SubjectAlternativeNames": names, "ValidationMethod": "DNS",
        "IdempotencyToken": token,
    });
    acm.call("RequestCertificate", input).unwrap()["CertificateArn"].as_str().unwrap().to_owned()
}

fn detail_of(acm: &mut Caller, arn: &str) -> Value {
    acm.call("DescribeCertificate", json!({"CertificateArn": arn})).unwrap()["Certificate"].clone()
}

/// Puts a record into the account's first zone.
fn upsert(acm: &mut Caller, name: &Value, record_type: &str, value: &Value) {
    let set = json!({"Name": name, "Type": record_type, "TTL": 300, "ResourceRecords": [{"Value": value}]});
    let change = json!({"Action": "UPSERT", "ResourceRecordSet": set});
    let input = json!({"HostedZoneId": "Z0EXAMPLE111122223333", "ChangeBatch": {"Changes": [change]}});
    acm.call_service(Service::Route53, "ChangeResourceRecordSets", input).unwrap();
}

#[test]
fn a_requested_certificate_is_issued_when_its_record_is_there() {
    let mut acm = Caller::of(Service::Acm);
    let arn = request(&mut acm, &["api.example.com", "*.api.example.com"], "t");
    let early = detail_of(&mut acm, &arn);
    assert_eq!(early["DomainValidationOptions"][0]["ResourceRecord"], Value::Null);
    acm.pass(timing::VALIDATION_RECORD_SAID);
    let said = detail_of(&mut acm, &arn)["DomainValidationOptions"].clone();
    assert_eq!(
        said[0]["ResourceRecord"], said[1]["ResourceRecord"],
        "a name and its wildcard have one record"
    );
    acm.pass(Duration::from_secs(3600));
    assert_eq!(detail_of(&mut acm, &arn)["Status"], "PENDING_VALIDATION");
    let record = &said[0]["ResourceRecord"];
    upsert(&mut acm, &record["Name"], "CNAME", &record["Value"]);
    assert_eq!(detail_of(&mut acm, &arn)["Status"], "PENDING_VALIDATION");
    acm.pass(timing::VALIDATION);
    assert_eq!(detail_of(&mut acm, &arn)["Status"], "ISSUED");
}

#[test]
fn a_certificate_that_nobody_proves_times_out() {
    let mut acm = Caller::of(Service::Acm);
    let arn = request(&mut acm, &["api.elsewhere.test"], "t");
    acm.pass(timing::VALIDATION_TIMES_OUT);
    assert_eq!(detail_of(&mut acm, &arn)["Status"], "VALIDATION_TIMED_OUT");
}

#[test]
fn a_caa_record_for_another_issuer_fails_the_certificate() {
    let mut acm = Caller::of(Service::Acm);
    upsert(&mut acm, &json!("example.com"), "CAA", &json!("0 issue \"letsencrypt.org\""));
    let arn = request(&mut acm, &["api.example.com"], "t");
    acm.pass(timing::VALIDATION_RECORD_SAID);
    let record = detail_of(&mut acm, &arn)["DomainValidationOptions"][0]["ResourceRecord"].clone();
    upsert(&mut acm, &record["Name"], "CNAME", &record["Value"]);
    acm.pass(timing::VALIDATION);
    let failed = detail_of(&mut acm, &arn);
    assert_eq!((&failed["Status"], &failed["FailureReason"]), (&json!("FAILED"), &json!("CAA_ERROR")));
}

#[test]
fn a_token_names_one_certificate_for_an_hour() {
    let mut acm = Caller::of(Service::Acm);
    let first = request(&mut acm, &["api.example.com"], "t");
    assert_eq!(request(&mut acm, &["api.example.com"], "t"), first);
    assert_ne!(request(&mut acm, &["api.example.com"], "u"), first);
    acm.pass(timing::CERTIFICATE_TOKEN_KNOWN);
    assert_ne!(request(&mut acm, &["api.example.com"], "t"), first);
}

#[test]
fn requests_that_acm_does_not_take_are_refused() {
    let mut acm = Caller::of(Service::Acm);
    let input = |name: &str| json!({"DomainName": name, "ValidationMethod": "DNS"});
    let long = format!("{}.example.com", "a".repeat(60));
    for name in ["localhost", "-a.example.com", "a..example.com", long.as_str()] {
        assert_eq!(acm.refusal("RequestCertificate", input(name)), "ValidationException", "{name}");
    }
    let names: Vec<String> = (0..11).map(|index| format!("a{index}.example.com")).collect();
    let many = json!({"DomainName": names[0], "SubjectAlternativeNames": names, "ValidationMethod": "DNS"});
    assert_eq!(acm.refusal("RequestCertificate", many), "LimitExceededException");
}

#[test]
fn an_imported_certificate_is_usable_at_once_and_listed_by_its_key() {
    use base64::Engine as _;
    let encode = |pem: String| base64::engine::general_purpose::STANDARD.encode(pem);
    let mut acm = Caller::of(Service::Acm);
    let made = rcgen::generate_simple_self_signed(["pool.invalid".to_owned()]).unwrap();
    let input = json!({
        "Certificate": encode(made.cert.pem()), "PrivateKey": encode(made.signing_key.serialize_pem()),
    });
    let arn =
        acm.call("ImportCertificate", input.clone()).unwrap()["CertificateArn"].as_str().unwrap().to_owned();
    let detail = detail_of(&mut acm, &arn);
    assert_eq!((&detail["Status"], &detail["Type"]), (&json!("ISSUED"), &json!("IMPORTED")));
    assert!(detail["SubjectAlternativeNames"].as_array().unwrap().contains(&json!("pool.invalid")));
    let listed = |acm: &mut Caller, input: Value| {
        acm.call("ListCertificates", input).unwrap()["CertificateSummaryList"].as_array().unwrap().len()
    };
    assert_eq!(listed(&mut acm, json!({})), 0, "without key types only RSA is listed");
    assert_eq!(listed(&mut acm, json!({"Includes": {"keyTypes": ["EC_prime256v1"]}})), 1);
    let again = json!({"CertificateArn": arn, "Certificate": input["Certificate"], "PrivateKey": input["PrivateKey"]});
    assert_eq!(acm.call("ImportCertificate", again).unwrap()["CertificateArn"], json!(arn));
    let nonsense = json!({"Certificate": "bm9uc2Vuc2U=", "PrivateKey": input["PrivateKey"]});
    assert_eq!(acm.refusal("ImportCertificate", nonsense), "ValidationException");
    let state = acm.world_text();
    assert!(!state.contains("PRIVATE KEY"), "no private key is kept");
}
