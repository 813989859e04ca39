//! What destroys a live service is looked at as a whole before it does: core shows no warning of a replacement's create.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::api::Service;

use super::account::{everything, furnish, make_closed_subnets, render, role};
use crate::support::cloud::{call, create_cluster};
use crate::support::hand::make_private_subnets;
use crate::support::workspace::{Action, Workspace, with};

const ENGINES: [&str; 2] = ["managed", "composed"];

/// A change that replaces a service, and what of the new one is not there.
struct Case {
    name: &'static str,
    change: fn(&Sandbox, &Json) -> Json,
    summary: &'static str,
    path: &'static str,
}

fn forget_role(sandbox: &Sandbox, name: &str) {
    call(sandbox, Service::Iam, "DeleteRole", json!({ "RoleName": name }));
}

const CASES: [Case; 7] = [
    Case {
        name: "a cluster that is not there",
        change: |_, config| with(config, "cluster", "missing"),
        summary: "The cluster does not exist",
        path: "cluster",
    },
    Case {
        name: "an infrastructure role that is not there",
        change: |sandbox, config| {
            forget_role(sandbox, "gone");
            with(config, "infrastructure_role_arn", role("gone"))
        },
        summary: "The infrastructure role does not exist",
        path: "infrastructure_role_arn",
    },
    Case {
        name: "another name, and an execution role that went meanwhile",
        change: |sandbox, config| {
            forget_role(sandbox, "execution");
            with(config, "service_name", "other")
        },
        summary: "The execution role does not exist",
        path: "execution_role_arn",
    },
    Case {
        name: "another cluster, and subnets that are not there",
        change: |sandbox, config| {
            create_cluster(sandbox, "test");
            let subnets = json!({ "subnets": ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"] });
            with(&with(config, "cluster", "test"), "network_configuration", subnets)
        },
        summary: "A subnet does not exist",
        path: "network_configuration.subnets",
    },
    Case {
        name: "another cluster, and a security group that is not there",
        change: |sandbox, config| {
            create_cluster(sandbox, "test");
            let mut network = config["network_configuration"].clone();
            network["security_groups"] = json!(["sg-0aaaaaaaaaaaaaaaa"]);
            with(&with(config, "cluster", "test"), "network_configuration", network)
        },
        summary: "A security group does not exist",
        path: "network_configuration.security_groups",
    },
    Case {
        name: "another cluster, and a secret that went meanwhile",
        change: |sandbox, config| {
            create_cluster(sandbox, "test");
            call(sandbox, Service::Ssm, "DeleteParameter", json!({ "Name": "/app/key" }));
            with(config, "cluster", "test")
        },
        summary: "A parameter does not exist",
        path: "primary_container.secrets[\"KEY\"]",
    },
    Case {
        name: "the other engine, and a task role that went meanwhile",
        change: |sandbox, config| {
            forget_role(sandbox, "task");
            let other = if config["engine"] == "managed" { "composed" } else { "managed" };
            with(config, "engine", other)
        },
        summary: "The task role does not exist",
        path: "task_role_arn",
    },
];

/// A live service of an engine that depends on everything, under this `preflight`.
async fn live(engine: &str, preflight: Option<&str>) -> (Workspace, Json) {
    let mut workspace = Workspace::with_provider(json!({ "preflight": preflight })).await;
    let subnets = furnish(&workspace.sandbox);
    let config = with(&everything(&subnets), "engine", engine);
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    // What the create looked up is not believed any more.
    workspace.clock_advance(100).await;
    (workspace, config)
}

#[tokio::test]
async fn a_replacement_that_is_sure_to_fail_is_refused_while_the_service_lives() {
    for engine in ENGINES {
        for case in CASES {
            let (mut workspace, config) = live(engine, None).await;
            let config = (case.change)(&workspace.sandbox, &config);
            let (action, diagnostics) = workspace.plan("app", &config).await;
            let told = render(&diagnostics);
            let place = format!("Error: {}\n  at {}\n", case.summary, case.path);
            assert!(action == Action::Nothing && told.contains(&place), "{engine}, {}:\n{told}", case.name);
            for way in ["the live one would be destroyed", "attribute `arn` or `id`", "preflight = \"warn\""]
            {
                assert!(told.contains(way), "{engine}, {}: {way}:\n{told}", case.name);
            }
            let applied = workspace.apply("app", &config).await;
            assert!(applied.diagnostics.has_errors());
            assert_eq!(workspace.attribute("app", "status"), json!("ACTIVE"), "{engine}, {}", case.name);
        }
    }
}

#[tokio::test]
async fn who_asks_for_warnings_gets_warnings_and_the_replacement() {
    for engine in ENGINES {
        for case in CASES {
            let (mut workspace, config) = live(engine, Some("warn")).await;
            let config = (case.change)(&workspace.sandbox, &config);
            let (action, diagnostics) = workspace.plan("app", &config).await;
            let told = render(&diagnostics);
            let place = format!("Warning: {}\n  at {}\n", case.summary, case.path);
            assert!(action == Action::Replace && told.contains(&place), "{engine}, {}:\n{told}", case.name);
        }
    }
}

#[tokio::test]
async fn whoever_asks_for_a_replacement_by_hand_is_stopped_as_well() {
    for engine in ENGINES {
        let (mut workspace, config) = live(engine, None).await;
        workspace.ask_for_replacement("app");
        assert_eq!(workspace.plan("app", &config).await.0, Action::Replace, "{engine}: all is there");
        workspace.clock_advance(100).await;
        forget_role(&workspace.sandbox, "execution");
        let (_, diagnostics) = workspace.plan("app", &config).await;
        let told = render(&diagnostics);
        assert!(told.contains("Error: The execution role does not exist\n"), "{engine}:\n{told}");
    }
}

#[tokio::test]
async fn a_create_and_an_update_in_place_are_only_warned() {
    for engine in ENGINES {
        let (mut workspace, config) = live(engine, None).await;
        forget_role(&workspace.sandbox, "other");
        let (action, diagnostics) =
            workspace.plan("app", &with(&config, "execution_role_arn", role("other"))).await;
        let told = render(&diagnostics);
        assert!(
            action == Action::Update && told.starts_with("Warning: The execution role does not exist\n"),
            "{told}"
        );
        let new = with(&with(&config, "service_name", "new"), "cluster", "missing");
        let (action, diagnostics) = workspace.plan("new", &new).await;
        let told = render(&diagnostics);
        assert!(action == Action::Create && told.contains("Warning: The cluster does not exist\n"), "{told}");
    }
}

#[tokio::test]
async fn a_service_that_is_being_deleted_is_nothing_to_lose() {
    let (mut workspace, config) = live("managed", None).await;
    let arn = workspace.attribute("app", "service_arn");
    call(&workspace.sandbox, Service::Ecs, "DeleteExpressGatewayService", json!({ "serviceArn": arn }));
    forget_role(&workspace.sandbox, "execution");
    let (action, diagnostics) = workspace.plan("app", &config).await;
    let told = render(&diagnostics);
    assert!(
        action == Action::Replace && told.contains("Warning: The execution role does not exist\n"),
        "{told}"
    );
}

#[tokio::test]
async fn subnets_without_a_way_out_are_a_warning_that_a_replacement_shows() {
    let (mut workspace, config) = live("managed", None).await;
    let (_, closed) = make_closed_subnets(&workspace.sandbox, 24);
    let config = with(&config, "network_configuration", json!({ "subnets": closed }));
    let (action, diagnostics) = workspace.plan("app", &config).await;
    let told = render(&diagnostics);
    assert_eq!(action, Action::Replace, "{told}");
    assert!(told.contains("Warning: Tasks may have no way to pull their image\n"), "{told}");
    assert!(told.contains("Warning: The service leaves the internet\n"), "{told}");
    assert!(told.contains("\"internet-facing\" -> \"internal\""), "{told}");
}

#[tokio::test]
async fn a_hosted_zone_that_went_meanwhile_stops_a_replacement() {
    let mut workspace = Workspace::new().await;
    let subnets = furnish(&workspace.sandbox);
    let config = with(&everything(&subnets), "engine", "composed");
    let config =
        with(&config, "domain", json!({ "hosted_zone": "example.com", "hostname": "api.example.com" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    let moved = with(&config, "cluster", "test");
    create_cluster(&workspace.sandbox, "test");
    let zones = call(&workspace.sandbox, Service::Route53, "ListHostedZones", json!({}));
    let id = zones["HostedZones"][0]["Id"].as_str().expect("a zone").to_owned();
    let records =
        call(&workspace.sandbox, Service::Route53, "ListResourceRecordSets", json!({ "HostedZoneId": id }));
    for record in records["ResourceRecordSets"].as_array().expect("records") {
        if !["NS", "SOA"].contains(&record["Type"].as_str().unwrap_or_default()) {
            let change = json!({ "Changes": [{ "Action": "DELETE", "ResourceRecordSet": record }] });
            let input = json!({ "HostedZoneId": id, "ChangeBatch": change });
            call(&workspace.sandbox, Service::Route53, "ChangeResourceRecordSets", input);
        }
    }
    call(&workspace.sandbox, Service::Route53, "DeleteHostedZone", json!({ "Id": id }));
    // Each command of a user's starts a provider of its own.
    workspace.restart_provider().await;
    let (_, diagnostics) = workspace.plan("app", &moved).await;
    let told = render(&diagnostics);
    assert!(told.contains("Error: The hosted zone does not exist\n"), "{told}");
}

#[tokio::test]
async fn a_composed_service_that_leaves_the_internet_says_so_and_plans_it() {
    let (mut workspace, config) = live("composed", None).await;
    let private = make_private_subnets(&workspace.sandbox, 3);
    let moved = with(&config, "network_configuration", json!({ "subnets": private }));
    let (action, diagnostics) = workspace.plan("app", &moved).await;
    let told = render(&diagnostics);
    assert_eq!(action, Action::Update, "{told}");
    assert!(told.contains("Warning: The service leaves the internet\n"), "{told}");
    assert!(told.contains("\"internet-facing\" -> \"internal\""), "{told}");
    let unknown = workspace.unknown_paths("app", &moved).await;
    assert!(unknown.iter().any(|path| path == "infrastructure.load_balancer_arn"), "{unknown:?}");
    assert!(!unknown.iter().any(|path| path == "infrastructure.load_balancer_scheme"), "{unknown:?}");
    assert_eq!(workspace.applied("app", &moved).await, Action::Update);
    assert_eq!(workspace.attribute("app", "infrastructure.load_balancer_scheme"), json!("internal"));
    let told = render(&workspace.plan("app", &config).await.1);
    assert!(told.contains("Warning: The service becomes reachable from the internet\n"), "{told}");
}
