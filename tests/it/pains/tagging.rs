//! Pains 18 and 23: tags change in place, at once, and only ours.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::live;
use crate::support::cloud::call;
use crate::support::values::told;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

fn live_tags(workspace: &Workspace) -> Json {
    let mut tags = json!({});
    for tag in live::service(workspace, "app")["tags"].as_array().into_iter().flatten() {
        tags[tag["key"].as_str().expect("a key")] = tag["value"].clone();
    }
    tags
}

fn add_tag(workspace: &Workspace, key: &str, value: &str) {
    let tags = json!([{ "key": key, "value": value }]);
    let input = json!({ "resourceArn": live::arn(workspace, "app"), "tags": tags });
    call(&workspace.sandbox, Service::Ecs, "TagResource", input);
}

#[tokio::test]
async fn tags_change_in_place_at_once_and_start_no_deployment() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    let url = workspace.attribute("app", "url");
    let steps = [
        json!({ "a": "1" }),
        json!({ "a": "2", "b": "1" }),
        json!({ "b": "1" }),
        json!({ "b": "" }),
        json!({}),
        json!({ "a": "1" }),
        json!(null),
    ];
    for tags in steps {
        let (began, config) = (workspace.elapsed_seconds(), with(&three_inputs(), "tags", tags.clone()));
        let is_empty = tags.as_object().is_none_or(serde_json::Map::is_empty);
        assert_eq!(workspace.applied("app", &config).await, Action::Update, "{tags}");
        assert_eq!(live_tags(&workspace), if is_empty { json!({}) } else { tags });
        assert_eq!(workspace.elapsed_seconds(), began, "a change of tags waits for nothing");
    }
    assert_eq!(live::deployments(&workspace, "app").len(), 1);
    assert!(live::calls_of(&workspace, "UpdateExpressGatewayService").is_empty());
    assert_eq!(workspace.attribute("app", "url"), url);
}

#[tokio::test]
async fn default_tags_are_on_the_service_and_in_tags_all_only() {
    let provider = json!({ "default_tags": { "tags": { "team": "web", "env": "dev" } } });
    let mut workspace = Workspace::with_provider(provider).await;
    let config = with(&three_inputs(), "tags", json!({ "env": "prod" }));
    workspace.applied("app", &config).await;
    assert_eq!(workspace.attribute("app", "tags"), json!({ "env": "prod" }));
    assert_eq!(workspace.attribute("app", "tags_all"), json!({ "env": "prod", "team": "web" }));
    assert_eq!(live_tags(&workspace), json!({ "env": "prod", "team": "web" }));
    assert_eq!(workspace.applied("app", &three_inputs()).await, Action::Update);
    assert_eq!(live_tags(&workspace), json!({ "env": "dev", "team": "web" }));
}

#[tokio::test]
async fn tags_of_aws_and_ignored_tags_are_left_alone_and_never_shown() {
    let provider = json!({ "ignore_tags": { "keys": ["cost"], "key_prefixes": ["scan/"] } });
    let mut workspace = Workspace::with_provider(provider).await;
    let config = with(&three_inputs(), "tags", json!({ "a": "1" }));
    workspace.applied("app", &config).await;
    for key in ["cost", "scan/last", "AmazonECSManaged"] {
        add_tag(&workspace, key, "x");
    }
    assert_eq!(workspace.plan("app", &config).await.0, Action::Nothing);
    assert_eq!(workspace.attribute("app", "tags_all"), json!({ "a": "1" }));
    workspace.applied("app", &with(&three_inputs(), "tags", json!({ "b": "1" }))).await;
    let kept = json!({ "b": "1", "cost": "x", "scan/last": "x", "AmazonECSManaged": "x" });
    assert_eq!(live_tags(&workspace), kept);
}

/// A key that is written and ignored is set once, by the create, and is somebody else's from then on.
#[tokio::test]
async fn a_key_that_is_written_and_ignored_is_set_once_and_never_overwritten() {
    for engine in ["managed", "composed"] {
        let provider = json!({
            "default_tags": { "tags": { "created_on": "2026-01-01", "team": "a" } },
            "ignore_tags": { "keys": ["created_on", "owner"] },
        });
        let mut workspace = Workspace::with_provider(provider).await;
        let tags = |tags: Json| {
            let named = with(&with(&three_inputs(), "service_name", "api"), "engine", engine);
            with(&named, "tags", tags)
        };
        workspace.applied("app", &tags(json!({ "owner": "me" }))).await;
        assert_eq!(workspace.attribute("app", "tags_all"), json!({ "team": "a" }), "{engine}");
        let tagged = |workspace: &Workspace| {
            let input = json!({ "resourceArn": live::arn(workspace, "app") });
            call(&workspace.sandbox, Service::Ecs, "ListTagsForResource", input).to_string()
        };
        assert!(
            tagged(&workspace).contains("2026-01-01") && tagged(&workspace).contains("\"me\""),
            "{engine}"
        );
        add_tag(&workspace, "created_on", "changed");
        assert_eq!(workspace.plan("app", &tags(json!({ "owner": "me" }))).await.0, Action::Nothing);
        workspace.applied("app", &tags(json!({ "owner": "me", "more": "" }))).await;
        assert!(
            tagged(&workspace).contains("changed") && !tagged(&workspace).contains("2026-01-01"),
            "{engine}"
        );
    }
}

#[tokio::test]
async fn a_tag_that_somebody_added_is_shown_as_drift_and_removed() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "tags", json!({ "a": "1" }));
    workspace.applied("app", &config).await;
    add_tag(&workspace, "foreign", "x");
    assert_eq!(workspace.plan("app", &config).await.0, Action::Update);
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(live_tags(&workspace), json!({ "a": "1" }));
}

#[tokio::test]
async fn default_tags_with_a_key_of_aws_s_or_the_provider_s_own_are_refused_at_plan() {
    for key in ["aws:owner", "terraform-provider-express:managed", "AmazonECSManaged"] {
        let provider = json!({ "default_tags": { "tags": { key: "x" } } });
        for engine in ["managed", "composed"] {
            let mut workspace = Workspace::with_provider(provider.clone()).await;
            let (_, said) = workspace.plan("app", &with(&three_inputs(), "engine", engine)).await;
            let said = told(&said);
            assert!(said.contains(&format!("The tag {key:?} is not a user's")), "{engine}: {said}");
            assert!(said.contains("default_tags"), "{engine}: {said}");
        }
    }
}
