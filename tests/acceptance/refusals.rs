//! Bad input: what is refused before anything is made, and in which words.

use crate::support::configuration::{IMAGE, INFRASTRUCTURE_ROLE_ARN, service, service_of_container};
use crate::support::{SandboxProcess, Workspace, with_every_cli};

/// Arguments that a look at the configuration refuses, by name of the service.
const REFUSED: [(&str, &str); 26] = [
    ("cluster", r#"cluster = "my cluster""#),
    ("tag_key", r#"tags = { "aws:owner" = "me" }"#),
    ("cpu", r#"cpu = "300""#),
    ("cpu_architecture", r#"cpu_architecture = "arm""#),
    ("cpu_memory_pair", "cpu = \"256\"\nmemory = \"8192\""),
    ("engine", r#"engine = "nomad""#),
    ("health_check_path", r#"health_check_path = "health""#),
    ("health_check_path_space", r#"health_check_path = "/a b""#),
    ("max_below_min", "scaling_target = { min_task_count = 5, max_task_count = 2 }"),
    ("max_task_count", "scaling_target = { max_task_count = -1 }"),
    ("metric", r#"scaling_target = { auto_scaling_metric = "CPU" }"#),
    ("min_task_count", "scaling_target = { min_task_count = -1 }"),
    ("one_subnet", r#"network_configuration = { subnets = ["subnet-0123456789abcdef0"] }"#),
    ("security_group", r#"network_configuration = { security_groups = ["default"] }"#),
    ("service_name", r#"service_name = "my service""#),
    ("service_name_empty", r#"service_name = """#),
    ("subnet", r#"network_configuration = { subnets = ["10.0.0.0/24", "10.0.1.0/24"] }"#),
    ("tag_value", "tags = { note = join(\"\", [for i in range(300) : \"x\"]) }"),
    ("target_value", "scaling_target = { auto_scaling_target_value = 0 }"),
    (
        "task_definition_arn",
        r#"task_definition_arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/app:1""#,
    ),
    ("task_role_arn", r#"task_role_arn = "app""#),
    ("timeout", r#"timeouts = { create = "soon" }"#),
    ("timeout_negative", r#"timeouts = { delete = "-5m" }"#),
    ("unknown_argument", r#"image = "nginx""#),
    ("url", r#"url = "https://example.com""#),
    ("wait", r#"wait_for_steady_state = "perhaps""#),
];

/// The same inside `primary_container`.
const REFUSED_IN_CONTAINER: [(&str, &str); 9] = [
    ("container_environment_key", r#"environment = { "A=B" = "1" }"#),
    ("container_image_space", r#"image = "nginx latest""#),
    ("container_image_url", r#"image = "https://ghcr.io/acme/app:1""#),
    ("container_image_capitals", r#"image = "ghcr.io/Acme/App:1""#),
    ("container_logs", r#"aws_logs_configuration = { log_stream_prefix = "web" }"#),
    ("container_port", "container_port = 70000"),
    ("container_port_fraction", "container_port = 80.5"),
    ("container_secret_and_environment", "environment = { A = \"1\" }\nsecrets = { A = \"/app/a\" }"),
    ("container_secret_empty", r#"secrets = { A = "" }"#),
];

/// Arguments of the composed engine, each on a service of the managed one.
const COMPOSED_ONLY: [(&str, &str); 15] = [
    ("assign_public_ip", "assign_public_ip = true"),
    ("capacity_provider", r#"capacity_provider = "FARGATE_SPOT""#),
    (
        "certificate_arn",
        r#"certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/6f1c0d1e-2d0a-4f0e-8d8a-0a7d4e2f6b11""#,
    ),
    ("depends_on", DEPENDS_ON),
    ("deployment_configuration", r#"deployment_configuration = { strategy = "LINEAR" }"#),
    ("deregistration_delay_seconds", "deregistration_delay_seconds = 30"),
    ("domain", r#"domain = { hosted_zone = "example.com" }"#),
    ("enable_execute_command", "enable_execute_command = true"),
    ("ephemeral_storage_gib", "ephemeral_storage_gib = 50"),
    ("health_check", "health_check = { interval_seconds = 10 }"),
    ("load_balancer", r#"load_balancer = { scheme = "internal" }"#),
    ("log_configuration", LOG_CONFIGURATION),
    ("log_retention_days", "log_retention_days = 30"),
    ("sidecars", r#"sidecars = { agent = { image = "agent:1" } }"#),
    ("web_acl_arn", r#"web_acl_arn = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/edge/3c1f2b7a""#),
];

/// In `primary_container`.
const DEPENDS_ON: &str = r#"depends_on = { agent = "START" }"#;
const LOG_CONFIGURATION: &str = r#"log_configuration = { log_driver = "awsfirelens" }"#;

fn composed_only() -> String {
    let of_container = [DEPENDS_ON, LOG_CONFIGURATION];
    let services = COMPOSED_ONLY.iter().map(|(name, arguments)| {
        if of_container.contains(arguments) {
            let container = format!("primary_container = {{\nimage = {IMAGE:?}\n{arguments}\n}}");
            service_of_container(name, &container)
        } else {
            service(name, arguments)
        }
    });
    services.collect()
}

fn configuration() -> String {
    let mut text: String = REFUSED.iter().map(|(name, arguments)| service(name, arguments)).collect();
    for (name, members) in REFUSED_IN_CONTAINER {
        let image = if members.contains("image") { String::new() } else { format!("image = {IMAGE:?}\n") };
        text += &service_of_container(name, &format!("primary_container = {{\n{image}{members}\n}}"));
    }
    text += &service_of_container("nothing_to_run", "");
    text += &service_of_container("no_image", "primary_container = {}");
    text.push_str(&without_execution_role());
    text += "resource \"express_gateway_service\" \"empty\" {}\n";
    text
}

fn without_execution_role() -> String {
    format!(
        "resource \"express_gateway_service\" \"no_execution_role\" {{\n\
         primary_container = {{ image = {IMAGE:?} }}\ninfrastructure_role_arn = {INFRASTRUCTURE_ROLE_ARN:?}\n}}\n"
    )
}

/// One text of all diagnostics, in the order of the services that they are about.
fn in_order(diagnostics: &[String]) -> String {
    let mut diagnostics: Vec<_> = diagnostics
        .iter()
        .map(|text| {
            let name = text.split("\"express_gateway_service\" ").nth(1).unwrap_or_default();
            let name = name.split(':').next().unwrap_or_default().to_owned();
            (name, text.trim_end().to_owned())
        })
        .collect();
    diagnostics.sort();
    let texts: Vec<_> = diagnostics.into_iter().map(|(_, text)| text).collect();
    texts.join("\n\n")
}

#[test]
fn validate_names_the_argument_and_says_what_is_allowed() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &configuration());
        let refused = workspace.run(&["validate"]).failed();
        insta::assert_snapshot!("validate", in_order(&refused.diagnostics()));
        assert_eq!(sandbox.list_calls("CreateExpressGatewayService").len(), 0);
    });
}

#[test]
fn each_refused_argument_has_a_diagnostic_of_its_own() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &configuration());
        let refused = workspace.run(&["validate"]).failed();
        let diagnostics = refused.diagnostics();
        let all = REFUSED.iter().chain(&REFUSED_IN_CONTAINER).map(|(name, _)| *name);
        for name in all.chain(["nothing_to_run", "no_image", "no_execution_role", "empty"]) {
            let about = format!("\"express_gateway_service\" {name:?}:");
            assert!(diagnostics.iter().any(|text| text.contains(&about)), "{name} is not refused");
        }
    });
}

#[test]
fn the_managed_engine_says_of_each_argument_that_it_lacks_why_and_what_helps() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &composed_only());
        workspace.run(&["validate"]).succeeded();
        let refused = workspace.run(&["plan"]).failed();
        let diagnostics = refused.diagnostics();
        assert_eq!(diagnostics.len(), COMPOSED_ONLY.len(), "{diagnostics:#?}");
        insta::assert_snapshot!("plan_composed_only", in_order(&diagnostics));
    });
}

#[test]
fn an_engine_that_is_not_known_yet_refuses_nothing() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let data = "resource \"terraform_data\" \"engine\" {\n  input = \"composed\"\n}\n";
        let engine = "engine = terraform_data.engine.output\nephemeral_storage_gib = 50";
        let workspace = Workspace::new(cli, &sandbox, &format!("{data}{}", service("app", engine)));
        workspace.plan_has_changes().says("2 to add");
    });
}

#[test]
fn values_that_are_not_known_yet_are_not_refused() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let unknown = r"
            cpu               = terraform_data.text.output
            health_check_path = terraform_data.text.output
            service_name      = terraform_data.text.output
            tags              = { (terraform_data.text.input) = terraform_data.text.output }
            scaling_target    = { max_task_count = terraform_data.number.output }";
        let data = "resource \"terraform_data\" \"text\" {\n  input = \"512\"\n}\n\
                    resource \"terraform_data\" \"number\" {\n  input = 3\n}\n";
        let workspace = Workspace::new(cli, &sandbox, &format!("{data}{}", service("app", unknown)));
        workspace.run(&["validate"]).succeeded();
        workspace.plan_has_changes().says("3 to add");
    });
}
