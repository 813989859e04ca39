//! Actions: a service is redeployed, a deployment is rolled back, and both say how far they are.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_express::clock::Clock as _;
use terraform_provider_express::framework::server::ActionRequest;
use terraform_provider_express::protocol::client::Invocation;
use terraform_provider_express::sandbox::api::Service;

use super::{CAPABILITIES, Plugin};
use crate::composed::composed;
use crate::permissions::assert_allowed;
use crate::support::cloud::call;
use crate::support::values::summaries;
use crate::support::workspace::{Action as CoreAction, Workspace, expand, with};

const REDEPLOY: &str = "express_gateway_service_redeploy";
const ROLL_BACK: &str = "express_gateway_service_rollback";

/// Validates, plans and invokes, as core does.
async fn invoke(plugin: &Plugin, type_name: &str, config: &Json) -> Invocation {
    let client = plugin.client();
    let config = expand(client.action_type(type_name).expect("known"), config);
    let said = client.validate_action_config(type_name, &config).await.expect("answers");
    assert!(said.is_empty(), "{said:?}");
    let request =
        ActionRequest { type_name: type_name.to_owned(), config: config.clone(), capabilities: CAPABILITIES };
    let said = client.plan_action(request).await.expect("answers");
    assert!(said.is_empty(), "{said:?}");
    client.invoke_action(type_name, &config).await.expect("answers")
}

/// A service whose first deployment has ended.
async fn settled_service(plugin: &Plugin, name: &str) -> String {
    let arn = plugin.create_service(json!({ "serviceName": name }));
    plugin.clock.sleep(Duration::from_secs(3600)).await;
    arn
}

fn deployment_statuses(plugin: &Plugin, name: &str) -> Vec<String> {
    let listed = call(&plugin.sandbox, Service::Ecs, "ListServiceDeployments", json!({ "service": name }));
    let deployments = listed["serviceDeployments"].as_array().expect("deployments").iter();
    deployments.map(|one| one["status"].as_str().expect("a status").to_owned()).collect()
}

#[tokio::test]
async fn a_redeployment_is_followed_to_its_end() {
    let plugin = Plugin::start().await;
    let container = json!({
        "image": "public.ecr.aws/nginx/nginx:latest",
        "environment": [{ "name": "A", "value": "1" }],
        "command": ["serve"],
    });
    let arn = plugin.create_service(json!({ "serviceName": "app", "primaryContainer": container }));
    plugin.clock.sleep(Duration::from_secs(3600)).await;
    plugin.sandbox.clear_calls();
    let invocation = invoke(&plugin, REDEPLOY, &json!({ "service_arn": arn })).await;
    let said = invocation.completed.expect("the stream says how it ended");
    assert!(said.is_empty(), "{said:?}");
    // With a forced deployment AWS may run the old digest of a tag that moved; with the same container it does not.
    let calls = plugin.sandbox.calls();
    let [update] = &calls.iter().filter(|call| call.operation.starts_with("Update")).collect::<Vec<_>>()[..]
    else {
        panic!("one update: {calls:#?}");
    };
    assert_eq!(update.operation, "UpdateExpressGatewayService");
    for (member, value) in container.as_object().expect("an object") {
        assert_eq!(&update.input["primaryContainer"][member], value, "{member}");
    }
    let lines = invocation.progress.join("\n");
    for part in ["redeploying app", "stage BAKE_TIME", "traffic: new revision 100 %", "SUCCESSFUL"] {
        assert!(lines.contains(part), "{part} is missing in:\n{lines}");
    }
    assert_eq!(deployment_statuses(&plugin, "app"), ["SUCCESSFUL", "SUCCESSFUL"]);
}

#[tokio::test]
async fn a_deployment_under_way_is_rolled_back() {
    let plugin = Plugin::start().await;
    let arn = settled_service(&plugin, "app").await;
    let update =
        json!({ "serviceArn": arn, "primaryContainer": { "image": "public.ecr.aws/nginx/nginx:1.29" } });
    call(&plugin.sandbox, Service::Ecs, "UpdateExpressGatewayService", update);
    plugin.clock.sleep(Duration::from_secs(120)).await;

    let invocation = invoke(&plugin, ROLL_BACK, &json!({ "service_arn": arn })).await;
    let said = invocation.completed.expect("the stream says how it ended");
    assert!(said.is_empty(), "{said:?}");
    let lines = invocation.progress.join("\n");
    assert!(lines.contains("ROLLBACK_SUCCESSFUL"), "{lines}");
    assert_eq!(deployment_statuses(&plugin, "app"), ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]);
    assert_allowed(&plugin.sandbox.calls(), &["Services", "Actions"]);
}

/// A service of the composed engine whose first deployment has ended, and its owner.
async fn composed_service(plugin: &Plugin, name: &str) -> (Workspace, String) {
    let mut owner = Workspace::on(&plugin.sandbox, &plugin.clock).await;
    owner.applied(name, &composed(name)).await;
    let arn = owner.attribute(name, "service_arn").as_str().expect("an ARN").to_owned();
    (owner, arn)
}

#[tokio::test]
async fn a_service_of_the_composed_engine_is_redeployed_without_a_change() {
    let plugin = Plugin::start().await;
    let (mut owner, arn) = composed_service(&plugin, "app").await;
    let definition = owner.attribute("app", "task_definition_arn");
    let invocation = invoke(&plugin, REDEPLOY, &json!({ "service_arn": arn })).await;
    let said = invocation.completed.expect("the stream says how it ended");
    assert!(said.is_empty(), "{said:?}");
    let lines = invocation.progress.join("\n");
    for part in ["redeploying app", "traffic: new revision 100 %", "SUCCESSFUL"] {
        assert!(lines.contains(part), "{part} is missing in:\n{lines}");
    }
    assert_eq!(deployment_statuses(&plugin, "app"), ["SUCCESSFUL", "SUCCESSFUL"]);
    assert_eq!(owner.plan("app", &composed("app")).await.0, CoreAction::Nothing);
    assert_eq!(owner.attribute("app", "task_definition_arn"), definition);
}

#[tokio::test]
async fn a_deployment_of_the_composed_engine_is_rolled_back_and_the_next_plan_brings_it_again() {
    let plugin = Plugin::start().await;
    let (mut owner, arn) = composed_service(&plugin, "app").await;
    let running = owner.attribute("app", "task_definition_arn");
    let config = with(&composed("app"), "wait_for_steady_state", false);
    let config = with(&config, "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }));
    owner.applied("app", &config).await;
    plugin.clock.sleep(Duration::from_secs(120)).await;
    let invocation = invoke(&plugin, ROLL_BACK, &json!({ "service_arn": arn })).await;
    let said = invocation.completed.expect("the stream says how it ended");
    assert!(said.is_empty(), "{said:?}");
    assert!(invocation.progress.join("\n").contains("ROLLBACK_SUCCESSFUL"), "{:?}", invocation.progress);
    assert_eq!(deployment_statuses(&plugin, "app"), ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]);
    assert_eq!(owner.plan("app", &config).await.0, CoreAction::Update);
    assert_eq!(owner.attribute("app", "task_definition_arn"), running);
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let plugin = Plugin::start().await;
    let arn = settled_service(&plugin, "app").await;
    let invocation = invoke(&plugin, ROLL_BACK, &json!({ "service_arn": arn })).await;
    let said = invocation.completed.expect("the stream says how it ended");
    assert_eq!(summaries(&said), ["Cannot roll back service `app`"]);

    let update =
        json!({ "serviceArn": arn, "primaryContainer": { "image": "public.ecr.aws/nginx/nginx:1.29" } });
    call(&plugin.sandbox, Service::Ecs, "UpdateExpressGatewayService", update);
    plugin.clock.sleep(Duration::from_secs(120)).await;
    let invocation = invoke(&plugin, REDEPLOY, &json!({ "service_arn": arn })).await;
    let said = invocation.completed.expect("the stream says how it ended");
    assert_eq!(summaries(&said), ["Cannot redeploy service `app`: another deployment is running"]);

    let elsewhere = arn.replace("eu-west-1", "us-east-1");
    let invocation = invoke(&plugin, REDEPLOY, &json!({ "service_arn": elsewhere })).await;
    let said = invocation.completed.expect("the stream says how it ended");
    assert_eq!(summaries(&said), ["Service `app` is in another region"]);
}

#[tokio::test]
async fn a_failed_redeployment_says_why() {
    let plugin = Plugin::start().await;
    let arn = settled_service(&plugin, "app").await;
    let rule = "image-not-found".parse().expect("a scenario");
    plugin.sandbox.with_world(|world| world.add_scenario(rule));
    let invocation = invoke(&plugin, REDEPLOY, &json!({ "service_arn": arn, "timeout": "3h" })).await;
    let said = invocation.completed.expect("the stream says how it ended");
    assert!(said.has_errors(), "{:?}", invocation.progress);
    assert_eq!(summaries(&said), ["Cannot redeploy service `app`: its deployment was rolled back"]);
    let detail = &said.iter().next().expect("one").detail;
    assert!(detail.contains("image"), "{detail}");
    assert_allowed(&plugin.sandbox.calls(), &["Services", "InYourName", "Actions", "LookUnderneath"]);
}

#[tokio::test]
async fn an_action_refuses_what_is_no_service() {
    let plugin = Plugin::start().await;
    let config = json!({ "service_arn": "arn:aws:s3:::bucket", "timeout": "soon" });
    let config = expand(plugin.client().action_type(REDEPLOY).expect("known"), &config);
    let said = plugin.client().validate_action_config(REDEPLOY, &config).await.expect("answers");
    assert_eq!(summaries(&said).len(), 2, "{said:?}");
}
