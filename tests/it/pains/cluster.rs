//! Pains 6, 7 and 8: which cluster, in which spelling.

use serde_json::json;

use super::live;
use crate::support::cloud::create_cluster;
use crate::support::values::summaries;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

const PROD_ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";
const DEFAULT_ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:cluster/default";

#[tokio::test]
async fn a_changed_cluster_replaces_the_service_and_says_that_the_url_changes() {
    let mut workspace = Workspace::new().await;
    create_cluster(&workspace.sandbox, "prod");
    create_cluster(&workspace.sandbox, "test");
    let config = with(&with(&three_inputs(), "cluster", "prod"), "service_name", "api");
    workspace.applied("app", &config).await;
    let (old_arn, old_url) = (live::arn(&workspace, "app"), workspace.attribute("app", "url"));
    let moved = with(&config, "cluster", "test");
    let (action, diagnostics) = workspace.plan("app", &moved).await;
    assert_eq!(action, Action::Replace);
    assert_eq!(summaries(&diagnostics), ["The public URL will change"]);
    assert_eq!(workspace.applied("app", &moved).await, Action::Replace);
    assert_ne!(live::arn(&workspace, "app"), old_arn);
    assert_ne!(workspace.attribute("app", "url"), old_url);
    assert!(live::calls_of(&workspace, "UpdateExpressGatewayService").is_empty());
}

#[tokio::test]
async fn a_cluster_by_name_and_by_arn_are_equal_and_the_spelling_stays() {
    for (first, second) in [("prod", PROD_ARN), (PROD_ARN, "prod")] {
        let mut workspace = Workspace::new().await;
        create_cluster(&workspace.sandbox, "prod");
        let config = with(&three_inputs(), "cluster", first);
        workspace.applied("app", &config).await;
        assert_eq!(workspace.attribute("app", "cluster"), json!(first));
        assert_eq!(workspace.attribute("app", "cluster_arn"), json!(PROD_ARN));
        let (action, diagnostics) = workspace.plan("app", &with(&config, "cluster", second)).await;
        assert_eq!((action, diagnostics.is_empty()), (Action::Nothing, true), "{first} to {second}");
    }
}

#[tokio::test]
async fn the_default_cluster_may_be_named_or_not() {
    let spellings = [json!(null), json!("default"), json!(DEFAULT_ARN)];
    for first in &spellings {
        let mut workspace = Workspace::new().await;
        workspace.applied("app", &with(&three_inputs(), "cluster", first.clone())).await;
        for second in &spellings {
            let config = with(&three_inputs(), "cluster", second.clone());
            let (action, diagnostics) = workspace.plan("app", &config).await;
            assert_eq!((action, diagnostics.is_empty()), (Action::Nothing, true), "{first} to {second}");
        }
    }
}

#[tokio::test]
async fn an_import_from_a_named_cluster_plans_no_change() {
    let mut workspace = Workspace::new().await;
    create_cluster(&workspace.sandbox, "prod");
    let config = with(&with(&three_inputs(), "cluster", "prod"), "service_name", "api");
    workspace.applied("app", &config).await;
    for id in [live::arn(&workspace, "app"), "prod/api".to_owned()] {
        for spelling in ["prod", PROD_ARN] {
            let mut other = workspace.neighbour().await;
            let diagnostics = other.import("app", &id).await;
            assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
            assert_eq!(other.attribute("app", "cluster"), json!("prod"));
            let (action, _) = other.plan("app", &with(&config, "cluster", spelling)).await;
            assert_eq!(action, Action::Nothing, "{id} with {spelling}");
        }
    }
}

#[tokio::test]
async fn a_cluster_that_is_missing_is_named_in_the_error() {
    let mut workspace = Workspace::new().await;
    let applied = workspace.apply("app", &with(&three_inputs(), "cluster", "nowhere")).await;
    let [warning, diagnostic] = &applied.diagnostics.iter().collect::<Vec<_>>()[..] else {
        panic!("the plan's warning and the apply's error: {:#?}", applied.diagnostics);
    };
    assert_eq!(warning.summary, "The cluster does not exist");
    assert!(diagnostic.detail.contains("ClusterNotFoundException"), "{}", diagnostic.detail);
    assert!(workspace.state("app").is_none());
}
