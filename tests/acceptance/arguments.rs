//! Every argument: alone, all together, and none but the three.

use serde_json::{Value, json};

use crate::support::aws::Aws;
use crate::support::configuration::{
    EXECUTION_ROLE_ARN, IMAGE, INFRASTRUCTURE_ROLE_ARN, service, service_of_container,
};
use crate::support::{SandboxProcess, Workspace, with_every_cli};

/// An optional argument set alone: name of the service, what is written, and what the state then holds where.
struct Alone {
    name: &'static str,
    arguments: String,
    pointer: &'static str,
    value: Value,
}

fn alone(name: &'static str, arguments: &str, pointer: &'static str, value: impl Into<Value>) -> Alone {
    Alone { name, arguments: arguments.to_owned(), pointer, value: value.into() }
}

const SECRET_ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
const TASK_ROLE_ARN: &str = "arn:aws:iam::123456789012:role/app";

#[expect(clippy::too_many_lines, reason = "a table, one row for each argument")]
fn table(network: &Network) -> Vec<Alone> {
    let in_container = |text: &str| format!("primary_container = {{\nimage = {IMAGE:?}\n{text}\n}}");
    let container =
        |name, text: &str, pointer, value: Value| alone(name, &in_container(text), pointer, value);
    vec![
        alone("engine", r#"engine = "managed""#, "/engine", "managed"),
        alone("service_name", r#"service_name = "given""#, "/service_name", "given"),
        alone("cluster", r#"cluster = "default""#, "/cluster", "default"),
        alone("cluster_arn", &format!("cluster = {CLUSTER_ARN:?}"), "/cluster", CLUSTER_ARN),
        alone(
            "task_role_arn",
            &format!("task_role_arn = {TASK_ROLE_ARN:?}"),
            "/task_role_arn",
            TASK_ROLE_ARN,
        ),
        container(
            "container_port",
            "container_port = 8080",
            "/primary_container/container_port",
            json!(8080),
        ),
        container(
            "command",
            r#"command = ["serve", "--all"]"#,
            "/primary_container/command",
            json!(["serve", "--all"]),
        ),
        container(
            "environment",
            r#"environment = { B = "2", A = "1", EMPTY = "" }"#,
            "/primary_container/environment",
            json!({"A": "1", "B": "2", "EMPTY": ""}),
        ),
        container(
            "secrets",
            &format!("secrets = {{ DB = {SECRET_ARN:?} }}"),
            "/primary_container/secrets",
            json!({"DB": SECRET_ARN}),
        ),
        container(
            "log_group",
            r#"aws_logs_configuration = { log_group = "/my/own" }"#,
            "/primary_container/aws_logs_configuration",
            json!({"log_group": "/my/own", "log_stream_prefix": "ecs"}),
        ),
        container(
            "log_stream_prefix",
            r#"aws_logs_configuration = { log_group = "/my/own", log_stream_prefix = "web" }"#,
            "/primary_container/aws_logs_configuration/log_stream_prefix",
            json!("web"),
        ),
        container(
            "repository_credentials",
            &format!("repository_credentials = {{ credentials_parameter = {SECRET_ARN:?} }}"),
            "/primary_container/repository_credentials/credentials_parameter",
            json!(SECRET_ARN),
        ),
        alone("cpu", r#"cpu = "512""#, "/cpu", "512"),
        alone("memory", r#"memory = "4096""#, "/memory", "4096"),
        alone("cpu_architecture", r#"cpu_architecture = "ARM64""#, "/cpu_architecture", "ARM64"),
        alone(
            "health_check_path",
            r#"health_check_path = "/health?deep=1""#,
            "/health_check_path",
            "/health?deep=1",
        ),
        alone(
            "subnets",
            &format!("network_configuration = {{ subnets = {:?} }}", network.subnets),
            "/network_configuration/subnets",
            json!(network.subnets),
        ),
        alone(
            "security_groups",
            &format!("network_configuration = {{ security_groups = [{:?}] }}", network.security_group),
            "/network_configuration/security_groups",
            json!([network.security_group]),
        ),
        alone("min", "scaling_target = { min_task_count = 2 }", "/scaling_target/min_task_count", 2),
        alone("max", "scaling_target = { max_task_count = 5 }", "/scaling_target/max_task_count", 5),
        alone(
            "metric",
            r#"scaling_target = { auto_scaling_metric = "AVERAGE_MEMORY" }"#,
            "/scaling_target/auto_scaling_metric",
            "AVERAGE_MEMORY",
        ),
        alone(
            "target",
            "scaling_target = { auto_scaling_target_value = 70 }",
            "/scaling_target/auto_scaling_target_value",
            70,
        ),
        alone("tags", r#"tags = { team = "web", empty = "" }"#, "/tags", json!({"team": "web", "empty": ""})),
        alone("no_tags", "tags = {}", "/tags", json!({})),
        alone("no_wait", "wait_for_steady_state = false", "/wait_for_steady_state", false),
        alone("logs_go", "delete_logs_on_destroy = true", "/delete_logs_on_destroy", true),
        alone("create_timeout", r#"timeouts = { create = "1h" }"#, "/timeouts/create", "1h"),
        alone("update_timeout", r#"timeouts = { update = "90m" }"#, "/timeouts/update", "90m"),
        alone("delete_timeout", r#"timeouts = { delete = "45m" }"#, "/timeouts/delete", "45m"),
    ]
}

const CLUSTER_ARN: &str = "arn:aws:ecs:us-east-1:123456789012:cluster/default";

/// What the simulated account's default network offers.
struct Network {
    subnets: Vec<String>,
    security_group: String,
}

impl Network {
    fn of(sandbox: &SandboxProcess) -> Self {
        let ec2 = sandbox.state()["world"]["regions"]["123456789012/us-east-1"]["ec2"].clone();
        let subnets: Vec<String> = ec2["subnets"].as_object().expect("subnets").keys().cloned().collect();
        let groups = ec2["security_groups"].as_object().expect("security groups");
        let default = groups.iter().find(|(_, group)| group["name"] == "default");
        let security_group = default.expect("a default security group").0.clone();
        assert!(subnets.len() > 1, "the default VPC has subnets");
        Self { subnets, security_group }
    }
}

#[test]
fn each_optional_argument_alone_leaves_an_empty_plan() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        // The default network appears with the first service.
        let workspace = Workspace::new(cli, &sandbox, &service("first", ""));
        workspace.apply();
        let rows = table(&Network::of(&sandbox));
        let services: String = rows
            .iter()
            .map(|row| {
                let has_container = row.arguments.starts_with("primary_container");
                let write = if has_container { service_of_container } else { service };
                write(row.name, &row.arguments)
            })
            .collect();
        workspace.rewrite(&services);
        workspace.run(&["apply", "-auto-approve", "-parallelism=30"]).succeeded();
        workspace.run(&["plan", "-detailed-exitcode", "-parallelism=30"]).succeeded();
        let state = workspace.show();
        for row in &rows {
            let held = state[&format!("express_gateway_service.{}", row.name)].pointer(row.pointer);
            assert_eq!(held, Some(&row.value), "{}", row.name);
        }
    });
}

#[test]
fn every_argument_together_leaves_an_empty_plan() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("first", ""));
        workspace.apply();
        let Network { mut subnets, security_group } = Network::of(&sandbox);
        subnets.truncate(2);
        let all = format!(
            r#"
resource "express_gateway_service" "all" {{
  engine                  = "managed"
  service_name            = "all"
  cluster                 = {CLUSTER_ARN:?}
  execution_role_arn      = {EXECUTION_ROLE_ARN:?}
  infrastructure_role_arn = {INFRASTRUCTURE_ROLE_ARN:?}
  task_role_arn           = {TASK_ROLE_ARN:?}
  primary_container = {{
    image          = {IMAGE:?}
    container_port = 8080
    command        = ["serve", "--all"]
    environment    = {{ A = "1", B = "2" }}
    secrets        = {{ DB = {SECRET_ARN:?}, KEY = "/app/key" }}
    aws_logs_configuration = {{ log_group = "/my/own", log_stream_prefix = "web" }}
    repository_credentials = {{ credentials_parameter = {SECRET_ARN:?} }}
  }}
  cpu               = "512"
  memory            = "1024"
  cpu_architecture  = "X86_64"
  health_check_path = "/health"
  network_configuration = {{ subnets = {subnets:?}, security_groups = [{security_group:?}] }}
  scaling_target = {{
    min_task_count            = 2
    max_task_count            = 6
    auto_scaling_metric       = "REQUEST_COUNT_PER_TARGET"
    auto_scaling_target_value = 1000
  }}
  tags                  = {{ team = "web" }}
  wait_for_steady_state = true
  timeouts              = {{ create = "20m", update = "1h", delete = "1h30m" }}
}}
"#
        );
        workspace.rewrite(&all);
        workspace.apply();
        workspace.plan_is_empty();
        workspace.rewrite(&all.replace("8080", "9090").replace("/health", "/ready").replace("= 6", "= 7"));
        workspace.plan_has_changes().says("1 to change").does_not_say("forces replacement");
        workspace.apply();
        workspace.plan_is_empty();
    });
}

#[test]
fn a_task_definition_of_ones_own_takes_the_containers_place() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let aws = Aws::at(&sandbox);
        let configuration = |arn: &str| {
            format!(
                "resource \"express_gateway_service\" \"own\" {{\n\
                 infrastructure_role_arn = {INFRASTRUCTURE_ROLE_ARN:?}\ntask_definition_arn = {arn:?}\n}}\n"
            )
        };
        let first = aws.register_task_definition("own", IMAGE);
        let workspace = Workspace::new(cli, &sandbox, &configuration(&first));
        workspace.apply();
        workspace.plan_is_empty();
        let second = aws.register_task_definition("own", "public.ecr.aws/nginx/nginx:1.29");
        assert_ne!(first, second);
        workspace.rewrite(&configuration(&second));
        workspace.plan_has_changes().says("1 to change");
        workspace.apply();
        workspace.plan_is_empty();
        let state = workspace.show().remove("express_gateway_service.own").unwrap();
        assert_eq!(state["task_definition_arn"], second.as_str());
        assert_eq!(state["cpu"], "1024");
    });
}
