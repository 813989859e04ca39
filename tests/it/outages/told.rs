//! What a user is told of answers that are not AWS's.

use serde_json::json;
use terraform_provider_express::framework::Diagnostics;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};
use terraform_provider_express::sandbox::spoil::Spoiled;

use crate::support::workspace::{Workspace, three_inputs, with};

fn spoil(with: Spoiled) -> FaultRule {
    FaultRule::always(FaultEffect::Spoil { with, takes_effect: false })
}

fn text(said: &Diagnostics) -> String {
    said.iter()
        .flat_map(|one| [one.summary.clone(), one.render_detail(), String::new()])
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn a_proxys_page_is_told_with_its_status_and_who_may_have_sent_it() {
    let mut workspace = Workspace::with_provider(json!({ "max_retries": 1 })).await;
    workspace.sandbox.add_fault(spoil(Spoiled::BadGateway).service("ecs")).expect("a valid rule");
    let applied = workspace.apply("app", &three_inputs()).await;
    let said = text(&applied.diagnostics);
    for part in [
        "ecs.eu-west-1.amazonaws.com answered HTTP 502 Bad Gateway (text/html)",
        "no answer of AWS's API",
        "502 Bad Gateway\"",
        "`server: nginx`",
        "HTTPS_PROXY",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("There was no answer"), "{said}");
}

#[tokio::test]
async fn a_spoiled_answer_of_sts_is_no_missing_permission() {
    for with_page in Spoiled::ALL {
        let provider = json!({ "endpoints": { "ecs": "http://sandbox.example.com" } });
        let mut workspace = Workspace::with_provider(provider).await;
        workspace.sandbox.add_fault(spoil(with_page).service("sts")).expect("a valid rule");
        let configured = workspace.configure().await;
        assert!(!configured.has_errors(), "{configured:#?}");
        let config = with(&with(&three_inputs(), "engine", "composed"), "service_name", "api");
        let said = text(&workspace.apply("app", &config).await.diagnostics);
        assert!(said.contains("STS GetCallerIdentity"), "{with_page:?}: {said}");
        assert!(said.contains("sts.eu-west-1.amazonaws.com answered HTTP"), "{with_page:?}: {said}");
        assert!(!said.contains("allow `sts:GetCallerIdentity`"), "{with_page:?}: {said}");
    }
}
