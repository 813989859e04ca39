//! Create, read, update, delete.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::hostnames::prove;
use super::{composed, leftovers, make_zone, told, workspace};
use crate::support::cloud;
use crate::support::workspace::{Action, Workspace, with};

#[tokio::test]
async fn a_service_without_a_domain_answers_over_http_and_says_what_a_domain_brings() {
    let mut workspace = workspace().await;
    let applied = workspace.apply("app", &composed("api")).await;
    assert!(!applied.diagnostics.has_errors(), "{}", told(&applied.diagnostics));
    let url = workspace.attribute("app", "url");
    assert!(url.as_str().is_some_and(|url| url.starts_with("http://xp-")), "{url}");
    assert_eq!(workspace.applied("app", &composed("api")).await, Action::Nothing);
}

#[tokio::test]
async fn a_service_on_a_domain_answers_over_https_under_its_name() {
    let mut workspace = workspace().await;
    make_zone(&workspace, "example.com");
    let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(workspace.attribute("app", "url"), json!("https://api.example.com"));
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{}", told(&diagnostics));
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn a_host_name_alone_finds_its_zone() {
    let mut workspace = workspace().await;
    let config = with(&composed("api"), "domain", json!({ "hostname": "www.example.com" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(workspace.attribute("app", "url"), json!("https://www.example.com"));
    assert_eq!(workspace.attribute("app", "domain.hosted_zone"), json!("example.com"));
    let further = json!({ "hostname": "www.example.com", "additional_hostnames": ["api.example.com"] });
    assert_eq!(workspace.applied("app", &with(&config, "domain", further)).await, Action::Update);
}

#[tokio::test]
async fn a_certificate_of_ones_own_needs_no_zone_and_without_either_nothing_is_made() {
    let mut workspace = workspace().await;
    let input = json!({ "DomainName": "www.example.com", "ValidationMethod": "DNS" });
    let requested = cloud::call(&workspace.sandbox, Service::Acm, "RequestCertificate", input);
    workspace.clock_advance(600).await;
    let record = prove(&workspace, &requested["CertificateArn"]);
    workspace.clock_advance(600).await;
    cloud::call(&workspace.sandbox, Service::Acm, "DescribeCertificate", requested.clone());
    remove_zone(&workspace, &record);
    let config = with(&composed("api"), "domain", json!({ "hostname": "www.example.com" }));
    let applied = workspace.apply("app", &config).await;
    assert!(told(&applied.diagnostics).contains("No public hosted zone"), "{}", told(&applied.diagnostics));
    let config = with(&config, "certificate_arn", requested["CertificateArn"].clone());
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(workspace.attribute("app", "url"), json!("https://www.example.com"));
    assert_eq!(workspace.attribute("app", "domain.hosted_zone"), json!(null));
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{}", told(&diagnostics));
}

/// Deletes the zone that every account begins with, in which there is one record.
fn remove_zone(workspace: &Workspace, record: &Json) {
    let call = |operation: &str, input| cloud::call(&workspace.sandbox, Service::Route53, operation, input);
    let zones = call("ListHostedZones", json!({}));
    let id = zones["HostedZones"][0]["Id"].as_str().expect("a zone").trim_start_matches("/hostedzone/");
    let batch = json!({ "Changes": [{ "Action": "DELETE", "ResourceRecordSet": record }] });
    call("ChangeResourceRecordSets", json!({ "HostedZoneId": id, "ChangeBatch": batch }));
    call("DeleteHostedZone", json!({ "Id": id }));
}

#[tokio::test]
async fn a_destroyed_service_leaves_nothing_and_can_be_made_again() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{}", told(&diagnostics));
    assert!(workspace.state("app").is_none());
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
    assert_eq!(workspace.applied("app", &composed("api")).await, Action::Create);
}

#[tokio::test]
async fn a_new_image_is_rolled_out_and_the_url_stays() {
    let mut workspace = workspace().await;
    let config = composed("api");
    workspace.applied("app", &config).await;
    let (url, definition) =
        (workspace.attribute("app", "url"), workspace.attribute("app", "task_definition_arn"));
    let config = with(&config, "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(workspace.attribute("app", "url"), url);
    assert_ne!(workspace.attribute("app", "task_definition_arn"), definition);
}

#[tokio::test]
async fn a_service_that_is_made_again_asks_for_its_certificate_anew() {
    let mut workspace = workspace().await;
    let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
    for _ in 0..2 {
        assert_eq!(workspace.applied("app", &config).await, Action::Create);
        let diagnostics = workspace.destroy("app").await;
        assert!(!diagnostics.has_errors(), "{}", told(&diagnostics));
    }
    let calls = workspace.sandbox.calls();
    let requests = calls.iter().filter(|call| call.operation == "RequestCertificate");
    let tokens: Vec<_> = requests.map(|call| call.input["IdempotencyToken"].clone()).collect();
    assert_eq!(tokens.len(), 2, "ACM may remember the token of the one that was deleted");
    assert_ne!(tokens[0], tokens[1]);
}
