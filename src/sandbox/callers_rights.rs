//! What a call needs a right to besides its own name.
//!
//! Express Mode registers and describes task definitions, passes roles and makes the cluster `default` in the name of its
//! caller, on create and on update. Three projects found each by a failing deployment (facts, W2). The
//! roles are passed without `iam:PassedToService` (W3; others report that a condition on it holds, so it may have changed).

use serde_json::Value;

use super::api::{Request, Service};

/// What ECS calls in the caller's name while it carries out a call.
pub fn in_the_callers_name(operation: &str, input: &Value) -> Vec<(Service, &'static str)> {
    let is_create = operation == "CreateExpressGatewayService";
    if !is_create && operation != "UpdateExpressGatewayService" {
        return Vec::new();
    }
    let mut calls = vec![(Service::Ecs, "DescribeTaskDefinition"), (Service::Iam, "PassRole")];
    if input["taskDefinitionArn"].is_null() {
        calls.push((Service::Ecs, "RegisterTaskDefinition"));
    }
    let cluster = input["cluster"].as_str().unwrap_or("default");
    if is_create && (cluster == "default" || cluster.ends_with(":cluster/default")) {
        calls.push((Service::Ecs, "CreateCluster"));
    }
    calls
}

/// The same of a request; what is only needed while the cluster is missing is left out.
pub(super) fn needed(request: &Request) -> Vec<(Service, &'static str)> {
    let mut calls = in_the_callers_name(&request.operation, &request.input);
    calls.retain(|(_, operation)| *operation != "CreateCluster");
    calls
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn express_mode_registers_a_task_definition_unless_it_is_given_one() {
        let called = |operation: &str, input: Value| -> Vec<&str> {
            in_the_callers_name(operation, &input).into_iter().map(|(_, operation)| operation).collect()
        };
        let create = called("CreateExpressGatewayService", json!({ "primaryContainer": {} }));
        assert_eq!(create, ["DescribeTaskDefinition", "PassRole", "RegisterTaskDefinition", "CreateCluster"]);
        let own = json!({ "taskDefinitionArn": "arn", "cluster": "prod" });
        assert_eq!(called("CreateExpressGatewayService", own), ["DescribeTaskDefinition", "PassRole"]);
        assert!(called("DescribeServices", json!({})).is_empty());
    }
}
