//! `terraform query`: services are listed, imported by identity, and get a configuration that plans no change.

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::Value;
use terraform_provider_express::framework::list_resource::Listed;
use terraform_provider_express::framework::server::ListResourceRequest;
use terraform_provider_express::framework::value::json::encode;
use terraform_provider_express::protocol::client::Listing;
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::faults::{FaultEffect, FaultRule};

use super::{Plugin, TYPE_NAME};
use crate::composed::kinds::create_every_kind;
use crate::composed::{composed, make_plain_service};
use crate::support::cloud::{call, create_cluster};
use crate::support::hand::make_private_subnets;
use crate::support::values::summaries;
use crate::support::workspace::{Workspace, expand};

async fn list(plugin: &Plugin, config: Json, includes_resource: bool, limit: Option<usize>) -> Listing {
    let config = expand(plugin.client().list_resource_type(TYPE_NAME).expect("known"), &config);
    let said = plugin.client().validate_list_resource_config(TYPE_NAME, &config).await.expect("answers");
    assert!(said.is_empty(), "{said:?}");
    let request = ListResourceRequest { type_name: TYPE_NAME.to_owned(), config, includes_resource, limit };
    plugin.client().list_resource(request).await.expect("answers")
}

fn names(listing: &Listing) -> Vec<&str> {
    assert!(listing.diagnostics.is_empty(), "{:?}", listing.diagnostics);
    listing.listed.iter().map(|listed| listed.display_name.as_str()).collect()
}

/// Services with settings that only other tools make.
fn create_odd_services(plugin: &Plugin) -> usize {
    create_cluster(&plugin.sandbox, "prod");
    let definition = call(
        &plugin.sandbox,
        Service::Ecs,
        "RegisterTaskDefinition",
        json!({
            "family": "by-hand", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "containerDefinitions": [{
                "name": "Main", "image": "nginx", "portMappings": [{ "containerPort": 80, "name": "http" }],
            }],
        }),
    );
    let definition_arn = &definition["taskDefinition"]["taskDefinitionArn"];
    let services = [
        json!({ "serviceName": "plain" }),
        json!({}),
        json!({ "serviceName": "prod", "cluster": "prod", "tags": [{ "key": "team", "value": "web" }] }),
        json!({ "serviceName": "zero", "scalingTarget": { "minTaskCount": 0, "maxTaskCount": 2 } }),
        json!({
            "serviceName": "by-hand", "taskDefinitionArn": definition_arn,
            "primaryContainer": null, "executionRoleArn": null,
        }),
        json!({
            "serviceName": "full",
            "cpu": "512", "memory": "1024", "healthCheckPath": "/health?deep=1",
            "taskRoleArn": "arn:aws:iam::123456789012:role/task",
            "primaryContainer": {
                "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:\
                          e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "containerPort": 8080,
                "command": ["sh", "-c", "exec \"$0\" ${ARGS} %{ if }"],
                "environment": [{ "name": "B", "value": "${not} a \"reference\"\nline" }, { "name": "A", "value": "" }],
                "secrets": [{ "name": "S", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/s" }],
                "awsLogsConfiguration": { "logGroup": "/odd/group", "logStreamPrefix": "x" },
                "repositoryCredentials": {
                    "credentialsParameter": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pull-abcdef",
                },
            },
            "scalingTarget": {
                "autoScalingMetric": "REQUEST_COUNT_PER_TARGET", "autoScalingTargetValue": 100,
            },
        }),
    ];
    let count = services.len();
    for service in services {
        plugin.create_service(service);
    }
    count + create_in_private_network(plugin)
}

/// A service in private subnets with security groups of its user's, for the other processor.
fn create_in_private_network(plugin: &Plugin) -> usize {
    let subnets = make_private_subnets(&plugin.sandbox, 2);
    let vpcs = call(&plugin.sandbox, Service::Ec2, "DescribeSubnets", json!({ "SubnetIds": subnets }));
    let vpc = &vpcs["Subnets"][0]["VpcId"];
    let input = json!({ "GroupName": "ours", "Description": "ours", "VpcId": vpc });
    let group = call(&plugin.sandbox, Service::Ec2, "CreateSecurityGroup", input);
    plugin.create_service(json!({
        "serviceName": "private", "cpuArchitecture": "ARM64",
        "networkConfiguration": { "subnets": subnets, "securityGroups": [group["GroupId"]] },
    }));
    1
}

#[tokio::test]
async fn a_query_lists_every_service_by_identity() {
    let plugin = Plugin::start().await;
    create_cluster(&plugin.sandbox, "prod");
    let arn = plugin.create_service(json!({ "serviceName": "b" }));
    plugin.create_service(json!({ "serviceName": "a", "tags": [{ "key": "team", "value": "web" }] }));
    plugin.create_service(json!({ "serviceName": "c", "cluster": "prod" }));

    let all = list(&plugin, json!({}), false, Some(100)).await;
    assert_eq!(names(&all), ["default/a", "default/b", "prod/c"]);
    let found = &all.listed[1];
    assert!(found.resource.is_none());
    assert_eq!(found.identity, Value::object([("service_arn", Value::String(arn))]));

    assert_eq!(names(&list(&plugin, json!({}), false, Some(2)).await), ["default/a", "default/b"]);
    assert_eq!(names(&list(&plugin, json!({ "cluster": "prod" }), false, None).await), ["prod/c"]);
    assert_eq!(names(&list(&plugin, json!({ "tags": { "team": "web" } }), false, None).await), ["default/a"]);
}

#[tokio::test]
async fn a_listed_service_is_imported_with_a_configuration_that_plans_no_change() {
    let plugin = Plugin::start().await;
    let count = create_odd_services(&plugin);
    check_generated_configurations(&plugin, count).await;
}

#[tokio::test]
async fn a_listed_service_of_the_composed_engine_is_imported_in_the_same_way() {
    let plugin = Plugin::start().await;
    let mut owner = Workspace::on(&plugin.sandbox, &plugin.clock).await;
    let made = create_every_kind(&mut owner).await;
    check_generated_configurations(&plugin, made.len()).await;
}

/// Lists everything, imports it by identity, and plans with what a newer core would write.
async fn check_generated_configurations(plugin: &Plugin, count: usize) {
    let listing = list(plugin, json!({}), true, None).await;
    assert_eq!(names(&listing).len(), count);
    let r#type = plugin.client().resource_type(TYPE_NAME).expect("known");
    for Listed { identity, display_name, resource, .. } in &listing.listed {
        let listed = resource.as_ref().expect("asked for");
        let state = plugin.import(identity).await;
        let encoded = |value| encode(value, r#type).expect("wholly known");
        assert_eq!(encoded(listed), encoded(&state), "{display_name}: listed as imported");
        let generated = plugin.client().generate_resource_config(TYPE_NAME, listed).await.expect("answers");
        assert!(generated.diagnostics.is_empty(), "{:?}", generated.diagnostics);
        let planned = plugin.plan(&generated.config, &state).await;
        assert_eq!(encoded(&planned), encoded(&state), "{display_name}: no change");
    }
}

#[tokio::test]
async fn a_generated_configuration_holds_what_a_user_would_write() {
    let plugin = Plugin::start().await;
    plugin.create_service(json!({ "serviceName": "app" }));
    let listing = list(&plugin, json!({}), true, None).await;
    let listed = listing.listed[0].resource.as_ref().expect("asked for");
    let generated = plugin.client().generate_resource_config(TYPE_NAME, listed).await.expect("answers");
    let r#type = plugin.client().resource_type(TYPE_NAME).expect("known");
    let config = encode(&generated.config, r#type).expect("wholly known");
    let Json::Object(members) = config else { panic!("an object") };
    let written: Vec<&str> =
        members.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        written,
        [
            "cluster",
            "cpu",
            "cpu_architecture",
            "execution_role_arn",
            "health_check_path",
            "infrastructure_role_arn",
            "memory",
            "primary_container",
            "scaling_target",
            "service_name"
        ]
    );
}

#[tokio::test]
async fn a_query_that_cannot_be_answered_says_why() {
    let plugin = Plugin::start().await;
    let config =
        expand(plugin.client().list_resource_type(TYPE_NAME).expect("known"), &json!({ "engine": "other" }));
    let said = plugin.client().validate_list_resource_config(TYPE_NAME, &config).await.expect("answers");
    assert!(said.has_errors());
    let effect = FaultEffect::Fail {
        code: "AccessDeniedException".to_owned(),
        message: "no ecs:ListClusters".to_owned(),
        status: 400,
    };
    plugin.sandbox.add_fault(FaultRule::on("ListClusters", effect)).expect("a rule");
    let listing = list(&plugin, json!({}), false, None).await;
    assert!(listing.listed.is_empty());
    assert_eq!(summaries(&listing.diagnostics), ["Cannot list the services in eu-west-1"]);
}

#[tokio::test]
async fn services_of_both_engines_are_listed_and_told_apart() {
    let plugin = Plugin::start().await;
    let mut owner = Workspace::on(&plugin.sandbox, &plugin.clock).await;
    owner.applied("c", &composed("c")).await;
    plugin.create_service(json!({ "serviceName": "m" }));
    make_plain_service(&owner, "default", "theirs");
    assert_eq!(names(&list(&plugin, json!({}), true, None).await), ["default/c", "default/m"]);
    for (engine, expected) in [("composed", ["default/c"]), ("managed", ["default/m"])] {
        let listing = list(&plugin, json!({ "engine": engine }), true, None).await;
        assert_eq!(names(&listing), expected);
        let resource = listing.listed[0].resource.as_ref().expect("asked for");
        assert_eq!(resource.member("engine"), Some(&Value::String(engine.to_owned())));
    }
}

fn denied(operation: &str) -> FaultRule {
    let effect = FaultEffect::Fail {
        code: "AccessDeniedException".to_owned(),
        message: format!("User is not authorized to perform: ecs:{operation}"),
        status: 400,
    };
    FaultRule::on(operation, effect)
}

#[tokio::test]
async fn what_cannot_be_read_is_left_out_with_a_warning_and_hides_nothing_else() {
    let plugin = Plugin::start().await;
    for name in ["a", "b", "c"] {
        plugin.create_service(json!({ "serviceName": name }));
    }
    plugin.sandbox.add_fault(denied("DescribeExpressGatewayService").skip(1)).expect("a rule");
    let listing = list(&plugin, json!({}), true, None).await;
    let names = |listing: &Listing| {
        listing.listed.iter().map(|listed| listed.display_name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&listing), ["default/a", "default/c"]);
    assert!(!listing.diagnostics.has_errors());
    assert_eq!(summaries(&listing.diagnostics), ["Service `b` is left out: it cannot be read"]);

    create_cluster(&plugin.sandbox, "prod");
    plugin.create_service(json!({ "serviceName": "d", "cluster": "prod" }));
    plugin.sandbox.add_fault(denied("ListServices")).expect("a rule");
    let listing = list(&plugin, json!({}), true, None).await;
    assert!(!listing.listed.is_empty() && listing.listed.len() < 4, "{:?}", names(&listing));
    assert!(!listing.diagnostics.has_errors());
    let [said] = &summaries(&listing.diagnostics)[..] else { panic!("{:?}", listing.diagnostics) };
    assert!(said.starts_with("Services of cluster `"), "{said}");
}

#[tokio::test]
async fn a_cluster_that_does_not_exist_is_said_to_be_missing() {
    let plugin = Plugin::start().await;
    let listing = list(&plugin, json!({ "cluster": "nowhere" }), false, None).await;
    assert!(listing.listed.is_empty() && !listing.diagnostics.has_errors());
    assert_eq!(summaries(&listing.diagnostics), ["Cluster `nowhere` does not exist"]);
}
