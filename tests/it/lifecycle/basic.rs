//! Create, read, update, import, delete.

use serde_json::json;

use crate::support::workspace::{Action, Workspace, three_inputs, with};

#[tokio::test]
async fn three_inputs_become_a_service_with_a_url() {
    let mut workspace = Workspace::new().await;
    assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Create);
    let url = workspace.attribute("app", "url");
    assert!(url.as_str().is_some_and(|url| url.starts_with("https://") && url.ends_with(".on.aws")), "{url}");
    assert_eq!(workspace.attribute("app", "status"), json!("ACTIVE"));
    assert_eq!(workspace.attribute("app", "deployment.status"), json!("SUCCESSFUL"));
    assert_eq!(workspace.attribute("app", "cpu"), json!("1024"));
    assert_eq!(workspace.attribute("app", "network_configuration.security_groups"), json!(null));
}

#[tokio::test]
async fn a_new_image_is_rolled_out_and_the_url_stays() {
    let mut workspace = Workspace::new().await;
    let config = three_inputs();
    workspace.applied("app", &config).await;
    let (url, revision) =
        (workspace.attribute("app", "url"), workspace.attribute("app", "service_revision_arn"));
    let config = with(&config, "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(workspace.attribute("app", "url"), url);
    assert_ne!(workspace.attribute("app", "service_revision_arn"), revision);
    assert_eq!(
        workspace.attribute("app", "primary_container.image"),
        json!("public.ecr.aws/nginx/nginx:1.29")
    );
}

#[tokio::test]
async fn a_destroyed_service_is_gone_and_can_be_made_again_under_its_name() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    workspace.applied("app", &config).await;
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    assert!(workspace.state("app").is_none());
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
}

#[tokio::test]
async fn an_imported_service_plans_no_change() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    workspace.applied("app", &config).await;
    for id in [
        workspace.attribute("app", "service_arn").as_str().expect("text").to_owned(),
        "default/api".to_owned(),
    ] {
        let mut neighbour = workspace.neighbour().await;
        let diagnostics = neighbour.import("app", &id).await;
        assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
        let (action, diagnostics) = neighbour.plan("app", &config).await;
        assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
        assert_eq!(action, Action::Nothing, "imported by {id}");
    }
}
