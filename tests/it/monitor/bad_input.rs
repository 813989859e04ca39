//! What the monitor refuses, in one line.

use std::time::Duration;

use serde_json::json;
use terraform_provider_express::aws::Environment;
use terraform_provider_express::aws::config::Surroundings;
use terraform_provider_express::monitor::{Options, Session};

use super::watching::Watcher;
use crate::support::workspace::{Workspace, three_inputs, with};

async fn refusal(watcher: &Watcher, options: Options) -> String {
    let refused = watcher.begin(&options).await.err().expect("a refusal");
    refused.to_string()
}

fn of_services(services: &[&str]) -> Options {
    Options { services: services.iter().map(|text| (*text).to_owned()).collect(), ..Options::default() }
}

#[tokio::test]
async fn an_unknown_service_is_named_with_the_places_where_it_was_looked_for() {
    let workspace = Workspace::new().await;
    let watcher = Watcher::of(&workspace);
    assert_eq!(
        refusal(&watcher, of_services(&["prod/api"])).await,
        "service `prod/api` does not exist in eu-west-1"
    );
    let regions = ["eu-west-1", "us-east-1"].map(str::to_owned).to_vec();
    let options = Options { regions, ..of_services(&["api"]) };
    assert_eq!(refusal(&watcher, options).await, "service `api` does not exist in eu-west-1, us-east-1");
    let elsewhere = "arn:aws:ecs:eu-west-1:999999999999:service/default/api";
    assert_eq!(
        refusal(&watcher, of_services(&[elsewhere])).await,
        format!("service `{elsewhere}` does not exist in eu-west-1")
    );
    let nothing = Options { all: true, ..Options::default() };
    assert_eq!(refusal(&watcher, nothing).await, "there is no service to watch in eu-west-1");
    assert_eq!(
        refusal(&watcher, of_services(&["a b"])).await,
        "`a b` is neither a service ARN nor `cluster/name`"
    );
}

#[tokio::test]
async fn missing_credentials_and_an_unknown_profile_are_one_line() {
    let workspace = Workspace::new().await;
    let watcher = Watcher::of(&workspace);
    let variables =
        [("AWS_REGION", "eu-west-1"), ("AWS_EC2_METADATA_DISABLED", "true"), ("HOME", "/nowhere")];
    let environment = variables.into_iter().collect::<Environment>();
    let without = Surroundings { environment, ..watcher.surroundings() };
    let refused =
        Session::begin(&of_services(&["api"]), &without).await.err().expect("a refusal").to_string();
    assert!(refused.starts_with("No AWS credentials") && !refused.contains('\n'), "{refused}");
    let options = Options { profiles: vec!["staging".to_owned()], ..of_services(&["api"]) };
    let refused = refusal(&watcher, options).await;
    assert!(refused.starts_with("staging: AWS profile `staging` does not exist"), "{refused}");
    assert!(!refused.contains('\n'), "{refused}");
}

#[tokio::test]
async fn a_service_is_found_by_its_arn_its_name_and_its_cluster() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &with(&three_inputs(), "service_name", "api")).await;
    let watcher = Watcher::of(&workspace);
    let arn = "arn:aws:ecs:eu-west-1:123456789012:service/default/api";
    let options = of_services(&[arn, "api", "default/api"]);
    let session = watcher.begin(&options).await.expect("a service");
    let watching: Vec<_> = session.introduction();
    assert_eq!(watching.len(), 1, "one service, however often it was named: {watching:?}");
    assert!(watching[0].ends_with(&format!("default/api watching {arn}")), "{watching:?}");
}

#[tokio::test]
async fn a_monitor_waits_for_a_service_that_is_not_there_yet() {
    let mut workspace = Workspace::new().await;
    let watcher = Watcher::of(&workspace);
    let options = Options { wait: true, ..of_services(&["api"]) };
    let surroundings = watcher.surroundings();
    let mut told = Vec::new();
    let deadline = Some(watcher.now() + Duration::from_secs(60));
    let begun =
        Session::begin_in_time(&options, &surroundings, deadline, |error| told.push(error.to_string())).await;
    assert!(begun.expect("no refusal").is_none(), "the deadline comes first");
    assert_eq!(told, ["service `api` does not exist in eu-west-1"], "what is missing is told once");

    let config = with(&three_inputs(), "service_name", "api");
    let (begun, _) = tokio::join!(
        Session::begin_in_time(&options, &surroundings, None, |_| {}),
        workspace.applied("app", &config)
    );
    let session = begun.expect("no refusal").expect("a service");
    assert!(session.introduction()[0].contains("default/api watching"), "{:?}", session.introduction());

    let misspelled = Options { wait: true, ..of_services(&["a b"]) };
    let refused = Session::begin_in_time(&misspelled, &surroundings, None, |_| {}).await.err();
    assert!(refused.is_some(), "what no apply will bring is refused at once");
}

#[tokio::test]
async fn a_late_monitor_tells_how_the_deployment_ended() {
    let mut workspace = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "api");
    workspace.applied("app", &config).await;
    let missing = "image-not-found@image=none".parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(missing));
    let failed =
        workspace.apply("app", &with(&config, "primary_container", json!({"image": "app:none"}))).await;
    assert!(!failed.diagnostics.is_empty(), "the deployment fails");
    workspace.clock_advance(600).await;
    let mut session = Watcher::of(&workspace).begin(&of_services(&["api"])).await.expect("a service");
    let lines = session.look().await;
    let ended = lines.iter().position(|line| line.ends_with("had ended before: ROLLED BACK"));
    let ended = ended.unwrap_or_else(|| panic!("how it ended is told: {lines:#?}"));
    let cause = lines[ended..].join("\n");
    assert!(cause.contains("CannotPullContainerError"), "and why: {cause}");
    assert!(session.look().await.is_empty(), "once");
}
