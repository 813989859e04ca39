//! The examples in the documentation are configurations that the provider accepts.

use std::fs::read_to_string;
use std::path::Path;

use crate::support::feature::Feature;
use crate::support::{SandboxProcess, Workspace, with_every_cli, with_every_cli_that_has};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");

fn read(example: &str) -> String {
    let path = Path::new(EXAMPLES).join(example);
    read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_provider_example_is_valid() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::empty(cli, &sandbox);
        workspace.write("versions.tf", &read("provider/provider.tf"));
        workspace.run(&["init"]).succeeded();
        workspace.run(&["validate"]).succeeded();
        let service = read("resources/express_gateway_service/resource.tf");
        workspace.rewrite(&service);
        workspace.plan_has_changes().says("2 to add");
    });
}

#[test]
fn the_resource_example_can_be_applied_and_imported() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let configuration = read("resources/express_gateway_service/resource.tf");
        let workspace = Workspace::new(cli, &sandbox, &configuration);
        workspace.apply().says("2 added");
        workspace.plan_is_empty();
        let services = workspace.show();
        let script = read("resources/express_gateway_service/import.sh");
        let commands: Vec<_> = script.lines().filter_map(|line| line.strip_prefix("terraform ")).collect();
        assert!(commands.len() >= 2, "an ARN and a name can be imported");
        for command in commands {
            let arn = services["express_gateway_service.api"]["service_arn"].as_str().unwrap();
            let documented: Vec<&str> = command.split(' ').collect();
            let id = if documented[2].starts_with("arn:") { arn } else { "default/api" };
            let importer = Workspace::new(cli, &sandbox, &configuration);
            importer.run(&[documented[0], "express_gateway_service.api", id]).succeeded();
        }
    });
}

#[test]
fn the_data_source_examples_find_what_the_resource_example_made() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &read("resources/express_gateway_service/resource.tf"));
        workspace.apply().says("2 added");
        let examples = ["express_gateway_service", "express_gateway_services"]
            .map(|name| read(&format!("data-sources/{name}/data-source.tf")));
        let reader = Workspace::new(cli, &sandbox, &examples.join("\n"));
        reader
            .apply()
            .says("load_balancer_arn = \"arn:aws:elasticloadbalancing:")
            .says("\"api\" = \"https://");
        reader.plan_is_empty();
    });
}

#[test]
fn the_function_examples_say_what_their_comments_say() {
    with_every_cli_that_has(Feature::Function, |cli| {
        let sandbox = SandboxProcess::start();
        let examples = ["console_url", "fargate_size", "parse_service_arn"]
            .map(|name| read(&format!("functions/{name}/function.tf")));
        let workspace = Workspace::new(cli, &sandbox, &examples.join("\n"));
        workspace
            .plan_has_changes()
            .says("/ecs/v2/clusters/prod/services/api/health?region=eu-central-1")
            .says("service_name = \"api\"")
            .says("= \"512\"")
            .says("= \"2048\"");
    });
}

#[test]
fn the_examples_are_formatted() {
    // `fmt` of cores before functions does not read their calls.
    with_every_cli_that_has(Feature::Function, |cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::empty(cli, &sandbox);
        let run = workspace.run(&["fmt", "-check", "-recursive", EXAMPLES]);
        assert_eq!(run.exit_code, 0, "not formatted:\n{}", run.output);
    });
}
