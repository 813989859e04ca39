//! An account in which things are missing or wrong, and the configuration that depends on them.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::{Diagnostics, diagnostics::Severity};
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::api::Service;

use crate::support::cloud::call;
use crate::support::workspace::{Workspace, three_inputs};

/// Operations that only preflight makes.
pub(super) const OPERATIONS: [&str; 9] = [
    "GetRole",
    "DescribeVpcs",
    "DescribeVpcEndpoints",
    "DescribeClusters",
    "DescribeLogGroups",
    "BatchGetImage",
    "DescribePullThroughCacheRules",
    "DescribeSecret",
    "DescribeParameters",
];

/// An image of the account's own registry.
pub(crate) fn ecr_image(repository: &str, tag: &str) -> String {
    format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/{repository}:{tag}")
}

/// ARN of a role.
pub(crate) fn role(name: &str) -> String {
    format!("arn:aws:iam::123456789012:role/{name}")
}

/// ARN of a secret, with the key that is read of it.
pub(crate) fn secret(name: &str) -> String {
    format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}:password::")
}

/// A configuration that depends on everything that can be looked up.
pub(crate) fn everything(subnets: &[String]) -> Json {
    let mut config = three_inputs();
    config["service_name"] = json!("api");
    config["task_role_arn"] = json!(role("task"));
    config["cluster"] = json!("prod");
    config["network_configuration"] = json!({ "subnets": subnets });
    config["primary_container"] = json!({
        "image": ecr_image("team/api", "1"),
        "secrets": { "DB": secret("db-AbCdEf"), "KEY": "/app/key" },
        "aws_logs_configuration": { "log_group": "/app" },
    });
    config
}

/// Makes what [`everything`] needs beyond what the sandbox always has; the subnets.
pub(crate) fn furnish(sandbox: &Sandbox) -> Vec<String> {
    crate::support::cloud::create_cluster(sandbox, "prod");
    call(sandbox, Service::Logs, "CreateLogGroup", json!({ "logGroupName": "/app" }));
    crate::support::cloud::list_subnet_ids(sandbox)
}

/// Subnets without any route out of their VPC, in three zones; and the VPC.
pub(crate) fn make_closed_subnets(sandbox: &Sandbox, prefix_length: u32) -> (String, Vec<String>) {
    let ec2 = |operation, input| call(sandbox, Service::Ec2, operation, input);
    let vpc = ec2("CreateVpc", json!({ "CidrBlock": "10.7.0.0/16" }))["Vpc"]["VpcId"].take();
    let subnets = ["a", "b", "c"].into_iter().enumerate().map(|(index, zone)| {
        let cidr = format!("10.7.{index}.0/{prefix_length}");
        let input =
            json!({ "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": format!("eu-west-1{zone}") });
        ec2("CreateSubnet", input)["Subnet"]["SubnetId"].as_str().expect("an id").to_owned()
    });
    let subnets = subnets.collect();
    (vpc.as_str().expect("an id").to_owned(), subnets)
}

/// Calls of one operation so far.
pub(crate) fn count_calls(workspace: &Workspace, operation: &str) -> usize {
    workspace.sandbox.calls().iter().filter(|call| call.operation == operation).count()
}

/// What a user reads.
pub(crate) fn render(diagnostics: &Diagnostics) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let severity = if diagnostic.severity == Severity::Error { "Error" } else { "Warning" };
        let path = diagnostic.path.as_ref().map(ToString::to_string).unwrap_or_default();
        writeln!(text, "{severity}: {}\n  at {path}", diagnostic.summary).expect("memory");
        for line in diagnostic.render_detail().lines() {
            writeln!(text, "{}", format!("  {line}").trim_end()).expect("memory");
        }
    }
    if text.is_empty() { "(nothing)\n".to_owned() } else { text }
}
