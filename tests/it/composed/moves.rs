//! A service goes to another load balancer: without a moment in which nobody answers, and from wherever it was cut short.

use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::reachable::find_outage;
use super::resume::{changes, kill_after};
use super::{composed, leftovers, make_zone, told, workspace};
use crate::support::cloud;
use crate::support::workspace::{Action, Workspace, with};

const HOST: &str = "api.example.com";

fn on_domain() -> Json {
    with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }))
}

/// Another pool is another load balancer.
fn in_pool(name: &str) -> Json {
    with(&on_domain(), "load_balancer", json!({ "pool": name }))
}

async fn served() -> (Workspace, String) {
    let mut workspace = workspace().await;
    let zone_id = make_zone(&workspace, "example.com");
    workspace.applied("app", &on_domain()).await;
    (workspace, zone_id)
}

fn balancer_count(workspace: &Workspace) -> usize {
    let balancers = cloud::call(&workspace.sandbox, Service::Elbv2, "DescribeLoadBalancers", json!({}));
    balancers["LoadBalancers"].as_array().expect("a list").len()
}

#[tokio::test]
async fn a_service_moves_to_another_load_balancer_and_its_url_answers_all_the_while() {
    let (before, zone_id) = served().await;
    let old = before.attribute("app", "infrastructure.load_balancer_arn");
    let mut counted = before.fork().await;
    counted.applied("app", &in_pool("team")).await;
    let calls = counted.sandbox.calls();

    let mut workspace = before.fork().await;
    let outages = Arc::new(Mutex::new(Vec::new()));
    let mut seen = std::collections::BTreeMap::<String, u32>::new();
    for call in &calls {
        let skip = seen.entry(call.operation.clone()).or_default();
        let (outages, aws, zone_id) = (Arc::clone(&outages), workspace.sandbox.clone(), zone_id.clone());
        workspace.sandbox.after_call(&call.operation, *skip, move |call| {
            if let Some(outage) = find_outage(&aws, &zone_id, HOST) {
                outages.lock().expect("not poisoned").push(format!("{}: {outage}", call.operation));
            }
        });
        *skip += 1;
    }
    assert_eq!(workspace.applied("app", &in_pool("team")).await, Action::Update);
    assert_eq!(*outages.lock().expect("not poisoned"), Vec::<String>::new());
    assert_eq!(workspace.attribute("app", "url"), json!("https://api.example.com"));
    assert_ne!(workspace.attribute("app", "infrastructure.load_balancer_arn"), old);
    assert_eq!(balancer_count(&workspace), 1, "the old one went with its last service");

    let image = json!({ "image": "public.ecr.aws/nginx/nginx:1.29" });
    let config = with(&in_pool("team"), "primary_container", image);
    assert_eq!(workspace.applied("app", &config).await, Action::Update, "canaries go on as before");
    assert_eq!(
        workspace.applied("app", &in_pool("other")).await,
        Action::Update,
        "and so does the next move"
    );
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn a_neighbour_on_the_old_load_balancer_stays_there() {
    let (mut workspace, zone_id) = served().await;
    let neighbour = with(&on_domain(), "service_name", "web");
    workspace.applied("neighbour", &neighbour).await;
    assert_eq!(balancer_count(&workspace), 1);
    workspace.applied("app", &in_pool("team")).await;
    assert_eq!(balancer_count(&workspace), 2);
    assert_eq!(find_outage(&workspace.sandbox, &zone_id, "web.example.com"), None);
    assert_eq!(workspace.applied("neighbour", &neighbour).await, Action::Nothing);
}

#[tokio::test]
async fn a_move_that_is_killed_after_any_call_is_continued_and_can_be_destroyed() {
    let (before, zone_id) = served().await;
    let mut undisturbed = before.fork().await;
    undisturbed.applied("app", &in_pool("team")).await;
    let changes = changes(&undisturbed);
    assert!(changes.len() >= 20, "{changes:?}");
    for change in changes {
        for continues in [true, false] {
            let mut workspace = before.fork().await;
            let killed = kill_after(&workspace, &change);
            let config = in_pool("team");
            tokio::select! {
                biased;
                () = killed.notified() => {}
                applied = workspace.apply("app", &config) => panic!("{change:?}: {}", told(&applied.diagnostics)),
            }
            assert_eq!(find_outage(&workspace.sandbox, &zone_id, HOST), None, "{change:?}");
            workspace.restart_provider().await;
            if continues {
                let applied = workspace.apply("app", &config).await;
                assert!(!applied.diagnostics.has_errors(), "{change:?}: {}", told(&applied.diagnostics));
                assert_eq!(workspace.applied("app", &config).await, Action::Nothing, "{change:?}");
                assert_eq!(find_outage(&workspace.sandbox, &zone_id, HOST), None, "{change:?}");
                assert_eq!(balancer_count(&workspace), 1, "{change:?}");
            }
            let said = workspace.destroy("app").await;
            assert!(!said.has_errors(), "{change:?}: {}", told(&said));
            assert_eq!(leftovers(&workspace), Vec::<String>::new(), "{change:?}, continued: {continues}");
        }
    }
}

#[tokio::test]
async fn another_change_of_mind_in_the_middle_of_a_move_is_refused_with_what_to_do() {
    let (mut workspace, _) = served().await;
    let killed = kill_after(&workspace, &("UpdateService".to_owned(), 0));
    let config = in_pool("team");
    tokio::select! {
        biased;
        () = killed.notified() => {}
        applied = workspace.apply("app", &config) => panic!("{}", told(&applied.diagnostics)),
    }
    workspace.restart_provider().await;
    let applied = workspace.apply("app", &in_pool("other")).await;
    let told = told(&applied.diagnostics);
    assert!(told.contains("An earlier move to another load balancer has not ended"), "{told}");
    workspace.applied("app", &in_pool("team")).await;
    workspace.applied("app", &in_pool("other")).await;
}

#[tokio::test]
async fn a_service_without_a_domain_gets_one() {
    let mut workspace = workspace().await;
    let zone_id = make_zone(&workspace, "example.com");
    workspace.applied("app", &composed("api")).await;
    assert_eq!(workspace.applied("app", &on_domain()).await, Action::Update);
    assert_eq!(workspace.attribute("app", "url"), json!("https://api.example.com"));
    assert_eq!(find_outage(&workspace.sandbox, &zone_id, HOST), None);
    assert_eq!(balancer_count(&workspace), 1);
    assert_eq!(workspace.applied("app", &composed("api")).await, Action::Update, "and loses it again");
    assert!(workspace.attribute("app", "url").as_str().is_some_and(|url| url.starts_with("http://xp-")));
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn a_public_load_balancer_becomes_an_internal_one() {
    let (mut workspace, zone_id) = served().await;
    let config = with(&on_domain(), "load_balancer", json!({ "scheme": "internal" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(workspace.attribute("app", "infrastructure.load_balancer_scheme"), json!("internal"));
    assert_eq!(find_outage(&workspace.sandbox, &zone_id, HOST), None);
}

#[tokio::test]
async fn a_web_acl_and_access_logs_are_of_the_load_balancer_and_survive_an_import() {
    let (mut workspace, _) = served().await;
    let input = json!({
        "Name": "shield", "Scope": "REGIONAL", "DefaultAction": { "Allow": {} },
        "VisibilityConfig": {
            "SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "shield"
        },
    });
    let made = cloud::call(&workspace.sandbox, Service::Wafv2, "CreateWebACL", input);
    let config = with(&on_domain(), "web_acl_arn", made["Summary"]["ARN"].clone());
    let logs = json!({ "pool": "team", "access_logs": { "bucket": "logs", "prefix": "web" } });
    let config = with(&config, "load_balancer", logs);
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    workspace.forget("app");
    let said = workspace.import("app", "default/api").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(workspace.attribute("app", "load_balancer.access_logs.prefix"), json!("web"));
    assert_eq!(workspace.attribute("app", "load_balancer.pool"), json!("team"));
    let (action, said) = workspace.plan("app", &config).await;
    assert!(!said.has_errors() && action != Action::Replace, "{}", told(&said));
    workspace.sandbox.clear_calls();
    workspace.applied("app", &config).await;
    assert!(workspace.sandbox.calls().iter().all(|call| call.operation != "CreateLoadBalancer"));
}

#[tokio::test]
async fn tasks_in_other_subnets_of_the_same_zones_keep_their_load_balancer() {
    let (mut workspace, _) = served().await;
    let subnets = cloud::list_subnet_ids(&workspace.sandbox);
    let two = json!({ "subnets": &subnets[..2] });
    let balancer = workspace.attribute("app", "infrastructure.load_balancer_arn");
    let config = with(&on_domain(), "network_configuration", two);
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(workspace.attribute("app", "infrastructure.load_balancer_arn"), balancer);
}

#[tokio::test]
async fn a_strategy_of_the_other_kind_keeps_traffic_where_it_is() {
    let (mut workspace, zone_id) = served().await;
    let image = |tag: &str| json!({ "image": format!("public.ecr.aws/nginx/nginx:{tag}") });
    // After an update, the second target group serves.
    workspace.applied("app", &with(&on_domain(), "primary_container", image("1.29"))).await;
    for (strategy, tag) in
        [("ROLLING", "1.30"), ("BLUE_GREEN", "1.31"), ("LINEAR", "1.32"), ("CANARY", "1.33")]
    {
        let config = with(&on_domain(), "deployment_configuration", json!({ "strategy": strategy }));
        let config = with(&config, "primary_container", image("1.29"));
        assert_eq!(workspace.applied("app", &config).await, Action::Update, "{strategy}");
        assert_eq!(find_outage(&workspace.sandbox, &zone_id, HOST), None, "{strategy}");
        let next = with(&config, "primary_container", image(tag));
        assert_eq!(workspace.applied("app", &next).await, Action::Update, "{strategy}");
        assert_eq!(find_outage(&workspace.sandbox, &zone_id, HOST), None, "{strategy}");
        workspace.applied("app", &config).await;
    }
}

#[tokio::test]
async fn a_rolling_service_is_imported_with_its_infrastructure_role() {
    let mut workspace = workspace().await;
    let config = with(&composed("api"), "deployment_configuration", json!({ "strategy": "ROLLING" }));
    workspace.applied("app", &config).await;
    workspace.forget("app");
    let said = workspace.import("app", "default/api").await;
    assert!(!said.has_errors(), "{}", told(&said));
    let (action, said) = workspace.plan("app", &config).await;
    assert!(!said.has_errors() && action != Action::Replace, "{action:?} {}", told(&said));
}

#[tokio::test]
async fn an_interrupted_create_that_had_chosen_another_load_balancer_begins_anew() {
    let mut workspace = workspace().await;
    make_zone(&workspace, "example.com");
    let killed = kill_after(&workspace, &("CreateRule".to_owned(), 0));
    let config = in_pool("first");
    tokio::select! {
        biased;
        () = killed.notified() => {}
        applied = workspace.apply("app", &config) => panic!("{}", told(&applied.diagnostics)),
    }
    workspace.forget("app");
    workspace.restart_provider().await;
    assert_eq!(workspace.applied("app", &in_pool("second")).await, Action::Create);
    assert_eq!(balancer_count(&workspace), 1);
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}
