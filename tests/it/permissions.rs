//! The policies of `docs/guides/permissions.md` against the calls that the provider makes.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::callers_rights::in_the_callers_name;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};
use terraform_provider_express::sandbox::journal::Call;

use crate::data_sources::found;
use crate::pains::live;
use crate::preflight::account::{everything, furnish, make_closed_subnets};
use crate::support::cloud::{call, create_cluster, default_security_group_id, list_subnet_ids};
use crate::support::values::told;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/permissions.md"));

/// The statements of the policy below a heading of the page.
pub(crate) fn statements(heading: &str) -> Vec<Json> {
    let (_, below) = PAGE.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let (_, policy) = below.split_once("```json\n").expect("a policy");
    let (policy, _) = policy.split_once("```").expect("the end of the policy");
    let policy: Json = serde_json::from_str(policy).expect("JSON");
    assert_eq!(policy["Version"], "2012-10-17");
    policy["Statement"].as_array().expect("statements").clone()
}

pub(crate) fn actions(statement: &Json) -> BTreeSet<String> {
    let actions = statement["Action"].as_array().expect("a list of actions").iter();
    actions.map(|action| action.as_str().expect("an action").to_owned()).collect()
}

/// Actions of the statements with one of these names.
pub(crate) fn documented(heading: &str, names: &[&str]) -> BTreeSet<String> {
    let statements = statements(heading);
    let is_wanted = |statement: &&Json| names.contains(&statement["Sid"].as_str().unwrap_or_default());
    let wanted: Vec<_> = statements.iter().filter(is_wanted).collect();
    assert_eq!(wanted.len(), names.len(), "each statement is there");
    wanted.into_iter().flat_map(actions).collect()
}

/// What IAM calls the right to a call; nobody needs one to learn who they are.
pub(crate) fn action_of(call: &Call) -> Option<String> {
    match (call.service, call.operation.as_str()) {
        ("sts", "GetCallerIdentity") => None,
        ("monitoring", operation) => Some(format!("cloudwatch:{operation}")),
        (service, operation) => Some(format!("{service}:{operation}")),
    }
}

/// What IAM asks for before it lets a call through: its own action, and what ECS does in the caller's name.
fn actions_of(call: &Call) -> Vec<String> {
    let behind = in_the_callers_name(&call.operation, &call.input).into_iter().map(|(service, operation)| {
        let service = if service == Service::Iam { "iam" } else { "ecs" };
        format!("{service}:{operation}")
    });
    action_of(call).into_iter().chain(behind).collect()
}

/// Takes the right to an action away, for ever.
pub(crate) fn deny(workspace: &Workspace, action: &str) {
    let (service, operation) = action.split_once(':').expect("a service and an operation");
    let effect = FaultEffect::Fail {
        code: "AccessDeniedException".to_owned(),
        message: format!("User is not authorized to perform: {action}"),
        status: 403,
    };
    let rule = FaultRule::on(operation, effect).service(service).times(u32::MAX);
    workspace.sandbox.add_fault(rule).expect("a rule");
}

/// Asserts that the policy allows calls with these statements alone.
pub(crate) fn assert_allowed(calls: &[Call], names: &[&str]) {
    let allowed = documented("The managed engine", names);
    let used: BTreeSet<_> = calls.iter().filter_map(action_of).collect();
    let missing: Vec<_> = used.difference(&allowed).collect();
    assert!(missing.is_empty(), "the policy lacks {missing:?}");
}

/// Everything that a user does with services: creates, changes, replaces, imports, looks up, fails, destroys.
async fn tour(workspace: &mut Workspace) {
    create_cluster(&workspace.sandbox, "prod");
    let named = with(&with(&three_inputs(), "service_name", "api"), "cluster", "prod");
    assert_eq!(workspace.applied("api", &named).await, Action::Create);
    let own_url = json!({ "image": "api:1", "environment": { "URL": "${service.url}" } });
    assert_eq!(
        workspace.applied("own", &with(&three_inputs(), "primary_container", own_url)).await,
        Action::Create
    );
    let next = with(&named, "primary_container", json!({ "image": "api:2" }));
    assert_eq!(workspace.applied("api", &next).await, Action::Update);
    let scaled = with(&next, "scaling_target", json!({ "max_task_count": 7 }));
    assert_eq!(
        workspace.applied("api", &with(&scaled, "tags", json!({ "team": "web" }))).await,
        Action::Update
    );
    assert_eq!(workspace.applied("api", &scaled).await, Action::Update);
    let bounds = json!({
        "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": "service/prod/api", "MinCapacity": 1, "MaxCapacity": 3,
    });
    call(&workspace.sandbox, Service::ApplicationAutoScaling, "RegisterScalableTarget", bounds);
    workspace.clock_advance(600).await;
    let subnets = &list_subnet_ids(&workspace.sandbox)[..2];
    let placed = with(&scaled, "network_configuration", json!({ "subnets": subnets }));
    assert_eq!(workspace.applied("api", &placed).await, Action::Update);
    found(workspace, "express_gateway_service", json!({ "service_name": "api", "cluster": "prod" })).await;
    found(workspace, "express_gateway_services", json!({ "cluster": "prod" })).await;
    workspace.forget("api");
    assert!(!workspace.import("api", "prod/api").await.has_errors());
    let other_role = "arn:aws:iam::123456789012:role/other-infrastructure";
    assert_eq!(
        workspace.applied("api", &with(&placed, "infrastructure_role_arn", other_role)).await,
        Action::Replace
    );
    fail(workspace, &placed).await;
    let logs_go = with(&with(&three_inputs(), "service_name", "brief"), "delete_logs_on_destroy", true);
    assert_eq!(workspace.applied("brief", &logs_go).await, Action::Create);
    for name in ["api", "own", "brief"] {
        assert!(!workspace.destroy(name).await.has_errors());
    }
}

/// Deployments that are rolled back, a create that takes too long, and their explanations.
async fn fail(workspace: &mut Workspace, config: &Json) {
    for (scenario, image) in [("image-not-found@image=bad", "bad:1"), ("crash@image=worse", "worse:1")] {
        live::befall(workspace, scenario);
        let bad = with(config, "primary_container", json!({ "image": image }));
        let role = "arn:aws:iam::123456789012:role/other-infrastructure";
        let bad = with(&bad, "infrastructure_role_arn", role);
        assert!(workspace.apply("api", &bad).await.diagnostics.has_errors());
    }
    // The circuit breaker leaves it without tasks, and whether it is parked is asked.
    live::befall(workspace, "crash@image=worst");
    let worst = with(&three_inputs(), "primary_container", json!({ "image": "worst:1" }));
    assert!(workspace.apply("worst", &worst).await.diagnostics.has_errors());
    workspace.clock_advance(3600).await;
    assert!(!workspace.refresh("worst").await.has_errors());
    assert!(!workspace.destroy("worst").await.has_errors());
    let hasty = with(&three_inputs(), "timeouts", json!({ "create": "30s" }));
    assert!(workspace.apply("hasty", &hasty).await.diagnostics.has_errors());
    assert!(!workspace.destroy("hasty").await.has_errors());
}

#[tokio::test]
async fn the_managed_engine_calls_exactly_what_its_policy_allows() {
    let mut workspace = Workspace::with_provider(json!({ "preflight": "off" })).await;
    tour(&mut workspace).await;
    found(&workspace, "express_gateway_services", json!({})).await;
    let used: BTreeSet<_> = workspace.sandbox.calls().iter().flat_map(actions_of).collect();
    let names = ["Services", "InYourName", "DefaultCluster", "GiveRoles", "DeleteLogs", "LookUnderneath"];
    assert_eq!(used, documented("The managed engine", &names));
}

#[tokio::test]
async fn express_mode_needs_the_callers_right_to_what_it_does_in_the_callers_name() {
    for action in documented("The managed engine", &["InYourName", "GiveRoles"]) {
        let mut workspace = Workspace::new().await;
        deny(&workspace, &action);
        let applied = workspace.apply("app", &three_inputs()).await;
        assert!(told(&applied.diagnostics).contains(&action), "{action}: {:#?}", applied.diagnostics);
        assert!(workspace.state("app").is_none(), "{action}: nothing is made");
    }
}

/// Whether a statement lets a role be passed, to the service that the call names, if it names one.
fn lets_pass(statement: &Json, role: &str, passed_to: Option<&str>) -> bool {
    let among = |list: &Json, text: &str| list.as_array().expect("a list").iter().any(|it| it == text);
    let condition = &statement["Condition"];
    let names_service = |operator: &str, otherwise: bool| match &condition[operator]["iam:PassedToService"] {
        Json::Null => true,
        services => passed_to.map_or(otherwise, |service| among(services, service)),
    };
    among(&statement["Resource"], role)
        && names_service("StringEquals", false)
        && names_service("StringEqualsIfExists", true)
}

#[test]
fn every_role_may_be_passed_with_and_without_the_name_of_the_service_that_gets_it() {
    for heading in ["The managed engine", "The composed engine"] {
        let statements = statements(heading);
        let statement = statements.iter().find(|it| it["Sid"] == "GiveRoles").expect("a statement");
        let roles = statement["Resource"].as_array().expect("roles");
        assert_eq!(roles.len(), 3, "{heading}: infrastructure, execution and task role");
        for role in roles.iter().filter_map(Json::as_str) {
            for passed_to in [None, Some("ecs.amazonaws.com"), Some("ecs-tasks.amazonaws.com")] {
                assert!(lets_pass(statement, role, passed_to), "{heading}: {role} to {passed_to:?}");
            }
            assert!(!lets_pass(statement, role, Some("lambda.amazonaws.com")));
        }
    }
}

#[tokio::test]
async fn preflight_calls_exactly_what_its_statement_allows() {
    let mut workspace = Workspace::new().await;
    furnish(&workspace.sandbox);
    call(&workspace.sandbox, Service::Ecr, "CreateRepository", json!({ "repositoryName": "team/api" }));
    let (_, subnets) = make_closed_subnets(&workspace.sandbox, 24);
    let mut own_group = everything(&subnets);
    let id = default_security_group_id(&workspace.sandbox);
    own_group["network_configuration"]["security_groups"] = json!([id]);
    for config in [own_group, three_inputs()] {
        assert_eq!(workspace.plan("app", &config).await.0, Action::Create);
    }
    let used: BTreeSet<_> = workspace.sandbox.calls().iter().filter_map(action_of).collect();
    let others = documented("The managed engine", &["Services", "InYourName", "LookUnderneath"]);
    let own: BTreeSet<_> = used.difference(&others).cloned().collect();
    assert_eq!(own, documented("The managed engine", &["Preflight"]));
}

#[tokio::test]
async fn the_managed_engine_works_without_looking_underneath() {
    let mut workspace = Workspace::new().await;
    for action in documented("The managed engine", &["LookUnderneath", "Preflight"]) {
        deny(&workspace, &action);
    }
    tour(&mut workspace).await;
}
