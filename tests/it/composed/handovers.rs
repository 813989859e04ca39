//! Host names that change hands in one apply.

use serde_json::{Value as Json, json};

use super::reachable::find_outage;
use super::{composed, leftovers, make_zone, told, workspace};
use crate::support::workspace::{Action, Workspace, with};

fn service(name: &str, host: &str) -> Json {
    with(&composed(name), "domain", json!({ "hosted_zone": "example.com", "hostname": host }))
}

fn in_pool(config: &Json, pool: &str) -> Json {
    with(config, "load_balancer", json!({ "pool": pool }))
}

/// `green` gives `api.example.com` up, and `blue` takes it at the same time; both are there before.
async fn handed_over(green: [Json; 2], blue: [Json; 2]) -> (Workspace, String) {
    let mut workspace = workspace().await;
    let zone_id = make_zone(&workspace, "example.com");
    workspace.applied("green", &green[0]).await;
    workspace.applied("blue", &blue[0]).await;
    // A run has a process of its own.
    workspace.restart_provider().await;
    let mut heir = workspace.sibling();
    let (taken, given) = tokio::join!(heir.apply("blue", &blue[1]), workspace.apply("green", &green[1]));
    assert!(!given.diagnostics.has_errors(), "{}", told(&given.diagnostics));
    assert!(!taken.diagnostics.has_errors(), "{}", told(&taken.diagnostics));
    assert_eq!((taken.action, given.action), (Action::Update, Action::Update));
    assert_eq!(heir.applied("blue", &blue[1]).await, Action::Nothing);
    (heir, zone_id)
}

#[tokio::test]
async fn a_host_name_is_handed_over_on_one_load_balancer() {
    let green = ["api", "old"].map(|host| service("green", &format!("{host}.example.com")));
    let blue = ["blue", "api"].map(|host| service("blue", &format!("{host}.example.com")));
    let (workspace, zone_id) = handed_over(green, blue).await;
    for host in ["api.example.com", "old.example.com"] {
        assert_eq!(find_outage(&workspace.sandbox, &zone_id, host), None);
    }
}

#[tokio::test]
async fn a_host_name_is_handed_over_to_another_load_balancer() {
    let green = ["api", "old"].map(|host| service("green", &format!("{host}.example.com")));
    let blue = ["blue", "api"].map(|host| in_pool(&service("blue", &format!("{host}.example.com")), "team"));
    let (workspace, zone_id) = handed_over(green, blue).await;
    for host in ["api.example.com", "old.example.com"] {
        assert_eq!(find_outage(&workspace.sandbox, &zone_id, host), None);
    }
}

#[tokio::test]
async fn a_service_that_comes_takes_the_name_of_one_that_goes_in_the_same_run() {
    let mut workspace = workspace().await;
    let zone_id = make_zone(&workspace, "example.com");
    workspace.applied("green", &service("green", "api.example.com")).await;
    workspace.restart_provider().await;
    let mut heir = workspace.sibling();
    let config = service("blue", "api.example.com");
    let (taken, gone) = tokio::join!(heir.apply("blue", &config), workspace.destroy("green"));
    assert!(!gone.has_errors(), "{}", told(&gone));
    assert!(!taken.diagnostics.has_errors(), "{}", told(&taken.diagnostics));
    assert_eq!(find_outage(&workspace.sandbox, &zone_id, "api.example.com"), None);
    let said = heir.destroy("blue").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn a_swap_is_refused_at_plan_with_the_two_applies_that_do_it() {
    let mut workspace = workspace().await;
    make_zone(&workspace, "example.com");
    workspace.applied("blue", &service("blue", "api.example.com")).await;
    workspace.applied("green", &service("green", "next.example.com")).await;
    workspace.restart_provider().await;
    let (_, said) = workspace.plan("blue", &service("blue", "next.example.com")).await;
    assert!(!said.has_errors(), "{}", told(&said));
    let (_, said) = workspace.plan("green", &service("green", "api.example.com")).await;
    assert!(said.has_errors() && told(&said).contains("swap in two applies"), "{}", told(&said));
}

#[tokio::test]
async fn a_host_name_that_a_neighbour_keeps_is_refused_and_nothing_of_the_neighbour_changes() {
    let mut workspace = workspace().await;
    let zone_id = make_zone(&workspace, "example.com");
    workspace.applied("green", &service("green", "api.example.com")).await;
    workspace.applied("blue", &service("blue", "blue.example.com")).await;
    workspace.restart_provider().await;
    let applied = workspace.apply("blue", &service("blue", "api.example.com")).await;
    assert!(applied.diagnostics.has_errors(), "{}", told(&applied.diagnostics));
    let said = told(&applied.diagnostics);
    assert!(said.contains("Another service has one of the host names"), "{said}");
    for host in ["api.example.com", "blue.example.com"] {
        assert_eq!(find_outage(&workspace.sandbox, &zone_id, host), None);
    }
}
