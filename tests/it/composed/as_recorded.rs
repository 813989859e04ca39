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
        ("DescribeCertificate", "ResourceNotFoundException"),
        ("AddListenerCertificates", "CertificateNotFound"),
        ("CreateService", "InvalidParameterException"),
    ];
    for (operation, code) in refusals {
        let mut workspace = workspace().await;
        let message = match operation {
            "CreateService" => {
                "The target group with targetGroupArn x does not have an associated load balancer."
            }
            _ => "not there",
        };
        let effect = FaultEffect::Fail { code: code.to_owned(), message: message.to_owned(), status: 400 };
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

/// What a call of this operation was last sent.
fn last_input(workspace: &Workspace, operation: &str) -> Json {
    let calls = workspace.sandbox.calls();
    let call = calls.iter().rev().find(|call| call.operation == operation);
    call.unwrap_or_else(|| panic!("no {operation}")).input.clone()
}

#[tokio::test]
async fn members_that_nobody_knows_go_back_where_aws_replaces_what_holds_them() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    let rule = "unknown-members".parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(rule));
    let mut config = with(&main_container(json!({ "container_port": 8080 })), "service_name", "api");
    config["deployment_configuration"] = json!({ "canary_bake_time_minutes": 9 });
    config["scaling_target"] = json!({ "max_task_count": 7, "auto_scaling_target_value": 50 });
    config["network_configuration"] =
        json!({ "security_groups": [cloud::default_security_group_id(&workspace.sandbox)] });
    assert_eq!(workspace.applied("app", &config).await, Action::Update);

    let sent = last_input(&workspace, "UpdateService");
    for part in [
        "/deploymentConfiguration",
        "/deploymentConfiguration/alarms",
        "/deploymentConfiguration/canaryConfiguration",
        "/deploymentConfiguration/deploymentCircuitBreaker",
        "/loadBalancers/0",
        "/loadBalancers/0/advancedConfiguration",
        "/networkConfiguration",
        "/networkConfiguration/awsvpcConfiguration",
    ] {
        let part = sent.pointer(part).unwrap_or_else(|| panic!("no {part} in {sent}"));
        assert_eq!(part["addedObject"]["enabled"], true, "{part}");
    }
    let policy = last_input(&workspace, "PutScalingPolicy");
    let configuration = &policy["TargetTrackingScalingPolicyConfiguration"];
    assert_eq!(configuration["TargetValue"].as_f64(), Some(50.0));
    assert_eq!(configuration["addedNumber"], 1);
    assert_eq!(configuration["PredefinedMetricSpecification"]["addedNumber"], 1);
    let definition = last_input(&workspace, "RegisterTaskDefinition");
    assert_eq!(definition["containerDefinitions"][0]["addedNumber"], 1);
}

#[tokio::test]
async fn what_a_person_set_on_policy_and_alarm_outlives_their_changes() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    let scaling = |operation: &str, input| {
        cloud::call(&workspace.sandbox, Service::ApplicationAutoScaling, operation, input)
    };
    let mut policy =
        scaling("DescribeScalingPolicies", json!({ "ServiceNamespace": "ecs" }))["ScalingPolicies"][0].take();
    policy["TargetTrackingScalingPolicyConfiguration"]["DisableScaleIn"] = json!(true);
    policy["TargetTrackingScalingPolicyConfiguration"]["ScaleOutCooldown"] = json!(30);
    scaling("PutScalingPolicy", policy);
    let alarms =
        |operation: &str, input| cloud::call(&workspace.sandbox, Service::CloudWatch, operation, input);
    let names = json!({ "AlarmNames": ["default/api/RollbackAlarm"] });
    let mut alarm = alarms("DescribeAlarms", names.clone())["MetricAlarms"][0].take();
    alarm["ActionsEnabled"] = json!(false);
    alarm.as_object_mut().expect("an alarm").remove("Dimensions");
    alarms("PutMetricAlarm", alarm);

    let config = with(&composed("api"), "scaling_target", json!({ "auto_scaling_target_value": 50 }));
    let config = with(&config, "deployment_configuration", json!({ "alarm": { "threshold_percent": 5 } }));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    let policies = cloud::call(
        &workspace.sandbox,
        Service::ApplicationAutoScaling,
        "DescribeScalingPolicies",
        json!({ "ServiceNamespace": "ecs" }),
    );
    let found = &policies["ScalingPolicies"][0]["TargetTrackingScalingPolicyConfiguration"];
    assert_eq!(found["TargetValue"].as_f64(), Some(50.0));
    assert_eq!((&found["DisableScaleIn"], &found["ScaleOutCooldown"]), (&json!(true), &json!(30)));
    let alarm = cloud::call(&workspace.sandbox, Service::CloudWatch, "DescribeAlarms", names);
    let alarm = &alarm["MetricAlarms"][0];
    assert_eq!((alarm["Threshold"].as_f64(), &alarm["ActionsEnabled"]), (Some(5.0), &json!(false)));
}

#[tokio::test]
async fn lists_that_ecs_answers_in_an_order_of_its_own_are_no_difference() {
    let mut workspace = workspace().await;
    let variables: BTreeMap<String, String> = (1..=9).map(|it| (format!("V{it}"), it.to_string())).collect();
    let config = main_container(json!({ "environment": variables }));
    let sidecars = ["a", "b", "c", "d"].map(|it| (it.to_owned(), json!({ "image": format!("{it}:1") })));
    let config = with(&config, "sidecars", Json::Object(sidecars.into_iter().collect()));
    workspace.applied("app", &config).await;
    let sent = last_input(&workspace, "RegisterTaskDefinition");
    let arn = workspace.attribute("app", "task_definition_arn");
    let described = ecs(&workspace, "DescribeTaskDefinition", json!({ "taskDefinition": arn }));
    let names = |definition: &Json| {
        let containers = definition["containerDefinitions"].as_array().expect("a list").clone();
        let of_main = |it: &&Json| it["name"] == "Main";
        let main = containers.iter().find(of_main).expect("Main")["environment"].clone();
        (containers.iter().map(|it| it["name"].clone()).collect::<Vec<_>>(), main)
    };
    let (sent, answered) = (names(&sent), names(&described["taskDefinition"]));
    assert_ne!(sent.0, answered.0, "containers");
    assert_ne!(sent.1, answered.1, "variables");
    workspace.sandbox.clear_calls();
    workspace.applied("app", &with(&config, "tags", json!({ "team": "a" }))).await;
    assert_eq!((count(&workspace, "RegisterTaskDefinition"), count(&workspace, "UpdateService")), (0, 0));
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
