//! What a plan of the composed engine refuses after a look at AWS and at the other services of the run.

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::Diagnostics;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use crate::support::hand;
use crate::support::workspace::{Workspace, three_inputs};

/// A zone that every account of the sandbox has.
const ZONE: &str = "example.com";

fn composed(name: &str, members: &Json) -> Json {
    let mut config = three_inputs();
    config["engine"] = json!("composed");
    config["service_name"] = json!(name);
    for (member, value) in members.as_object().expect("an object") {
        config[member] = value.clone();
    }
    config
}

fn details(diagnostics: &Diagnostics) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| diagnostic.detail.as_str()).collect()
}

#[track_caller]
fn check_says(diagnostics: &Diagnostics, detail: &str) {
    assert!(details(diagnostics).contains(&detail), "{diagnostics:#?}");
}

#[tokio::test]
async fn a_zone_must_be_there_be_public_and_hold_the_host_name() {
    let mut workspace = Workspace::new().await;
    let private = hand::make_private_zone(&workspace.sandbox, "inside.example");
    let cases = [
        (
            json!({ "hosted_zone": "missing.example" }),
            "Route 53 has no hosted zone `missing.example` in this account.".to_owned(),
        ),
        (
            json!({ "hosted_zone": "Z0MISSING" }),
            "Route 53 has no hosted zone `Z0MISSING` in this account.".to_owned(),
        ),
        (
            json!({ "hostname": "api.missing.example" }),
            "No public hosted zone of this account holds `api.missing.example`.".to_owned(),
        ),
        (
            json!({ "hosted_zone": private }),
            format!("`inside.example` ({private}) is a private zone: only its VPCs see its records."),
        ),
        (
            json!({ "hosted_zone": "Z0EXAMPLE123456789012", "hostname": "api.other.example" }),
            format!(
                "`api.other.example` does not end in `.{ZONE}`, the name of zone `Z0EXAMPLE123456789012`."
            ),
        ),
    ];
    for (domain, expected) in cases {
        let (_, said) = workspace.plan("app", &composed("api", &json!({ "domain": domain }))).await;
        check_says(&said, &expected);
    }
    for domain in [json!({ "hosted_zone": ZONE }), json!({ "hostname": format!("www.{ZONE}") })] {
        let (_, said) = workspace.plan("app", &composed("api", &json!({ "domain": domain }))).await;
        assert!(!details(&said).iter().any(|detail| detail.contains("zone")), "{said:#?}");
    }
}

#[tokio::test]
async fn two_services_of_one_run_cannot_have_one_host_name() {
    let mut workspace = Workspace::new().await;
    let domain = json!({ "domain": { "hosted_zone": ZONE, "hostname": format!("www.{ZONE}") } });
    let taken = format!("`www.{ZONE}` is already the host name of service `default/a` in this run.");
    for _ in 0..2 {
        let (_, said) = workspace.plan("a", &composed("a", &domain)).await;
        assert!(!details(&said).contains(&taken.as_str()), "planning again is no second service: {said:#?}");
    }
    let (_, said) = workspace.plan("b", &composed("b", &domain)).await;
    check_says(&said, &taken);
    workspace.restart_provider().await;
    let (_, said) = workspace.plan("b", &composed("b", &domain)).await;
    assert!(!details(&said).contains(&taken.as_str()), "a claim ends with its run: {said:#?}");
}

#[tokio::test]
async fn what_a_load_balancer_takes_is_in_its_region_and_of_use() {
    let mut workspace = Workspace::new().await;
    let arn = |region: &str| format!("arn:aws:acm:{region}:123456789012:certificate/1");
    let with =
        |arn: String| composed("api", &json!({ "certificate_arn": arn, "domain": { "hosted_zone": ZONE } }));
    let (_, said) = workspace.plan("app", &with(arn("us-east-1"))).await;
    check_says(&said, &format!("`{}` is in us-east-1, but the service is in eu-west-1.", arn("us-east-1")));
    let (_, said) =
        workspace.plan("app", &composed("api", &json!({ "certificate_arn": arn("eu-west-1") }))).await;
    check_says(&said, "A certificate is for host names, and the service has none of its own.");
    let (_, said) = workspace.plan("app", &composed("api", &json!({ "domain": {} }))).await;
    check_says(
        &said,
        "`domain` names neither a host name nor a hosted zone, and the provider block has no `default_domain`.",
    );
}

#[tokio::test]
async fn the_providers_default_domain_names_every_service() {
    let mut workspace =
        Workspace::with_provider(json!({ "default_domain": { "hosted_zone": "missing.example" } })).await;
    let (_, said) = workspace.plan("app", &composed("api", &json!({}))).await;
    check_says(&said, "Route 53 has no hosted zone `missing.example` in this account.");
    let (_, said) = workspace.plan("other", &three_inputs()).await;
    assert!(said.is_empty(), "services of the managed engine have nothing to do with it: {said:#?}");
}

#[tokio::test]
async fn a_zone_that_may_not_be_read_is_left_for_the_apply() {
    let mut workspace = Workspace::new().await;
    let denial = FaultEffect::Fail {
        status: 403,
        code: "AccessDenied".to_owned(),
        message: "User x is not authorized to perform: route53:ListHostedZonesByName".to_owned(),
    };
    let rule = FaultRule::on("ListHostedZonesByName", denial).times(100);
    workspace.sandbox.add_fault(rule).expect("a rule");
    let domain = json!({ "domain": { "hosted_zone": "missing.example" } });
    let (_, said) = workspace.plan("app", &composed("api", &domain)).await;
    assert!(!details(&said).iter().any(|detail| detail.contains("missing.example")), "{said:#?}");
}
