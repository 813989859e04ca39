//! A recorded session: create, canary update, rollback and delete, as lines and frames.

use serde_json::{Value as Json, json};
use terraform_provider_express::monitor::{Ending, View};

use super::watching::Watcher;
use crate::support::workspace::{Workspace, three_inputs, with};

fn config() -> Json {
    with(&three_inputs(), "service_name", "api")
}

fn with_image(image: &str) -> Json {
    with(&config(), "primary_container", json!({ "image": image }))
}

#[tokio::test]
async fn create() {
    let mut workspace = Workspace::new().await;
    let watcher = Watcher::of(&workspace);
    let config = config();
    let views = [(3, View::Resources), (20, View::Deployment)];
    let (_, recording) = tokio::join!(workspace.applied("app", &config), watcher.record("api", &views));
    assert_eq!(recording.ending, Ending::Succeeded);
    insta::assert_snapshot!(recording.text());
}

#[tokio::test]
async fn canary_update() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &config()).await;
    let watcher = Watcher::of(&workspace);
    let config = with_image("public.ecr.aws/nginx/nginx:1.29");
    let views = [(30, View::Deployment), (45, View::Resources), (50, View::Deployment)];
    let watching = async {
        watcher.sleep(20).await;
        watcher.record("default/api", &views).await
    };
    let (_, recording) = tokio::join!(workspace.applied("app", &config), watching);
    assert_eq!(recording.ending, Ending::Succeeded);
    insta::assert_snapshot!(recording.text());
}

#[tokio::test]
async fn rollback() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &config()).await;
    let alarm = "alarm@image=bad".parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(alarm));
    let watcher = Watcher::of(&workspace);
    let config = with_image("bad:1");
    let watching = async {
        watcher.sleep(20).await;
        watcher.record("default/api", &[]).await
    };
    let (applied, recording) = tokio::join!(workspace.apply("app", &config), watching);
    assert!(applied.diagnostics.has_errors());
    assert_eq!(recording.ending, Ending::RolledBack);
    insta::assert_snapshot!(recording.text());
}

#[tokio::test]
async fn delete() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &config()).await;
    let watcher = Watcher::of(&workspace);
    let watching = async {
        watcher.sleep(20).await;
        watcher.record("default/api", &[(4, View::Resources)]).await
    };
    let (diagnostics, recording) = tokio::join!(workspace.destroy("app"), watching);
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    assert_eq!(recording.ending, Ending::Succeeded);
    insta::assert_snapshot!(recording.text());
}
