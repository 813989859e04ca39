//! Every finding in its words.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::api::Service;

use super::account::{ecr_image, everything, furnish, make_closed_subnets, render, role, secret};
use crate::support::cloud::call;
use crate::support::workspace::{Action, Workspace, three_inputs, with};

/// Makes something wrong in an account that has everything, and says what is then planned.
type Arrange = fn(&Sandbox, &Json) -> Json;

fn trust(sandbox: &Sandbox, name: &str, principal: &Json) {
    let statement = json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
    let policy = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    let input = json!({ "RoleName": name, "PolicyDocument": policy });
    call(sandbox, Service::Iam, "UpdateAssumeRolePolicy", input);
}

fn in_subnets(config: &Json, subnets: &[String]) -> Json {
    with(config, "network_configuration", json!({ "subnets": subnets }))
}

fn with_container(config: &Json, member: &str, value: Json) -> Json {
    let mut container = config["primary_container"].clone();
    container[member] = value;
    with(config, "primary_container", container)
}

fn wrong_roles(sandbox: &Sandbox, config: &Json) -> Json {
    trust(sandbox, "infrastructure", &json!({ "Service": "ecs-tasks.amazonaws.com" }));
    trust(sandbox, "task", &json!({ "AWS": role("somebody") }));
    call(sandbox, Service::Iam, "DeleteRole", json!({ "RoleName": "execution" }));
    config.clone()
}

fn missing_subnet(_: &Sandbox, config: &Json) -> Json {
    in_subnets(config, &["subnet-0aaaaaaaaaaaaaaaa".to_owned(), "subnet-0bbbbbbbbbbbbbbbb".to_owned()])
}

fn full_subnets(sandbox: &Sandbox, config: &Json) -> Json {
    let (_, subnets) = make_closed_subnets(sandbox, 28);
    let table = main_table(sandbox, &subnets[0]);
    let input =
        json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1" });
    call(sandbox, Service::Ec2, "CreateRoute", input);
    let lots = with(config, "scaling_target", json!({ "max_task_count": 50 }));
    in_subnets(&lots, &subnets)
}

fn main_table(sandbox: &Sandbox, subnet: &str) -> Json {
    let subnets = call(sandbox, Service::Ec2, "DescribeSubnets", json!({ "SubnetIds": [subnet] }));
    let filter = json!({ "Name": "vpc-id", "Values": [subnets["Subnets"][0]["VpcId"]] });
    call(sandbox, Service::Ec2, "DescribeRouteTables", json!({ "Filters": [filter] }))["RouteTables"][0]["RouteTableId"]
        .take()
}

fn no_endpoints(sandbox: &Sandbox, config: &Json) -> Json {
    let (vpc, subnets) = make_closed_subnets(sandbox, 24);
    let input = json!({ "VpcId": vpc, "ServiceName": "com.amazonaws.eu-west-1.ecr.api", "VpcEndpointType": "Interface" });
    call(sandbox, Service::Ec2, "CreateVpcEndpoint", input);
    in_subnets(config, &subnets)
}

fn no_way_to_another_registry(sandbox: &Sandbox, config: &Json) -> Json {
    let (_, subnets) = make_closed_subnets(sandbox, 24);
    let image = json!("public.ecr.aws/nginx/nginx:1.28");
    in_subnets(&with_container(config, "image", image), &subnets)
}

fn no_public_address(_: &Sandbox, config: &Json) -> Json {
    let composed = with(config, "engine", "composed");
    with(&composed, "assign_public_ip", false)
}

fn no_default_network(sandbox: &Sandbox, _: &Json) -> Json {
    for subnet in crate::support::cloud::list_subnet_ids(sandbox) {
        call(sandbox, Service::Ec2, "DeleteSubnet", json!({ "SubnetId": subnet }));
    }
    three_inputs()
}

fn wrong_clusters(_: &Sandbox, config: &Json) -> Json {
    with(config, "cluster", "arn:aws:ecs:eu-west-1:123456789012:cluster/missing")
}

fn deleted_cluster(sandbox: &Sandbox, config: &Json) -> Json {
    call(sandbox, Service::Ecs, "DeleteCluster", json!({ "cluster": "prod" }));
    config.clone()
}

fn missing_log_group(sandbox: &Sandbox, config: &Json) -> Json {
    call(sandbox, Service::Logs, "DeleteLogGroup", json!({ "logGroupName": "/app" }));
    config.clone()
}

fn missing_image(sandbox: &Sandbox, config: &Json) -> Json {
    call(sandbox, Service::Ecr, "CreateRepository", json!({ "repositoryName": "team/api" }));
    config.clone()
}

fn other_architecture(sandbox: &Sandbox, config: &Json) -> Json {
    call(sandbox, Service::Ecr, "CreateRepository", json!({ "repositoryName": "team/api" }));
    let index = json!({ "manifests": [{ "platform": { "os": "linux", "architecture": "amd64" } }] });
    let input = json!({ "repositoryName": "team/api", "imageTag": "1", "imageManifest": index.to_string() });
    call(sandbox, Service::Ecr, "PutImage", input);
    with(config, "cpu_architecture", "ARM64")
}

fn missing_secrets(sandbox: &Sandbox, config: &Json) -> Json {
    let arn = |name: &str| secret(name).trim_end_matches(":password::").to_owned();
    let input = json!({ "SecretId": arn("db-AbCdEf"), "ForceDeleteWithoutRecovery": true });
    call(sandbox, Service::SecretsManager, "DeleteSecret", input);
    call(sandbox, Service::SecretsManager, "DeleteSecret", json!({ "SecretId": "hub" }));
    call(sandbox, Service::Ssm, "DeleteParameter", json!({ "Name": "/app/key" }));
    with_container(config, "repository_credentials", json!({ "credentials_parameter": "hub" }))
}

fn taken_name(sandbox: &Sandbox, config: &Json) -> Json {
    let input = json!({
        "serviceName": "api",
        "cluster": "prod",
        "executionRoleArn": role("execution"),
        "infrastructureRoleArn": role("infrastructure"),
        "primaryContainer": { "image": ecr_image("team/api", "1") },
    });
    call(sandbox, Service::Ecs, "CreateExpressGatewayService", input);
    config.clone()
}

fn role_with_a_path(sandbox: &Sandbox, config: &Json) -> Json {
    call(sandbox, Service::Iam, "DeleteRole", json!({ "RoleName": "execution" }));
    let statement = json!({ "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" });
    let policy = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    let input =
        json!({ "RoleName": "execution", "Path": "/service-role/", "AssumeRolePolicyDocument": policy });
    call(sandbox, Service::Iam, "CreateRole", input);
    config.clone()
}

fn no_spot(_: &Sandbox, config: &Json) -> Json {
    with(&with(config, "engine", "composed"), "capacity_provider", "FARGATE_SPOT")
}

const CASES: [(&str, Arrange); 16] = [
    ("roles that are missing or trust others", wrong_roles),
    ("a role whose ARN lacks its path", role_with_a_path),
    ("a cluster without FARGATE_SPOT", no_spot),
    ("subnets that are not there", missing_subnet),
    ("subnets with few free addresses", full_subnets),
    ("private subnets without NAT and endpoints", no_endpoints),
    ("private subnets and an image of another registry", no_way_to_another_registry),
    ("public subnets without public addresses", no_public_address),
    ("no default subnets", no_default_network),
    ("a cluster that is not there", wrong_clusters),
    ("a cluster that was deleted", deleted_cluster),
    ("a log group that is not there", missing_log_group),
    ("an image that was not pushed", missing_image),
    ("an image for the other processor", other_architecture),
    ("secrets and parameters that are not there", missing_secrets),
    ("a name that a live service has", taken_name),
];

async fn plan(provider: Json, arrange: Arrange) -> (Action, String) {
    let mut workspace = Workspace::with_provider(provider).await;
    let subnets = furnish(&workspace.sandbox);
    let config = arrange(&workspace.sandbox, &everything(&subnets));
    let (action, diagnostics) = workspace.plan("app", &config).await;
    (action, render(&diagnostics))
}

#[tokio::test]
async fn every_finding_is_told_in_words_and_the_plan_goes_on() {
    let mut text = String::new();
    for (name, arrange) in CASES {
        let (action, told) = plan(json!({}), arrange).await;
        assert_eq!(action, Action::Create, "{name}: {told}");
        writeln!(text, "## {name}\n\n{told}").expect("memory");
    }
    let ids = |word: &str| word.starts_with("`subnet-0") || word.starts_with("`vpc-");
    assert!(text.split_whitespace().any(ids), "the text names subnets and VPCs");
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn an_error_fails_the_plan_where_the_finding_is_certain() {
    let (action, told) = plan(json!({ "preflight": "error" }), missing_image).await;
    assert_eq!(action, Action::Nothing);
    assert!(told.starts_with("Error: The image does not exist\n  at primary_container.image\n"), "{told}");
    let (action, told) = plan(json!({ "preflight": "error" }), no_endpoints).await;
    assert_eq!(action, Action::Create);
    assert!(told.starts_with("Warning: Tasks may have no way to pull their image\n"), "{told}");
}

#[tokio::test]
async fn nothing_is_said_or_looked_up_when_it_is_off() {
    let mut workspace = Workspace::with_provider(json!({ "preflight": "off" })).await;
    let subnets = furnish(&workspace.sandbox);
    let config = missing_image(&workspace.sandbox, &everything(&subnets));
    let (action, diagnostics) = workspace.plan("app", &config).await;
    assert_eq!((action, render(&diagnostics).as_str()), (Action::Create, "(nothing)\n"));
    let calls = workspace.sandbox.calls();
    let asked = |operation: &&str| calls.iter().any(|call| call.operation == **operation);
    assert!(!super::account::OPERATIONS.iter().any(asked), "{calls:#?}");
}

#[tokio::test]
async fn what_endpoints_lead_to_needs_no_nat_gateway() {
    let mut workspace = Workspace::new().await;
    furnish(&workspace.sandbox);
    let (vpc, subnets) = make_closed_subnets(&workspace.sandbox, 24);
    for service in ["ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager", "ssm"] {
        let name = format!("com.amazonaws.eu-west-1.{service}");
        let input = json!({ "VpcId": vpc, "ServiceName": name });
        call(&workspace.sandbox, Service::Ec2, "CreateVpcEndpoint", input);
    }
    let (_, diagnostics) = workspace.plan("app", &everything(&subnets)).await;
    assert_eq!(render(&diagnostics), "(nothing)\n");
}

#[tokio::test]
async fn a_repository_that_a_cache_fills_may_lack_an_image() {
    let mut workspace = Workspace::new().await;
    let subnets = furnish(&workspace.sandbox);
    let config = missing_image(&workspace.sandbox, &everything(&subnets));
    call(
        &workspace.sandbox,
        Service::Ecr,
        "CreatePullThroughCacheRule",
        json!({ "ecrRepositoryPrefix": "team" }),
    );
    let (_, diagnostics) = workspace.plan("app", &config).await;
    assert_eq!(render(&diagnostics), "(nothing)\n");
}
