//! Whole lives behind something that spoils answers: create, plan, update, plan, destroy.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};
use terraform_provider_express::sandbox::spoil::Spoiled;

use crate::support::cloud::list_service_arns;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

/// Everything that may happen to a call on its way.
fn kinds() -> Vec<FaultEffect> {
    let mut kinds = vec![
        FaultEffect::Throttle,
        FaultEffect::ServerError,
        FaultEffect::LoseRequest,
        FaultEffect::LoseReply,
    ];
    for with in Spoiled::ALL {
        kinds.push(FaultEffect::Spoil { with, takes_effect: true });
        kinds.push(FaultEffect::Spoil { with, takes_effect: false });
    }
    kinds
}

fn configuration(engine: &str) -> Json {
    let config = with(&with(&three_inputs(), "service_name", "api"), "engine", engine);
    match engine {
        "composed" => with(&config, "domain", json!({ "hosted_zone": "example.com" })),
        _ => config,
    }
}

/// One life under these rules; every command has a provider of its own.
async fn live(engine: &str, rules: &[FaultRule], name: &str) {
    let mut workspace = Workspace::with_provider(json!({ "preflight": "off" })).await;
    for rule in rules {
        workspace.sandbox.add_fault(rule.clone()).expect("a valid rule");
    }
    let config = configuration(engine);
    workspace.restart_provider().await;
    let applied = workspace.apply("app", &config).await;
    assert!(!applied.diagnostics.has_errors(), "{engine}, create, {name}: {:#?}", applied.diagnostics);
    assert_eq!(list_service_arns(&workspace.sandbox).len(), 1, "{engine}, {name}");

    let config = with(&config, "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }));
    workspace.restart_provider().await;
    let applied = workspace.apply("app", &config).await;
    assert!(!applied.diagnostics.has_errors(), "{engine}, update, {name}: {:#?}", applied.diagnostics);
    workspace.restart_provider().await;
    let (action, said) = workspace.plan("app", &config).await;
    assert!(!said.has_errors(), "{engine}, plan, {name}: {said:#?}");
    assert_eq!(action, Action::Nothing, "{engine}, {name}");

    workspace.restart_provider().await;
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{engine}, destroy, {name}: {said:#?}");
    assert!(list_service_arns(&workspace.sandbox).is_empty(), "{engine}, {name}");
}

#[tokio::test]
async fn a_managed_life_gets_through_eight_percent_of_each_kind() {
    for effect in kinds() {
        let rule = FaultRule::always(effect.clone()).share(0.08, 1);
        live("managed", &[rule], &format!("{effect:?}")).await;
    }
}

#[tokio::test]
async fn a_composed_life_gets_through_eight_percent_of_each_kind() {
    for effect in kinds() {
        let rule = FaultRule::always(effect.clone()).share(0.08, 2);
        live("composed", &[rule], &format!("{effect:?}")).await;
    }
}

/// All kinds together, so that three calls of ten go wrong.
fn mix(seed: u64) -> Vec<FaultRule> {
    let kinds = kinds();
    // Each rule draws among the calls that those before it let pass.
    let passes = 0.7_f64.powf(1.0 / f64::from(u32::try_from(kinds.len()).expect("a few")));
    let rules = kinds.into_iter().zip(seed * 100..);
    rules.map(|(effect, seed)| FaultRule::always(effect).share(1.0 - passes, seed)).collect()
}

#[tokio::test]
async fn both_engines_get_through_a_mix_of_thirty_percent() {
    for seed in 1..=4 {
        for engine in ["managed", "composed"] {
            live(engine, &mix(seed), &format!("mix {seed}")).await;
        }
    }
}
