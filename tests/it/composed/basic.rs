//! Create, read, update, delete.

use serde_json::json;

use super::{composed, leftovers, make_zone, told, workspace};
use crate::support::workspace::{Action, with};

#[tokio::test]
async fn a_service_without_a_domain_answers_over_http_and_says_what_a_domain_brings() {
    let mut workspace = workspace().await;
    let applied = workspace.apply("app", &composed("api")).await;
    assert!(!applied.diagnostics.has_errors(), "{}", told(&applied.diagnostics));
    let url = workspace.attribute("app", "url");
    assert!(url.as_str().is_some_and(|url| url.starts_with("http://xp-")), "{url}");
    assert_eq!(workspace.applied("app", &composed("api")).await, Action::Nothing);
}

#[tokio::test]
async fn a_service_on_a_domain_answers_over_https_under_its_name() {
    let mut workspace = workspace().await;
    make_zone(&workspace, "example.com");
    let config = with(&composed("api"), "domain", json!({ "hosted_zone": "example.com" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(workspace.attribute("app", "url"), json!("https://api.example.com"));
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{}", told(&diagnostics));
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn a_host_name_alone_finds_its_zone() {
    let mut workspace = workspace().await;
    let config = with(&composed("api"), "domain", json!({ "hostname": "shop.example.com" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Create);
    assert_eq!(workspace.attribute("app", "url"), json!("https://shop.example.com"));
    assert_eq!(workspace.plan("app", &config).await.0, Action::Nothing);
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{}", told(&diagnostics));
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn a_destroyed_service_leaves_nothing_and_can_be_made_again() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    let diagnostics = workspace.destroy("app").await;
    assert!(!diagnostics.has_errors(), "{}", told(&diagnostics));
    assert!(workspace.state("app").is_none());
    assert_eq!(leftovers(&workspace), Vec::<String>::new());
    assert_eq!(workspace.applied("app", &composed("api")).await, Action::Create);
}

#[tokio::test]
async fn a_new_image_is_rolled_out_and_the_url_stays() {
    let mut workspace = workspace().await;
    let config = composed("api");
    workspace.applied("app", &config).await;
    let (url, definition) =
        (workspace.attribute("app", "url"), workspace.attribute("app", "task_definition_arn"));
    let config = with(&config, "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(workspace.attribute("app", "url"), url);
    assert_ne!(workspace.attribute("app", "task_definition_arn"), definition);
}
