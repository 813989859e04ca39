//! Hosted zones: chosen once, recorded, and found again for removal. No record of ours ever leads to what is gone.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use super::certificates::issued;
use super::reachable::aliases;
use super::resume::{changes, kill_after};
use super::{composed, leftovers, make_twin_zone, make_zone, told, workspace};
use crate::support::hand::make_private_zone;
use crate::support::workspace::{Action, Workspace, with};

fn on(domain: Json) -> Json {
    with(&composed("api"), "domain", domain)
}

/// Host names that have an alias in a zone.
fn names(workspace: &Workspace, zone_id: &str) -> Vec<String> {
    aliases(&workspace.sandbox, zone_id).into_iter().map(|(name, _)| name).collect()
}

/// Refuses every call of Route 53 that a service can lead to, as for a role without any right to it.
fn deny_route53(workspace: &Workspace) {
    let operations = [
        "ListHostedZonesByName",
        "GetHostedZone",
        "ListResourceRecordSets",
        "ChangeResourceRecordSets",
        "GetChange",
    ];
    for operation in operations {
        let denial = FaultEffect::Fail {
            status: 403,
            code: "AccessDenied".to_owned(),
            message: format!("User: x is not authorized to perform: route53:{operation}"),
        };
        workspace.sandbox.add_fault(FaultRule::on(operation, denial).times(1000)).expect("a rule");
    }
}

async fn destroyed(workspace: &mut Workspace) {
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(leftovers(workspace), Vec::<String>::new());
}

#[tokio::test]
async fn twins_are_refused_at_plan_with_both_ids_and_one_by_id_holds_the_record() {
    let mut workspace = workspace().await;
    let first = make_zone(&workspace, "example.com");
    let twin = make_twin_zone(&workspace, "example.com");
    let domains = [
        json!({ "hostname": "api.example.com" }),
        json!({ "hosted_zone": "example.com" }),
        json!({ "hosted_zone": "EXAMPLE.com." }),
    ];
    for domain in domains {
        let (_, said) = workspace.plan("app", &on(domain.clone())).await;
        let said = told(&said);
        assert!(said.contains(&first) && said.contains(&twin), "{domain}: {said}");
        assert!(said.contains("name one by id"), "{said}");
    }
    let config = on(json!({ "hosted_zone": twin.to_lowercase(), "hostname": "api.example.com" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(names(&workspace, &twin), ["api.example.com"]);
    assert_eq!(names(&workspace, &first), Vec::<String>::new());
    destroyed(&mut workspace).await;
    assert_eq!(names(&workspace, &twin), Vec::<String>::new());
}

#[tokio::test]
async fn a_twin_that_comes_later_changes_nothing_for_a_service_that_has_its_record() {
    let mut workspace = workspace().await;
    let zone_id = make_zone(&workspace, "example.com");
    let config = on(json!({ "hosted_zone": "example.com" }));
    workspace.applied("app", &config).await;
    let twin = make_twin_zone(&workspace, "example.com");
    assert_eq!(workspace.applied("app", &with(&config, "cpu", "512")).await, Action::Update);
    assert_eq!((names(&workspace, &zone_id).len(), names(&workspace, &twin).len()), (1, 0));
    destroyed(&mut workspace).await;
    assert_eq!(names(&workspace, &zone_id), Vec::<String>::new());
}

#[tokio::test]
async fn a_record_in_the_parent_zone_goes_although_a_nested_zone_fits_better() {
    let mut workspace = workspace().await;
    let parent = make_zone(&workspace, "example.com");
    make_zone(&workspace, "dev.example.com");
    let config = on(json!({ "hosted_zone": "example.com", "hostname": "api.dev.example.com" }));
    workspace.applied("app", &config).await;
    assert_eq!(names(&workspace, &parent), ["api.dev.example.com"]);
    destroyed(&mut workspace).await;
    assert_eq!(names(&workspace, &parent), Vec::<String>::new());
}

#[tokio::test]
async fn another_zone_alone_moves_the_record_and_no_call_at_which_it_is_killed_leaves_one_behind() {
    let mut before = workspace().await;
    let parent = make_zone(&before, "example.com");
    let nested = make_zone(&before, "dev.example.com");
    let of = |zone: &str| on(json!({ "hosted_zone": zone, "hostname": "api.dev.example.com" }));
    before.applied("app", &of("example.com")).await;
    let mut undisturbed = before.fork().await;
    assert_eq!(undisturbed.applied("app", &of("dev.example.com")).await, Action::Update);
    assert_eq!(names(&undisturbed, &nested), ["api.dev.example.com"]);
    assert_eq!(names(&undisturbed, &parent), Vec::<String>::new());
    let calls = undisturbed.sandbox.calls();
    assert!(calls.iter().all(|call| call.operation != "UpdateService"), "a record starts no deployment");
    let of_zone = |call: &&terraform_provider_express::sandbox::journal::Call| {
        call.operation == "ChangeResourceRecordSets" && call.input["HostedZoneId"] == json!(parent)
    };
    let made = calls.iter().position(|call| call.operation == "ChangeResourceRecordSets").expect("a record");
    let deleted = calls.iter().position(|call| of_zone(&call)).expect("a deletion");
    assert!(made < deleted, "the old one goes after the new one is there");
    for change in changes(&undisturbed) {
        let mut workspace = before.fork().await;
        let killed = kill_after(&workspace, &change);
        let config = of("dev.example.com");
        tokio::select! {
            biased;
            () = killed.notified() => {}
            applied = workspace.apply("app", &config) => {
                panic!("{change:?}: {}", told(&applied.diagnostics))
            }
        }
        workspace.restart_provider().await;
        destroyed(&mut workspace).await;
        assert_eq!(
            (names(&workspace, &parent).len(), names(&workspace, &nested).len()),
            (0, 0),
            "{change:?}"
        );
    }
}

#[tokio::test]
async fn a_zone_in_another_account_needs_no_right_to_route_53_in_a_whole_life() {
    let mut workspace = workspace().await;
    let wildcard = issued(&workspace, "*.example.com").await;
    deny_route53(&workspace);
    let of = |host: &str| with(&on(json!({ "hostname": host })), "certificate_arn", wildcard.clone());
    assert_eq!(workspace.applied("app", &of("api.example.com")).await, Action::Create);
    assert_eq!(workspace.applied("app", &of("www.example.com")).await, Action::Update);
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
}

#[tokio::test]
async fn a_private_zone_holds_the_record_of_a_service_with_a_certificate_of_its_own() {
    let mut workspace = workspace().await;
    let certificate = issued(&workspace, "api.example.com").await;
    let private = make_private_zone(&workspace.sandbox, "example.com");
    let internal = with(
        &on(json!({ "hosted_zone": private, "hostname": "api.example.com" })),
        "load_balancer",
        json!({ "scheme": "internal" }),
    );
    let (_, said) = workspace.plan("app", &internal).await;
    assert!(told(&said).contains("or bring a certificate in `certificate_arn`"), "{}", told(&said));
    assert_eq!(
        workspace.applied("app", &with(&internal, "certificate_arn", certificate)).await,
        Action::Create
    );
    assert_eq!(names(&workspace, &private), ["api.example.com"]);
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(names(&workspace, &private), Vec::<String>::new());
}

#[tokio::test]
async fn an_imported_service_names_its_zone_by_the_name_that_leads_to_it_and_else_by_id() {
    let mut workspace = workspace().await;
    let zone_id = make_zone(&workspace, "example.com");
    workspace.applied("app", &on(json!({ "hosted_zone": "example.com" }))).await;
    workspace.forget("app");
    let said = workspace.import("app", "default/api").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(workspace.attribute("app", "domain.hosted_zone"), json!("example.com"));
    make_twin_zone(&workspace, "example.com");
    workspace.forget("app");
    let said = workspace.import("app", "default/api").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(workspace.attribute("app", "domain.hosted_zone"), json!(zone_id));
}
