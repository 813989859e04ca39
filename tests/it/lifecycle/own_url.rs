//! A service that knows its own URL.

use serde_json::json;

use crate::support::hand;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

#[tokio::test]
async fn one_apply_gives_a_service_its_own_url() {
    let mut workspace = Workspace::new().await;
    let environment = json!({ "ISSUER": "${service.url}/oauth", "MODE": "production" });
    let container = json!({ "image": "api:1", "environment": environment });
    let config = with(&three_inputs(), "primary_container", container);
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(workspace.attribute("app", "primary_container.environment"), environment);
    let arn = workspace.attribute("app", "service_arn");
    let described = hand::ecs(&workspace.sandbox)
        .describe_express_gateway_service()
        .service_arn(arn.as_str().expect("a text"))
        .send()
        .await
        .expect("described");
    let service = described.service.expect("a service");
    let live = service.active_configurations()[0].primary_container.as_ref().expect("a container");
    let issuer = live.environment().iter().find(|variable| variable.name.as_deref() == Some("ISSUER"));
    let expected = format!("{}/oauth", workspace.attribute("app", "url").as_str().expect("a text"));
    assert_eq!(issuer.and_then(|variable| variable.value.as_deref()), Some(expected.as_str()));
    let container = json!({ "image": "api:2", "environment": environment });
    assert_eq!(
        workspace.applied("app", &with(&config, "primary_container", container)).await,
        Action::Update
    );
}
