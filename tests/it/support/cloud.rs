//! What is in the simulated account besides services: made and looked up past the provider.

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::api::{ApiError, Request, RequestContext, Service};

/// One call straight into the sandbox's world, in the account and region of the tests. It is not in the journal.
pub(crate) fn call(sandbox: &Sandbox, service: Service, operation: &str, input: Json) -> Json {
    try_call(sandbox, service, operation, input).unwrap_or_else(|error| panic!("{operation}: {error}"))
}

/// As [`call`], for a call that may be refused.
pub(crate) fn try_call(
    sandbox: &Sandbox,
    service: Service,
    operation: &str,
    input: Json,
) -> Result<Json, ApiError> {
    let context = RequestContext {
        account_id: "123456789012".to_owned(),
        region: "eu-west-1".to_owned(),
        now: sandbox.now(),
    };
    let request = Request { service, operation: operation.to_owned(), input, context };
    sandbox.with_world(|world| world.call(&request))
}

/// Makes a cluster.
pub(crate) fn create_cluster(sandbox: &Sandbox, name: &str) {
    call(sandbox, Service::Ecs, "CreateCluster", json!({ "clusterName": name }));
}

/// Ids of the default VPC's subnets.
pub(crate) fn list_subnet_ids(sandbox: &Sandbox) -> Vec<String> {
    ids(&call(sandbox, Service::Ec2, "DescribeSubnets", json!({})), "Subnets", "SubnetId")
}

/// Id of the default VPC's own security group.
pub(crate) fn default_security_group_id(sandbox: &Sandbox) -> String {
    let groups = call(sandbox, Service::Ec2, "DescribeSecurityGroups", json!({}));
    ids(&groups, "SecurityGroups", "GroupId").remove(0)
}

fn ids(answer: &Json, list: &str, id: &str) -> Vec<String> {
    let elements = answer[list].as_array().unwrap_or_else(|| panic!("no {list} in {answer}"));
    elements.iter().map(|element| element[id].as_str().expect("an id").to_owned()).collect()
}

/// ARNs of the services of the default cluster that are not INACTIVE.
pub(crate) fn list_service_arns(sandbox: &Sandbox) -> Vec<String> {
    let mut arns = Vec::new();
    let mut input = json!({ "maxResults": 100 });
    loop {
        let Ok(listed) = try_call(sandbox, Service::Ecs, "ListServices", input.clone()) else { return arns };
        let page = listed["serviceArns"].as_array().cloned().unwrap_or_default();
        arns.extend(page.iter().filter_map(Json::as_str).map(str::to_owned));
        if listed["nextToken"].is_null() {
            return arns;
        }
        input["nextToken"] = listed["nextToken"].clone();
    }
}
