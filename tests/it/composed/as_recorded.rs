//! The provider in an AWS as strangers recorded it: what ECS adds to task definitions, what it refuses, and what shows
//! late. The sandbox does all of this by itself.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use super::kinds::{on_a_domain, with_sidecars};
use super::{composed, leftovers, told, workspace};
use crate::support::cloud;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

fn ecs(workspace: &Workspace, operation: &str, input: Json) -> Json {
    cloud::call(&workspace.sandbox, Service::Ecs, operation, input)
}

/// The containers of the registered task definition, by name.
fn containers(workspace: &Workspace) -> BTreeMap<String, Json> {
    let arn = workspace.attribute("app", "task_definition_arn");
    let described = ecs(workspace, "DescribeTaskDefinition", json!({ "taskDefinition": arn }));
    let containers = described["taskDefinition"]["containerDefinitions"].as_array().expect("a list").clone();
    containers.into_iter().map(|it| (it["name"].as_str().expect("a name").to_owned(), it)).collect()
}

/// Names of the containers of the tasks that run, of which all are of the service's newest revision.
fn running_containers(workspace: &Workspace) -> Vec<String> {
    let listed = ecs(workspace, "ListTasks", json!({ "serviceName": "api" }));
    let tasks = ecs(workspace, "DescribeTasks", json!({ "tasks": listed["taskArns"] }));
    let of_task = |task: &Json| task["containers"].as_array().expect("a list").clone();
    let all = tasks["tasks"].as_array().expect("tasks").iter().flat_map(of_task);
    let mut names: Vec<String> = all.map(|it| it["name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

fn count(workspace: &Workspace, operation: &str) -> usize {
    workspace.sandbox.calls().iter().filter(|call| call.operation == operation).count()
}

fn main_container(members: Json) -> Json {
    let mut container = json!({ "image": "public.ecr.aws/nginx/nginx:1.28" });
    let (Json::Object(all), Json::Object(members)) = (&mut container, members) else { panic!("objects") };
    all.extend(members);
    with(&composed("api"), "primary_container", container)
}

#[tokio::test]
async fn what_the_configuration_removes_is_gone_from_the_registered_task_definition_and_the_tasks() {
    let mut workspace = workspace().await;
    let secret = "arn:aws:ssm:eu-west-1:123456789012:parameter/key";
    let full = main_container(json!({
        "command": ["serve"], "environment": { "A": "1", "B": "2", "C": "3", "D": "4", "E": "5" },
        "secrets": { "KEY": secret, "OTHER": secret },
    }));
    let agent = json!({ "image": "agent:1", "health_check": { "command": ["CMD-SHELL", "exit 0"] } });
    let full = with(&full, "sidecars", json!({ "agent": agent }));
    workspace.applied("app", &full).await;
    let less = main_container(json!({ "environment": { "A": "1" }, "secrets": { "KEY": secret } }));
    let less = with(&less, "sidecars", json!({ "agent": { "image": "agent:1" } }));
    assert_eq!(workspace.applied("app", &less).await, Action::Update);
    let found = containers(&workspace);
    assert_eq!(found["Main"]["environment"], json!([{ "name": "A", "value": "1" }]));
    assert_eq!(found["Main"]["secrets"], json!([{ "name": "KEY", "valueFrom": secret }]));
    assert_eq!(found["Main"].get("command"), None);
    assert_eq!(found["agent"].get("healthCheck"), None);

    let least = main_container(json!({}));
    assert_eq!(workspace.applied("app", &least).await, Action::Update);
    let found = containers(&workspace);
    assert_eq!(found["Main"]["environment"], json!([]));
    assert_eq!(found["Main"].get("secrets"), None);
    assert_eq!(running_containers(&workspace), ["Main"]);
    assert_eq!(workspace.plan("app", &least).await.0, Action::Nothing);
}

#[tokio::test]
async fn a_log_router_goes_with_the_logs_that_went_through_it() {
    let mut workspace = workspace().await;
    workspace.applied("app", &with_sidecars("api")).await;
    assert_eq!(containers(&workspace)["router"]["user"], "0", "ECS says so itself");
    workspace.applied("app", &composed("api")).await;
    let found = containers(&workspace);
    assert_eq!(found["Main"]["logConfiguration"]["logDriver"], "awslogs");
    assert_eq!(running_containers(&workspace), ["Main"]);
}

#[tokio::test]
async fn a_variable_becomes_a_secret_and_a_secret_a_variable() {
    let mut workspace = workspace().await;
    let secret = json!({ "A": "arn:aws:ssm:eu-west-1:123456789012:parameter/a" });
    workspace.applied("app", &main_container(json!({ "environment": { "A": "1" } }))).await;
    workspace.applied("app", &main_container(json!({ "secrets": secret }))).await;
    assert_eq!(containers(&workspace)["Main"]["environment"], json!([]));
    workspace.applied("app", &main_container(json!({ "environment": { "A": "1" } }))).await;
    assert_eq!(containers(&workspace)["Main"].get("secrets"), None);
}

#[tokio::test]
async fn a_change_of_tags_alone_registers_and_deploys_nothing_whatever_ecs_adds() {
    let mut workspace = workspace().await;
    let config = with_sidecars("api");
    workspace.applied("app", &config).await;
    let definition = workspace.attribute("app", "task_definition_arn");
    for team in ["a", "b"] {
        workspace.sandbox.clear_calls();
        let config = with(&config, "tags", json!({ "team": team }));
        assert_eq!(workspace.applied("app", &config).await, Action::Update);
        assert_eq!((count(&workspace, "RegisterTaskDefinition"), count(&workspace, "UpdateService")), (0, 0));
    }
    assert_eq!(workspace.attribute("app", "task_definition_arn"), definition);
    let tags = ecs(&workspace, "ListTagsForResource", json!({ "resourceArn": definition }));
    assert!(tags.to_string().contains(r#"{"key":"team","value":"b"}"#), "{tags}");
}

#[tokio::test]
async fn what_the_configuration_takes_over_from_others_is_its_own_from_then_on() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    let arn = workspace.attribute("app", "task_definition_arn");
    let described = ecs(&workspace, "DescribeTaskDefinition", json!({ "taskDefinition": arn }));
    let mut definition = described["taskDefinition"].clone();
    definition["containerDefinitions"][0]["environment"] = json!([{ "name": "THEIRS", "value": "1" }]);
    let tags = ecs(&workspace, "ListTagsForResource", json!({ "resourceArn": arn }));
    definition["tags"] = tags["tags"].clone();
    let registered = ecs(&workspace, "RegisterTaskDefinition", definition);
    let arn = registered["taskDefinition"]["taskDefinitionArn"].clone();
    ecs(&workspace, "UpdateService", json!({ "service": "api", "taskDefinition": arn }));
    workspace.clock_advance(3600).await;
    let named = main_container(json!({ "environment": { "THEIRS": "1" } }));
    workspace.sandbox.clear_calls();
    workspace.applied("app", &named).await;
    assert_eq!(count(&workspace, "RegisterTaskDefinition"), 0, "it runs with it already");
    workspace.applied("app", &composed("api")).await;
    assert_eq!(containers(&workspace)["Main"]["environment"], json!([]));
}

#[tokio::test]
async fn a_task_definition_that_does_not_say_what_was_sent_is_told() {
    let mut workspace = workspace().await;
    workspace.applied("app", &main_container(json!({ "environment": { "A": "1" } }))).await;
    let arn = workspace.attribute("app", "task_definition_arn");
    let tag = json!([{ "key": "terraform-provider-express:sent-1", "value": "damaged" }]);
    ecs(&workspace, "TagResource", json!({ "resourceArn": arn, "tags": tag }));
    let applied = workspace.apply("app", &composed("api")).await;
    let said = told(&applied.diagnostics);
    assert!(said.contains("terraform-provider-express:sent-") && said.contains("task definition"), "{said}");
    let keys = json!(["terraform-provider-express:sent-1"]);
    ecs(&workspace, "UntagResource", json!({ "resourceArn": arn, "tagKeys": keys }));
    workspace.applied("app", &composed("api")).await;
}

#[tokio::test]
async fn bounds_metric_and_tags_of_the_scalable_target_change_though_it_exists() {
    let mut workspace = workspace().await;
    workspace.applied("app", &with(&composed("api"), "tags", json!({ "team": "a" }))).await;
    let config = with(&composed("api"), "tags", json!({ "team": "b" }));
    let target = json!({ "min_task_count": 2, "max_task_count": 7, "auto_scaling_metric": "AVERAGE_MEMORY" });
    assert_eq!(workspace.applied("app", &with(&config, "scaling_target", target)).await, Action::Update);
    let scaling = |operation: &str, input| {
        cloud::call(&workspace.sandbox, Service::ApplicationAutoScaling, operation, input)
    };
    let found = scaling("DescribeScalableTargets", json!({ "ServiceNamespace": "ecs" }));
    let found = &found["ScalableTargets"][0];
    assert_eq!((&found["MinCapacity"], &found["MaxCapacity"]), (&json!(2), &json!(7)));
    let tags = scaling("ListTagsForResource", json!({ "ResourceARN": found["ScalableTargetARN"] }));
    assert_eq!(tags["Tags"]["team"], "b");
}

#[tokio::test]
async fn a_create_whose_parts_show_late_makes_each_of_them_once() {
    let mut workspace = workspace().await;
    workspace.applied("app", &on_a_domain("api")).await;
    let refused = |call: &&terraform_provider_express::sandbox::journal::Call| {
        format!("{:?}", call.outcome).contains("NotFound")
    };
    let calls = workspace.sandbox.calls();
    assert!(calls.iter().filter(refused).count() > 3, "the sandbox shows what is made late");
    for operation in ["CreateLoadBalancer", "ImportCertificate", "RequestCertificate", "CreateService"] {
        let made = |call: &&terraform_provider_express::sandbox::journal::Call| {
            call.operation == operation && format!("{:?}", call.outcome) == "Success"
        };
        assert_eq!(calls.iter().filter(made).count(), 1, "{operation}");
    }
    let said = workspace.destroy("app").await;
    assert!(!said.has_errors(), "{}", told(&said));
    let left: Vec<_> = leftovers(&workspace).into_iter().filter(|it| !it.contains("default")).collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn not_there_right_after_the_create_is_not_yet_in_every_call_of_the_pool() {
    let refusals = [
        ("CreateRule", "TargetGroupNotFound"),
        ("CreateRule", "ListenerNotFound"),
        ("CreateListener", "LoadBalancerNotFound"),
        ("CreateListener", "CertificateNotFound"),
        ("CreateListener", "UnsupportedCertificate"),
        ("CreateLoadBalancer", "InvalidSecurityGroup"),
        ("AuthorizeSecurityGroupIngress", "InvalidGroup.NotFound"),
        ("ModifyLoadBalancerAttributes", "LoadBalancerNotFound"),
        ("ModifyTargetGroupAttributes", "TargetGroupNotFound"),
        ("DescribeTags", "TargetGroupNotFound"),
    ];
    for (operation, code) in refusals {
        let mut workspace = workspace().await;
        let effect =
            FaultEffect::Fail { code: code.to_owned(), message: "not there".to_owned(), status: 400 };
        workspace.sandbox.add_fault(FaultRule::on(operation, effect).times(5)).expect("a rule");
        let config = with(&on_a_domain("api"), "deregistration_delay_seconds", 20);
        assert_eq!(workspace.applied("app", &config).await, Action::Create, "{operation} {code}");
        for operation in ["ImportCertificate", "CreateSecurityGroup", "CreateTargetGroup"] {
            let expected = if operation == "ImportCertificate" { 1 } else { 2 };
            assert_eq!(count(&workspace, operation), expected, "{operation} after {code}");
        }
    }
}

#[tokio::test]
async fn a_create_that_fails_at_once_takes_back_what_does_not_show_yet() {
    for operation in ["CreateRule", "CreateListener", "RegisterTaskDefinition"] {
        let mut workspace = workspace().await;
        let effect = FaultEffect::Fail {
            code: "AccessDeniedException".to_owned(),
            message: "not authorized".to_owned(),
            status: 403,
        };
        workspace.sandbox.add_fault(FaultRule::on(operation, effect)).expect("a rule");
        let applied = workspace.apply("app", &on_a_domain("api")).await;
        assert!(applied.diagnostics.has_errors(), "{operation}");
        assert_eq!(
            leftovers(&workspace),
            Vec::<String>::new(),
            "{operation}: {}",
            told(&applied.diagnostics)
        );
    }
}

#[tokio::test]
async fn both_engines_live_a_whole_life_among_members_that_nobody_knows() {
    let managed = with(&three_inputs(), "service_name", "api");
    for config in [with_sidecars("api"), on_a_domain("api"), managed] {
        let mut workspace = workspace().await;
        let rule = "unknown-members".parse().expect("a scenario");
        workspace.sandbox.with_world(|world| world.add_scenario(rule));
        assert_eq!(workspace.applied("app", &config).await, Action::Create);
        let tagged = with(&config, "tags", json!({ "team": "a" }));
        workspace.sandbox.clear_calls();
        assert_eq!(workspace.applied("app", &tagged).await, Action::Update);
        assert_eq!(count(&workspace, "RegisterTaskDefinition"), 0);
        assert_eq!(count(&workspace, "UpdateService"), 0);
        let mut changed = tagged.clone();
        changed["primary_container"]["image"] = json!("public.ecr.aws/nginx/nginx:1.29");
        changed["primary_container"]["environment"] = json!({ "A": "1" });
        assert_eq!(workspace.applied("app", &changed).await, Action::Update);
        assert_eq!(workspace.applied("app", &tagged).await, Action::Update);
        let said = workspace.destroy("app").await;
        assert!(!said.has_errors(), "{}", told(&said));
    }
}

#[tokio::test]
async fn a_container_of_guardduty_is_nobodys() {
    let mut workspace = workspace().await;
    let rule = "guardduty".parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(rule));
    workspace.applied("app", &composed("api")).await;
    assert_eq!(running_containers(&workspace).len(), 2, "the agent is there");
    assert_eq!(workspace.plan("app", &composed("api")).await.0, Action::Nothing);
}
