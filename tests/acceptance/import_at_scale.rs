//! Services that other tools made, brought under Terraform with the configuration that Terraform writes for them.

use std::fmt::Write as _;

use crate::support::aws::Aws;
use crate::support::cli::Cli;
use crate::support::configuration::{INFRASTRUCTURE_ROLE_ARN, service, service_of_container};
use crate::support::feature::Feature;
use crate::support::{SandboxProcess, Workspace, with_every_cli_that_has};

/// Imports services with the configuration that Terraform writes, and checks that nothing is left to do.
#[track_caller]
fn import_all(cli: &'static Cli, sandbox: &SandboxProcess, arns: &[String]) -> String {
    let mut blocks = String::new();
    for (index, arn) in arns.iter().enumerate() {
        let _ = writeln!(blocks, "import {{\n  to = express_gateway_service.s{index}\n  id = {arn:?}\n}}");
    }
    let workspace = Workspace::new(cli, sandbox, &blocks);
    let count = arns.len();
    workspace
        .run(&["plan", "-generate-config-out=generated.tf"])
        .succeeded()
        .says(&format!("{count} to import, 0 to add, 0 to change, 0 to destroy"));
    workspace.apply().says(&format!("{count} imported, 0 added, 0 changed, 0 destroyed"));
    workspace.plan_is_empty();
    let generated = std::fs::read_to_string(workspace.path("generated.tf")).expect("a configuration");
    workspace.rewrite("");
    workspace.plan_is_empty();
    assert_eq!(generated.matches("resource \"express_gateway_service\"").count(), count);
    generated
}

#[test]
fn a_generated_configuration_plans_no_change() {
    with_every_cli_that_has(Feature::GeneratedConfiguration, |cli| {
        let sandbox = SandboxProcess::start();
        let arns = Aws::at(&sandbox).create_services_of_every_kind();
        import_all(cli, &sandbox, &arns);
    });
}

/// Services of the composed engine that differ in what an import has to find out.
fn composed_services() -> Vec<String> {
    let composed = |name: &str, arguments: &str| {
        service(name, &format!("engine = \"composed\"\nservice_name = {name:?}\n{arguments}"))
    };
    let container = r#"
        engine = "composed"
        service_name = "logged"
        primary_container = {
          image             = "public.ecr.aws/nginx/nginx:1.28"
          depends_on        = { router = "START" }
          log_configuration = { log_driver = "awsfirelens", options = { Name = "cloudwatch" } }
        }
        sidecars = {
          router = {
            image                  = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable"
            firelens_configuration = { type = "fluentbit" }
          }
          agent = {
            image         = "agent:1"
            essential     = false
            environment   = { A = "$${not} a reference" }
            port_mappings = [{ container_port = 9000 }]
            health_check  = { command = ["CMD-SHELL", "exit 0"] }
          }
        }"#;
    vec![
        composed("plain", ""),
        composed(
            "named",
            r#"domain = {
                 hostname             = "shop.example.com"
                 additional_hostnames = ["www.example.com"]
               }"#,
        ),
        composed(
            "linear",
            r#"deployment_configuration = { strategy = "LINEAR", linear_step_percent = 20 }
               health_check             = { matcher = "200-299" }
               ephemeral_storage_gib    = 30
               log_retention_days       = 14
               scaling_target           = { auto_scaling_metric = "REQUEST_COUNT_PER_TARGET", auto_scaling_target_value = 100 }
               tags                     = { team = "web" }"#,
        ),
        service_of_container("logged", container),
    ]
}

#[test]
fn a_generated_configuration_of_services_that_the_composed_engine_made_plans_no_change() {
    with_every_cli_that_has(Feature::GeneratedConfiguration, |cli| {
        let sandbox = SandboxProcess::start();
        let definition = Aws::at(&sandbox).register_task_definition("by-hand", "nginx");
        let own = format!(
            "resource \"express_gateway_service\" \"own\" {{\n\
             engine = \"composed\"\nservice_name = \"own\"\n\
             infrastructure_role_arn = {INFRASTRUCTURE_ROLE_ARN:?}\n\
             task_definition_arn = {definition:?}\n}}\n"
        );
        let owner = Workspace::new(cli, &sandbox, &format!("{}{own}", composed_services().concat()));
        owner.apply();
        let made = owner.show();
        let arns: Vec<String> = made
            .values()
            .map(|service| service["service_arn"].as_str().expect("an ARN").to_owned())
            .collect();
        let generated = import_all(cli, &sandbox, &arns);
        assert_eq!(generated.matches("\"composed\"").count(), arns.len(), "{generated}");
        assert!(generated.contains("firelens_configuration"), "{generated}");
        owner.plan_is_empty();
    });
}
