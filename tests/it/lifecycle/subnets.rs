//! Public and private subnets.

use serde_json::{Value as Json, json};

use crate::support::hand;
use crate::support::values::summaries;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

fn in_subnets(ids: &[String]) -> Json {
    with(&three_inputs(), "network_configuration", json!({ "subnets": ids }))
}

#[tokio::test]
async fn subnets_of_the_other_kind_replace_the_service_and_say_why() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    let public: Vec<String> =
        serde_json::from_value(workspace.attribute("app", "network_configuration.subnets"))
            .expect("subnet ids");
    assert_eq!(workspace.plan("app", &in_subnets(&public[..2])).await.0, Action::Update);
    let private = hand::make_private_subnets(&workspace.sandbox, 2);
    let (action, diagnostics) = workspace.plan("app", &in_subnets(&private)).await;
    assert_eq!(action, Action::Replace);
    assert_eq!(summaries(&diagnostics), ["The public URL will change", "The service leaves the internet"]);
    let detail = diagnostics.iter().map(|diagnostic| diagnostic.detail.clone()).collect::<String>();
    assert!(detail.contains("`network_configuration.subnets`"), "{detail}");
    assert_eq!(workspace.applied("app", &in_subnets(&private)).await, Action::Replace);
    assert_eq!(workspace.attribute("app", "infrastructure.load_balancer_scheme"), json!("internal"));
}

#[tokio::test]
async fn a_mixture_of_public_and_private_subnets_is_refused_at_plan() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    let public: Vec<String> =
        serde_json::from_value(workspace.attribute("app", "network_configuration.subnets"))
            .expect("subnet ids");
    let private = hand::make_private_subnets(&workspace.sandbox, 1);
    let (_, diagnostics) = workspace.plan("app", &in_subnets(&[public[0].clone(), private[0].clone()])).await;
    assert_eq!(summaries(&diagnostics), ["The subnets are public and private at once"]);
}
