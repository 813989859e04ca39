//! Every cause is what the sandbox says it is: first in rank, and no other cause is claimed.

use std::collections::BTreeSet;
use std::io::Write as _;

use serde_json::{Value as Json, json};
use terraform_provider_express::diagnosis::catalogue;
use terraform_provider_express::framework::Diagnostics;
use terraform_provider_express::sandbox::world::scenario::{Scenario, scripts};

use crate::support::values::told;
use crate::support::workspace::{Workspace, three_inputs, with};

const MANAGED: &str = "managed";
const COMPOSED: &str = "composed";

/// Scenarios with code of their own that are causes as well; each befalls both engines.
const SPECIAL: [&str; 7] = [
    "alarm",
    "crash",
    "execution-role-missing",
    "failing-health-check",
    "image-not-found",
    "infrastructure-role-missing",
    "wrong-architecture",
];

/// Scenarios that are not failures, or fail only later.
const NO_CAUSES: [&str; 10] = [
    "architecture-override",
    "draining-forever",
    "guardduty",
    "iam-propagation",
    "infrastructure-role-propagation",
    "late-endpoint",
    "scaling-in-place",
    "slow",
    "tag-required",
    "unknown-members",
];

/// The causes that can befall services of an engine.
fn list_causes(engine: &str) -> Vec<&'static str> {
    let scripted = scripts().filter(|script| match engine {
        MANAGED => script.befalls_express(),
        _ => script.befalls_plain(),
    });
    SPECIAL.into_iter().chain(scripted.map(|script| script.name)).collect()
}

/// The three inputs for an engine. A domain is asked for where it is what goes wrong.
fn config(engine: &str, id: &str) -> Json {
    let config = with(&with(&three_inputs(), "service_name", "api"), "engine", engine);
    let config = with(&config, "timeouts", json!({ "create": "12m", "update": "12m" }));
    let needs_domain = id.contains("certificate") || id == "domain-not-allowed" || id == "record-guardrail";
    if engine == COMPOSED && needs_domain {
        return with(&config, "domain", json!({ "hosted_zone": "example.com" }));
    }
    config
}

/// What the user is told when a service meets a scenario: at its create, or if that is spared at an update, or at last
/// when it is destroyed.
async fn meet(id: &str, engine: &str) -> Diagnostics {
    let mut workspace = Workspace::new().await;
    let rule = id.parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(rule));
    let config = config(engine, id);
    let created = workspace.apply("app", &config).await.diagnostics;
    if created.has_errors() {
        return created;
    }
    let next = with(&config, "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }));
    let updated = workspace.apply("app", &next).await.diagnostics;
    if updated.has_errors() { updated } else { workspace.destroy("app").await }
}

/// The names behind `Cause:` lines, in order.
fn claimed(told: &str) -> Vec<&str> {
    let lines = told.lines().filter_map(|line| line.strip_prefix("Cause: "));
    lines.map(|line| line.rsplit_once('(').expect("a name").1.trim_end_matches(')')).collect()
}

/// Lets every cause befall a service of an engine, and writes their number past the test harness.
async fn check_engine(engine: &str) {
    let causes = list_causes(engine);
    let mut wrong = Vec::new();
    for id in &causes {
        let diagnostics = meet(id, engine).await;
        let told = told(&diagnostics);
        if claimed(&told) != [*id] || !told.contains("hint: ") {
            wrong.push(format!("--- {id}, {engine}: {:?}\n{told}", claimed(&told)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), causes.len(), wrong.join("\n"));
    let number = causes.len();
    writeln!(std::io::stderr(), "{engine} engine: {number} causes told first and alone").expect("stderr");
}

#[test]
fn every_cause_is_scripted_and_every_script_is_a_cause() {
    let causes: BTreeSet<_> = catalogue::entries().iter().map(|entry| entry.id).collect();
    let scripted: BTreeSet<_> = [MANAGED, COMPOSED].into_iter().flat_map(list_causes).collect();
    assert_eq!(causes, scripted);
    let others: BTreeSet<_> =
        Scenario::list().map(|(_, name, _)| name).filter(|name| !causes.contains(name)).collect();
    assert_eq!(others, BTreeSet::from(NO_CAUSES));
    assert!(causes.len() >= 45, "{}", causes.len());
}

#[tokio::test]
async fn every_cause_is_told_first_and_alone_by_the_managed_engine() {
    check_engine(MANAGED).await;
}

#[tokio::test]
async fn every_cause_is_told_first_and_alone_by_the_composed_engine() {
    check_engine(COMPOSED).await;
}
