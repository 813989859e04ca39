//! Imports as users write them: by name alone, twice by mistake, of another account, and what generated
//! configurations leave to AWS.

use serde_json::json;
use terraform_provider_express::framework::server::ClientCapabilities;
use terraform_provider_express::framework::server::PlanResourceChangeRequest;
use terraform_provider_express::framework::{Diagnostics, Value};
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use crate::support::values::summaries;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

#[tokio::test]
async fn a_service_of_the_default_cluster_is_imported_by_its_name_alone() {
    let mut owner = Workspace::new().await;
    let config = with(&three_inputs(), "service_name", "app");
    owner.applied("app", &config).await;
    let mut workspace = owner.neighbour().await;
    assert_eq!(workspace.import("app", "app").await, Diagnostics::none());
    assert_eq!(workspace.attribute("app", "service_arn"), owner.attribute("app", "service_arn"));
    assert_eq!(workspace.plan("app", &config).await, (Action::Nothing, Diagnostics::none()));
    let said = workspace.import("other", "nobody").await;
    assert_eq!(summaries(&said), ["Cannot import a service that does not exist"]);
}

#[tokio::test]
async fn a_service_that_is_imported_twice_in_one_run_is_warned_about() {
    let mut owner = Workspace::new().await;
    owner.applied("app", &with(&three_inputs(), "service_name", "app")).await;
    let mut workspace = owner.neighbour().await;
    assert_eq!(workspace.import("app", "default/app").await, Diagnostics::none());
    let arn = owner.attribute("app", "service_arn").as_str().expect("an ARN").to_owned();
    let said = workspace.import("twin", &arn).await;
    assert!(!said.has_errors(), "{said:#?}");
    assert_eq!(summaries(&said), ["Service `app` is imported twice in this run"]);
    workspace.restart_provider().await;
    assert_eq!(workspace.import("app", &arn).await, Diagnostics::none(), "another run");
}

#[tokio::test]
async fn a_service_of_another_account_is_refused_in_our_words() {
    let mut workspace = Workspace::new().await;
    let arn = "arn:aws:ecs:eu-west-1:999999999999:service/default/app";
    let said = workspace.import("app", arn).await;
    assert_eq!(summaries(&said), ["Service `app` is in another account"]);
    assert!(workspace.state("app").is_none());
}

#[tokio::test]
async fn an_import_knows_its_task_definition_at_once() {
    let mut owner = Workspace::new().await;
    owner.applied("app", &with(&three_inputs(), "service_name", "app")).await;
    let mut workspace = owner.neighbour().await;
    workspace.import("app", "app").await;
    let arn = workspace.attribute("app", "task_definition_arn");
    assert!(arn.as_str().is_some_and(|arn| arn.contains(":task-definition/")), "{arn}");
}

#[tokio::test]
async fn the_plan_of_a_replacement_has_no_identity_of_the_service_that_goes() {
    let mut workspace = Workspace::new().await;
    workspace.applied("app", &three_inputs()).await;
    let arn = workspace.attribute("app", "service_arn").as_str().expect("an ARN").to_owned();
    let old = Value::object([("service_arn", Value::String(arn))]);
    let config = workspace.state("app").expect("a state").clone();
    let plan = |prior_state: Value| PlanResourceChangeRequest {
        type_name: "express_gateway_service".to_owned(),
        prior_state,
        proposed_new_state: config.clone(),
        config: config.clone(),
        prior_private: Vec::new(),
        prior_identity: Some(old.clone()),
        capabilities: ClientCapabilities::default(),
    };
    let server = workspace.server();
    let replaced = server.plan_resource_change(plan(Value::Null)).await;
    assert_eq!(replaced.planned_identity, None);
    let updated = server.plan_resource_change(plan(config.clone())).await;
    assert_eq!(updated.planned_identity, Some(old.clone()));
}

#[tokio::test]
async fn a_create_that_fails_before_there_is_an_arn_names_its_service() {
    let refusal = FaultEffect::Fail {
        code: "InvalidParameterException".to_owned(),
        message: "no".to_owned(),
        status: 400,
    };
    for (config, expected) in [
        (with(&three_inputs(), "service_name", "api"), "Cannot create service `api`"),
        (three_inputs(), "Cannot create the service of image `public.ecr.aws/nginx/nginx:1.28`"),
    ] {
        let mut workspace = Workspace::with_provider(json!({ "preflight": "off" })).await;
        let rule = FaultRule::on("CreateExpressGatewayService", refusal.clone());
        workspace.sandbox.add_fault(rule).expect("a valid rule");
        let applied = workspace.apply("app", &config).await;
        assert_eq!(summaries(&applied.diagnostics), [expected]);
    }
}
