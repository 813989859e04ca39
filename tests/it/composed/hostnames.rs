//! Host names and certificates that change: the new ones answer before the old ones go.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::reachable::{aliases, find_outage};
use super::resume::{changes, kill_after};
use super::{composed, leftovers, make_zone, told, workspace};
use crate::support::cloud;
use crate::support::workspace::{Action, Workspace, with};

fn on(host: &str) -> Json {
    with(&composed("api"), "domain", json!({ "hosted_zone": "example.com", "hostname": host }))
}

/// A service as `api.example.com`, and the id of its zone.
async fn served() -> (Workspace, String) {
    let mut workspace = workspace().await;
    let zone_id = make_zone(&workspace, "example.com");
    workspace.applied("app", &on("api.example.com")).await;
    (workspace, zone_id)
}

fn names(workspace: &Workspace) -> Vec<String> {
    let certificates = cloud::call(&workspace.sandbox, Service::Acm, "ListCertificates", json!({}));
    let list = certificates["CertificateSummaryList"].as_array().expect("a list").clone();
    let mut names: Vec<_> =
        list.iter().filter_map(|one| one["DomainName"].as_str()).map(str::to_owned).collect();
    names.retain(|name| !name.ends_with(".invalid"));
    names
}

fn hosts_of_rule(workspace: &Workspace) -> Json {
    let arn = workspace.attribute("app", "infrastructure.listener_rule_arn");
    let rules =
        cloud::call(&workspace.sandbox, Service::Elbv2, "DescribeRules", json!({ "RuleArns": [arn] }));
    rules["Rules"][0]["Conditions"][0]["HostHeaderConfig"]["Values"].clone()
}

#[tokio::test]
async fn another_host_name_takes_the_place_of_the_old_one_without_a_deployment() {
    let (mut workspace, zone_id) = served().await;
    workspace.sandbox.clear_calls();
    assert_eq!(workspace.applied("app", &on("www.example.com")).await, Action::Update);
    assert_eq!(workspace.attribute("app", "url"), json!("https://www.example.com"));
    let hosts: Vec<_> = aliases(&workspace.sandbox, &zone_id).into_iter().map(|(name, _)| name).collect();
    assert_eq!(hosts, ["www.example.com"]);
    assert_eq!(hosts_of_rule(&workspace), json!(["www.example.com"]));
    assert_eq!(names(&workspace), ["www.example.com"]);
    assert_eq!(find_outage(&workspace.sandbox, &zone_id, "www.example.com"), None);
    assert!(workspace.sandbox.calls().iter().all(|call| call.operation != "UpdateService"));
}

#[tokio::test]
async fn a_further_host_name_comes_and_goes() {
    let (mut workspace, zone_id) = served().await;
    let domain = json!({
        "hosted_zone": "example.com", "hostname": "api.example.com", "additional_hostnames": ["www.example.com"],
    });
    assert_eq!(workspace.applied("app", &with(&composed("api"), "domain", domain)).await, Action::Update);
    for host in ["api.example.com", "www.example.com"] {
        assert_eq!(find_outage(&workspace.sandbox, &zone_id, host), None);
    }
    assert_eq!(names(&workspace), ["api.example.com"]);
    assert_eq!(workspace.applied("app", &on("api.example.com")).await, Action::Update);
    assert_eq!(hosts_of_rule(&workspace), json!(["api.example.com"]));
    assert_eq!(find_outage(&workspace.sandbox, &zone_id, "api.example.com"), None);
    assert_eq!(names(&workspace).len(), 1);
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn a_host_name_that_somebody_put_on_the_rule_stays_and_is_no_difference() {
    let (mut workspace, _) = served().await;
    let arn = workspace.attribute("app", "infrastructure.listener_rule_arn");
    let hosts = json!(["api.example.com", "partner.example.org"]);
    let condition = json!({ "Field": "host-header", "HostHeaderConfig": { "Values": hosts } });
    let input = json!({ "RuleArn": arn, "Conditions": [condition] });
    cloud::call(&workspace.sandbox, Service::Elbv2, "ModifyRule", input);
    assert_eq!(workspace.applied("app", &on("api.example.com")).await, Action::Nothing);
    assert_eq!(workspace.applied("app", &on("www.example.com")).await, Action::Update);
    assert_eq!(hosts_of_rule(&workspace), json!(["partner.example.org", "www.example.com"]));
}

#[tokio::test]
async fn a_certificate_of_ones_own_takes_over_and_is_given_up_again() {
    let (mut workspace, _) = served().await;
    let input = json!({ "DomainName": "*.example.com", "ValidationMethod": "DNS" });
    let requested = cloud::call(&workspace.sandbox, Service::Acm, "RequestCertificate", input);
    let arn = requested["CertificateArn"].clone();
    // The record that proves a wildcard is the one of its zone.
    workspace.clock_advance(600).await;
    prove(&workspace, &arn);
    workspace.clock_advance(600).await;
    let config = with(&on("api.example.com"), "certificate_arn", arn.clone());
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(workspace.attribute("app", "infrastructure.certificate_arn"), arn);
    assert_eq!(names(&workspace), ["*.example.com"], "the requested one is gone");
    assert_eq!(workspace.applied("app", &on("api.example.com")).await, Action::Update);
    assert_ne!(workspace.attribute("app", "infrastructure.certificate_arn"), arn);
    let listener = workspace.attribute("app", "infrastructure.listener_arn");
    let input = json!({ "ListenerArn": listener });
    let on_listener = cloud::call(&workspace.sandbox, Service::Elbv2, "DescribeListenerCertificates", input);
    assert!(!on_listener.to_string().contains(arn.as_str().expect("an ARN")), "{on_listener}");
}

/// Makes the record that proves a certificate, and says which one it is.
pub(crate) fn prove(workspace: &Workspace, arn: &Json) -> Json {
    let call =
        |service, operation: &str, input: Json| cloud::call(&workspace.sandbox, service, operation, input);
    let described = call(Service::Acm, "DescribeCertificate", json!({ "CertificateArn": arn }));
    let record = &described["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"];
    let zones = call(Service::Route53, "ListHostedZonesByName", json!({ "DNSName": "example.com" }));
    let set = json!({
        "Name": record["Name"], "Type": "CNAME", "TTL": 300, "ResourceRecords": [{ "Value": record["Value"] }],
    });
    let batch = json!({ "Changes": [{ "Action": "UPSERT", "ResourceRecordSet": set.clone() }] });
    let id =
        zones["HostedZones"][0]["Id"].as_str().expect("a zone").trim_start_matches("/hostedzone/").to_owned();
    call(Service::Route53, "ChangeResourceRecordSets", json!({ "HostedZoneId": id, "ChangeBatch": batch }));
    set
}

#[tokio::test]
async fn a_change_that_is_killed_after_any_call_is_continued_and_can_be_destroyed() {
    let (before, _) = served().await;
    let mut undisturbed = before.fork().await;
    undisturbed.applied("app", &on("www.example.com")).await;
    let changes = changes(&undisturbed);
    assert!(changes.len() >= 8, "{changes:?}");
    for change in changes {
        for continues in [true, false] {
            let mut workspace = before.fork().await;
            let killed = kill_after(&workspace, &change);
            let config = on("www.example.com");
            tokio::select! {
                biased;
                () = killed.notified() => {}
                applied = workspace.apply("app", &config) => panic!("{change:?}: {}", told(&applied.diagnostics)),
            }
            workspace.restart_provider().await;
            if continues {
                workspace.applied("app", &config).await;
                assert_eq!(hosts_of_rule(&workspace), json!(["www.example.com"]), "{change:?}");
                assert_eq!(names(&workspace), ["www.example.com"], "{change:?}");
            }
            let said = workspace.destroy("app").await;
            assert!(!said.has_errors(), "{change:?}: {}", told(&said));
            assert_eq!(leftovers(&workspace), Vec::<String>::new(), "{change:?}, continued: {continues}");
        }
    }
}

#[tokio::test]
async fn a_service_keeps_its_host_name_when_it_goes_to_another_cluster_in_the_same_process() {
    let mut workspace = workspace().await;
    for cluster in ["apps", "other"] {
        cloud::create_cluster(&workspace.sandbox, cluster);
    }
    make_zone(&workspace, "example.com");
    let of = |cluster: &str| {
        let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
        with(&config, "cluster", cluster)
    };
    assert_eq!(workspace.applied("app", &of("apps")).await, Action::Create);
    assert_eq!(workspace.applied("app", &of("other")).await, Action::Replace);
    assert_eq!(workspace.attribute("app", "hostname"), json!("api.example.com"));
}
