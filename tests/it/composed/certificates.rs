//! Certificates that the user brings, and load balancers that have no room for another one.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::hostnames::prove;
use super::{composed, leftovers, make_zone, told, workspace};
use crate::support::cloud;
use crate::support::workspace::{Action, Workspace, with};

/// Requests a certificate, which nothing has proved yet.
fn requested(workspace: &Workspace, name: &str) -> Json {
    let input = json!({ "DomainName": name, "ValidationMethod": "DNS" });
    cloud::call(&workspace.sandbox, Service::Acm, "RequestCertificate", input)["CertificateArn"].take()
}

/// An issued certificate for a name in `example.com`.
pub(super) async fn issued(workspace: &Workspace, name: &str) -> Json {
    let arn = requested(workspace, name);
    workspace.clock_advance(600).await;
    prove(workspace, &arn);
    workspace.clock_advance(600).await;
    arn
}

fn on(host: &str) -> Json {
    with(&composed("api"), "domain", json!({ "hosted_zone": "example.com", "hostname": host }))
}

async fn failed(workspace: &mut Workspace, config: &Json) -> String {
    let applied = workspace.apply("app", config).await;
    assert!(applied.diagnostics.has_errors(), "{}", told(&applied.diagnostics));
    told(&applied.diagnostics)
}

#[tokio::test]
async fn a_given_certificate_that_is_validated_in_the_same_apply_is_waited_for() {
    let mut workspace = workspace().await;
    let arn = requested(&workspace, "api.example.com");
    workspace.clock_advance(60).await;
    prove(&workspace, &arn);
    let config = with(&on("api.example.com"), "certificate_arn", arn.clone());
    let (_, said) = workspace.plan("app", &config).await;
    assert!(!said.has_errors() && told(&said).contains("not issued yet"), "{}", told(&said));
    assert!(told(&said).contains("aws_acm_certificate_validation"), "{}", told(&said));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(workspace.attribute("app", "infrastructure.certificate_arn"), arn);
}

#[tokio::test]
async fn a_given_certificate_that_nobody_validates_ends_the_apply_in_minutes_and_leaves_nothing() {
    let mut workspace = workspace().await;
    let arn = requested(&workspace, "api.example.com");
    workspace.clock_advance(600).await;
    let config = with(&on("api.example.com"), "certificate_arn", arn.clone());
    let before = workspace.sandbox.now();
    let said = failed(&mut workspace, &config).await;
    assert!(said.contains("is not issued yet"), "{said}");
    assert!(said.contains("aws_acm_certificate_validation.<name>.certificate_arn"), "{said}");
    let took = workspace.sandbox.now().duration_since(before).expect("later");
    assert!(took < Duration::from_secs(25 * 60), "{took:?}");
    let made: Vec<_> =
        leftovers(&workspace).into_iter().filter(|name| !name.ends_with("api.example.com")).collect();
    assert_eq!(made, Vec::<String>::new());
}

#[tokio::test]
async fn a_given_certificate_for_other_names_is_refused_at_plan_and_a_wildcard_stands_for_one_label() {
    let mut workspace = workspace().await;
    let wildcard = issued(&workspace, "*.example.com").await;
    let of = |host: &str| with(&on(host), "certificate_arn", wildcard.clone());
    let (_, said) = workspace.plan("app", &of("a.b.example.com")).await;
    assert!(said.has_errors() && told(&said).contains("not for `a.b.example.com`"), "{}", told(&said));
    assert_eq!(workspace.applied("app", &of("api.example.com")).await, Action::Create);
    let further = json!({
        "hosted_zone": "example.com", "hostname": "api.example.com", "additional_hostnames": ["a.b.example.com"],
    });
    let (_, said) = workspace.plan("app", &with(&of("api.example.com"), "domain", further)).await;
    assert!(said.has_errors() && told(&said).contains("not for `a.b.example.com`"), "{}", told(&said));
}

#[tokio::test]
async fn certificates_and_web_acls_of_another_region_account_or_partition_are_refused_at_plan() {
    let mut workspace = workspace().await;
    let places = [
        ("arn:aws:{}:us-east-1:123456789012:{}", "is in another region"),
        ("arn:aws:{}:eu-west-1:210987654321:{}", "is in another account"),
        ("arn:aws-cn:{}:eu-west-1:123456789012:{}", "is in another partition"),
    ];
    let arguments = [
        ("certificate_arn", "acm", "certificate/11111111-2222-3333-4444-555555555555"),
        ("web_acl_arn", "wafv2", "regional/webacl/acl/11111111-2222-3333-4444-555555555555"),
    ];
    for (place, expected) in places {
        for (argument, service, resource) in arguments {
            let arn = place.replacen("{}", service, 1).replacen("{}", resource, 1);
            let (_, said) = workspace.plan("app", &with(&on("api.example.com"), argument, arn.clone())).await;
            let said = told(&said);
            assert!(said.contains(&format!("`{argument}` {expected}")), "{arn}: {said}");
        }
    }
}

#[tokio::test]
async fn a_web_acl_that_does_not_exist_is_told_at_plan_and_ends_the_apply_in_minutes() {
    let mut workspace = workspace().await;
    let arn =
        "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/gone/11111111-2222-3333-4444-555555555555";
    let config = with(&on("api.example.com"), "web_acl_arn", arn);
    let (_, said) = workspace.plan("app", &config).await;
    assert!(told(&said).contains(&format!("AWS WAF has no web ACL `{arn}`")), "{}", told(&said));
    let before = workspace.sandbox.now();
    let said = failed(&mut workspace, &config).await;
    assert!(said.contains(&format!("Web ACL `{arn}` does not exist")), "{said}");
    let calls = workspace.sandbox.calls();
    assert!(calls.iter().all(|call| call.operation != "AssociateWebACL"), "no load balancer was made for it");
    let refused = calls.iter().rfind(|call| call.operation == "GetWebACL").expect("a look");
    let took = refused.time.duration_since(before).expect("later");
    assert!(took < Duration::from_secs(120), "{took:?}");
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

/// Fills a listener with certificates of somebody else until it has this many beside its default one.
async fn fill(workspace: &Workspace, listener_arn: &Json, count: usize) {
    let elbv2 =
        |operation: &str, input: Json| cloud::call(&workspace.sandbox, Service::Elbv2, operation, input);
    let present = elbv2("DescribeListenerCertificates", json!({ "ListenerArn": listener_arn }));
    let present = present["Certificates"].as_array().expect("a list");
    let beside = present.iter().filter(|one| one["IsDefault"] != true).count();
    let arns: Vec<Json> =
        (beside..count).map(|number| requested(workspace, &format!("n{number}.example.com"))).collect();
    workspace.clock_advance(600).await;
    for arn in &arns {
        prove(workspace, arn);
    }
    workspace.clock_advance(600).await;
    for arn in &arns {
        let input = json!({ "ListenerArn": listener_arn, "Certificates": [{ "CertificateArn": arn }] });
        elbv2("AddListenerCertificates", input);
    }
}

#[tokio::test]
async fn a_rename_works_on_a_full_load_balancer_and_a_joiner_takes_the_next_one() {
    let mut workspace = workspace().await;
    workspace.applied("app", &on("api.example.com")).await;
    let listener = workspace.attribute("app", "infrastructure.listener_arn");
    fill(&workspace, &listener, 25).await;
    assert_eq!(workspace.applied("app", &on("www.example.com")).await, Action::Update);
    assert_eq!(workspace.attribute("app", "infrastructure.listener_arn"), listener);
    let web = with(&composed("web"), "domain", json!({ "hosted_zone": "example.com" }));
    assert_eq!(workspace.applied("web", &web).await, Action::Create);
    let next = workspace.attribute("web", "infrastructure.load_balancer_arn");
    assert!(next.as_str().is_some_and(|arn| arn.contains("-1/")), "{next}");
    let rules =
        cloud::call(&workspace.sandbox, Service::Elbv2, "DescribeRules", json!({ "ListenerArn": listener }));
    assert!(!rules.to_string().contains("web.example.com"), "nothing is left on the full one: {rules}");
}

#[tokio::test]
async fn a_record_that_proves_the_certificate_and_is_gone_is_told_and_made_again() {
    let mut workspace = workspace().await;
    let config = on("api.example.com");
    workspace.applied("app", &config).await;
    let zone_id = make_zone(&workspace, "example.com");
    let route53 =
        |operation: &str, input: Json| cloud::call(&workspace.sandbox, Service::Route53, operation, input);
    let list = || route53("ListResourceRecordSets", json!({ "HostedZoneId": zone_id }));
    let find = |sets: &Json| {
        sets["ResourceRecordSets"].as_array()?.iter().find(|set| set["Type"] == "CNAME").cloned()
    };
    let proof = find(&list()).expect("the record that proves the certificate");
    let batch = json!({ "Changes": [{ "Action": "DELETE", "ResourceRecordSet": proof }] });
    route53("ChangeResourceRecordSets", json!({ "HostedZoneId": zone_id, "ChangeBatch": batch }));
    workspace.clock_advance(120).await;
    let (action, said) = workspace.plan("app", &config).await;
    assert!(told(&said).contains("record that proves the certificate"), "{}", told(&said));
    assert_eq!(action, Action::Update);
    workspace.clock_advance(120).await;
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    let sets = cloud::call(
        &workspace.sandbox,
        Service::Route53,
        "ListResourceRecordSets",
        json!({ "HostedZoneId": zone_id }),
    );
    assert_eq!(find(&sets), Some(proof));
}
