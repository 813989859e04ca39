//! What becomes of changes by hand: the table of `docs/guides/breaking-glass.md` for the composed engine.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;

use super::kinds::on_a_domain;
use super::{composed, workspace};
use crate::support::cloud;
use crate::support::workspace::{Action, Workspace, with};

fn call(workspace: &Workspace, service: Service, operation: &str, input: Json) -> Json {
    cloud::call(&workspace.sandbox, service, operation, input)
}

fn next(config: &Json) -> Json {
    with(config, "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }))
}

fn running_definition(workspace: &Workspace) -> Json {
    let arn = workspace.attribute("app", "task_definition_arn");
    let described = call(workspace, Service::Ecs, "DescribeTaskDefinition", json!({ "taskDefinition": arn }));
    described["taskDefinition"].clone()
}

/// Registers an edited copy of what runs, and deploys it, as the console does.
async fn deploy_by_hand(workspace: &Workspace, edit: impl FnOnce(&mut Json)) {
    let mut definition = running_definition(workspace);
    edit(&mut definition);
    let registered = call(workspace, Service::Ecs, "RegisterTaskDefinition", definition);
    let arn = &registered["taskDefinition"]["taskDefinitionArn"];
    let update = json!({ "cluster": "default", "service": "api", "taskDefinition": arn });
    call(workspace, Service::Ecs, "UpdateService", update);
    workspace.clock_advance(3600).await;
}

#[tokio::test]
async fn what_others_add_underneath_shows_nothing_and_survives_a_deployment() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    let variable = json!({ "name": "ADDED", "value": "1" });
    deploy_by_hand(&workspace, |definition| {
        definition["containerDefinitions"][0]["environment"] = json!([variable]);
    })
    .await;
    let group = workspace.attribute("app", "infrastructure.target_group_arns.0");
    let stickiness = json!([{ "Key": "stickiness.enabled", "Value": "true" }]);
    let input = json!({ "TargetGroupArn": group, "Attributes": stickiness });
    call(&workspace, Service::Elbv2, "ModifyTargetGroupAttributes", input);
    let tasks = workspace.attribute("app", "infrastructure.service_security_group_ids.0");
    let permission = json!([{ "IpProtocol": "tcp", "FromPort": 9000, "ToPort": 9000,
        "IpRanges": [{ "CidrIp": "10.0.0.0/8" }] }]);
    let input = json!({ "GroupId": tasks, "IpPermissions": permission });
    call(&workspace, Service::Ec2, "AuthorizeSecurityGroupIngress", input);
    assert_eq!(workspace.plan("app", &composed("api")).await.0, Action::Nothing);

    workspace.applied("app", &next(&composed("api"))).await;
    let container = &running_definition(&workspace)["containerDefinitions"][0];
    assert_eq!(container["environment"], json!([{ "name": "ADDED", "value": "1" }]));
    let attributes =
        call(&workspace, Service::Elbv2, "DescribeTargetGroupAttributes", json!({ "TargetGroupArn": group }));
    let attributes = attributes["Attributes"].as_array().expect("attributes").clone();
    assert!(attributes.contains(&stickiness[0]), "{attributes:?}");
    let groups = call(&workspace, Service::Ec2, "DescribeSecurityGroups", json!({ "GroupIds": [tasks] }));
    assert!(groups.to_string().contains("10.0.0.0/8"), "{groups}");
}

#[tokio::test]
async fn what_the_configuration_names_is_shown_and_set_again() {
    let mut workspace = workspace().await;
    let config = with(&composed("api"), "deregistration_delay_seconds", 60);
    workspace.applied("app", &config).await;
    deploy_by_hand(&workspace, |definition| {
        definition["containerDefinitions"][0]["image"] = json!("by-hand:1");
    })
    .await;
    let groups = workspace.attribute("app", "infrastructure.target_group_arns");
    for group in groups.as_array().expect("groups") {
        let delay = json!([{ "Key": "deregistration_delay.timeout_seconds", "Value": "90" }]);
        let input = json!({ "TargetGroupArn": group, "Attributes": delay });
        call(&workspace, Service::Elbv2, "ModifyTargetGroupAttributes", input);
    }
    assert_eq!(workspace.plan("app", &composed("api")).await.0, Action::Update, "the image is named");
    assert_eq!(workspace.attribute("app", "primary_container.image"), json!("by-hand:1"));
    assert_eq!(workspace.attribute("app", "deregistration_delay_seconds"), json!(90));
    assert_eq!(workspace.applied("app", &config).await, Action::Update);
    assert_eq!(
        workspace.attribute("app", "primary_container.image"),
        json!("public.ecr.aws/nginx/nginx:1.28")
    );
    assert_eq!(workspace.attribute("app", "deregistration_delay_seconds"), json!(60));
}

#[tokio::test]
async fn what_only_has_a_default_is_taken_as_it_is() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    let groups = workspace.attribute("app", "infrastructure.target_group_arns");
    for group in groups.as_array().expect("groups") {
        let input = json!({ "TargetGroupArn": group, "HealthCheckPath": "/ready" });
        call(&workspace, Service::Elbv2, "ModifyTargetGroup", input);
    }
    assert_eq!(workspace.plan("app", &composed("api")).await.0, Action::Nothing);
    assert_eq!(workspace.attribute("app", "health_check_path"), json!("/ready"));
    workspace.applied("app", &next(&composed("api"))).await;
    assert_eq!(workspace.attribute("app", "health_check_path"), json!("/ready"));
}

#[tokio::test]
async fn a_host_name_that_somebody_put_on_the_rule_shows_nothing_and_stays() {
    let mut workspace = workspace().await;
    let on_domain = |domain: Json| with(&on_a_domain("api"), "domain", domain);
    let config = on_domain(json!({ "hosted_zone": "example.com" }));
    workspace.applied("app", &config).await;
    let rule = workspace.attribute("app", "infrastructure.listener_rule_arn");
    let hosts = json!({ "Values": ["api.example.com", "other.example.com"] });
    let condition = json!([{ "Field": "host-header", "HostHeaderConfig": hosts }]);
    let input = json!({ "RuleArn": rule, "Conditions": condition });
    call(&workspace, Service::Elbv2, "ModifyRule", input);
    let rules = |workspace: &Workspace| {
        call(workspace, Service::Elbv2, "DescribeRules", json!({ "RuleArns": [rule] })).to_string()
    };
    assert_eq!(workspace.plan("app", &config).await.0, Action::Nothing);
    workspace.applied("app", &next(&config)).await;
    assert!(rules(&workspace).contains("other.example.com"), "it stays");
    assert_eq!(workspace.attribute("app", "domain.additional_hostnames"), Json::Null);
}

#[tokio::test]
async fn a_service_that_was_deleted_by_hand_is_made_again_under_its_url() {
    let mut workspace = workspace().await;
    workspace.applied("app", &composed("api")).await;
    let url = workspace.attribute("app", "url");
    let input = json!({ "cluster": "default", "service": "api", "force": true });
    call(&workspace, Service::Ecs, "DeleteService", input);
    workspace.clock_advance(3600).await;
    let (action, said) = workspace.plan("app", &composed("api")).await;
    assert_eq!(workspace.attribute("app", "status"), json!("INCOMPLETE"));
    assert_eq!(action, Action::Update, "{said:?}");
    assert!(format!("{said:?}").contains("Not there any more: ECS service."), "{said:?}");
    workspace.applied("app", &composed("api")).await;
    assert_eq!(workspace.attribute("app", "status"), json!("ACTIVE"));
    assert_eq!(workspace.attribute("app", "url"), url);
    assert_eq!(workspace.plan("app", &composed("api")).await.0, Action::Nothing);
}
