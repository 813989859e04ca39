//! What AWS says of a service, past the provider.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::api::Service;
use terraform_provider_express::sandbox::journal::Call;
use terraform_provider_express::sandbox::world::World;

use crate::support::cloud::call;
use crate::support::workspace::Workspace;

/// ARN of an instance's service.
pub(super) fn arn(workspace: &Workspace, name: &str) -> String {
    workspace.attribute(name, "service_arn").as_str().expect("an ARN").to_owned()
}

/// `DescribeExpressGatewayService`.
pub(super) fn service(workspace: &Workspace, name: &str) -> Json {
    let input = json!({ "serviceArn": arn(workspace, name), "include": ["TAGS"] });
    call(&workspace.sandbox, Service::Ecs, "DescribeExpressGatewayService", input)["service"].take()
}

/// The one configuration that is active outside of deployments.
pub(super) fn configuration(workspace: &Workspace, name: &str) -> Json {
    let mut service = service(workspace, name);
    let configurations = service["activeConfigurations"].as_array().expect("a list");
    assert_eq!(configurations.len(), 1, "{configurations:#?}");
    service["activeConfigurations"][0].take()
}

/// Deployments of a service, newest first.
pub(super) fn deployments(workspace: &Workspace, name: &str) -> Vec<Json> {
    let input = json!({ "service": arn(workspace, name) });
    let mut answer = call(&workspace.sandbox, Service::Ecs, "ListServiceDeployments", input);
    match answer["serviceDeployments"].take() {
        Json::Array(deployments) => deployments,
        other => panic!("no list: {other}"),
    }
}

/// Calls of one operation, oldest first.
pub(crate) fn calls_of(workspace: &Workspace, operation: &str) -> Vec<Call> {
    workspace.sandbox.calls().into_iter().filter(|call| call.operation == operation).collect()
}

/// Switches a scenario on, as on the command line of the sandbox.
pub(crate) fn befall(workspace: &Workspace, scenario: &str) {
    let rule = scenario.parse().expect("a scenario");
    workspace.sandbox.with_world(|world| world.add_scenario(rule));
}

/// Switches every scenario off.
pub(crate) fn relieve(workspace: &Workspace) {
    workspace.sandbox.with_world(World::clear_scenarios);
}
