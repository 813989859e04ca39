//! Applies that fail: what the user reads, and what the state holds afterwards.

use crate::support::configuration::{service, service_of_image};
use crate::support::feature::Feature;
use crate::support::{SandboxProcess, Workspace, with_every_cli};

const BAD_IMAGE: &str = "public.ecr.aws/nginx/nginx:no-such-tag";

#[test]
fn an_image_that_does_not_exist_fails_the_apply_and_is_explained() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start_with_scenario("image-not-found@image=no-such-tag");
        let arguments = r#"service_name = "app""#;
        let workspace = Workspace::new(cli, &sandbox, &service_of_image("app", BAD_IMAGE, arguments));
        let run = workspace.run(&["apply", "-auto-approve"]).failed();
        assert_eq!(run.diagnostics().len(), 1, "{}", run.output);
        run.says("Cannot create service `app`")
            .says("CannotPullContainerError")
            .says("no-such-tag")
            .says("hint:");
        assert_eq!(
            workspace.list_state(),
            ["express_gateway_service.app"],
            "the service exists, so the state has it"
        );

        // The way out that the hint names: correct the image, untaint, apply.
        workspace.rewrite(&service("app", arguments));
        workspace.run(&["untaint", "express_gateway_service.app"]).succeeded();
        workspace.plan_has_changes().says("0 to add, 1 to change, 0 to destroy");
        workspace.apply();
        workspace.plan_is_empty();
        assert_eq!(sandbox.list_calls("CreateExpressGatewayService").len(), 1);
    });
}

#[test]
fn an_update_that_fails_says_so_and_the_state_holds_what_runs() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start_with_scenario("image-not-found@image=no-such-tag");
        let workspace = Workspace::new(cli, &sandbox, &service("app", r#"service_name = "app""#));
        workspace.apply();
        let url = workspace.show()["express_gateway_service.app"]["url"].clone();

        let bad = service_of_image("app", BAD_IMAGE, r#"service_name = "app""#);
        workspace.rewrite(&bad);
        let run = workspace.run(&["apply", "-auto-approve"]).failed();
        run.says("Cannot update service `app`").says("CannotPullContainerError").says("hint:");
        let state = workspace.show().remove("express_gateway_service.app").unwrap();
        assert_eq!(state["url"], url);
        // Whichever of the two is live now, the next plan wants the configured image or is done with it.
        workspace.rewrite(&service("app", r#"service_name = "app""#));
        workspace.apply();
        workspace.plan_is_empty();
    });
}

#[test]
fn a_name_that_is_taken_is_refused_with_the_import_command() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let configuration = service("app", r#"service_name = "app""#);
        Workspace::new(cli, &sandbox, &configuration).apply();
        let other = Workspace::new(cli, &sandbox, &configuration);
        let run = other.run(&["apply", "-auto-approve"]).failed();
        let arn = "arn:aws:ecs:us-east-1:123456789012:service/default/app";
        let _ = run.says("Service `app` already exists").says(&format!("terraform import <address> {arn}"));
        assert_eq!(other.list_state(), Vec::<String>::new());
    });
}

#[test]
fn a_composed_service_for_the_other_architecture_fails_with_its_cause_and_can_be_corrected() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start_with_scenario("wrong-architecture@image=no-such-tag");
        let arguments = "service_name = \"app\"\n  engine = \"composed\"";
        let workspace = Workspace::new(cli, &sandbox, &service_of_image("app", BAD_IMAGE, arguments));
        let run = workspace.run(&["apply", "-auto-approve"]).failed();
        run.says("Cannot create service `app`")
            .says("(wrong-architecture)")
            .says("descriptor matching platform")
            .says("cpu_architecture = \"ARM64\"");
        workspace.rewrite(&service("app", arguments));
        workspace.run(&["untaint", "express_gateway_service.app"]).succeeded();
        workspace.apply();
        workspace.plan_is_empty();
    });
}

#[test]
fn the_last_lines_of_a_container_that_crashes_are_shown_and_can_be_turned_off() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start_with_scenario("crash:3");
        let configuration = service("app", r#"service_name = "app""#);
        let workspace = Workspace::new(cli, &sandbox, &configuration);
        let run = workspace.run(&["apply", "-auto-approve"]).failed();
        run.says("(crash)").says("Last lines of container Main").says("| Process exited with code 3");
        let quiet = format!("{configuration}\nprovider \"express\" {{\n  diagnosis_log_lines = false\n}}\n");
        workspace.rewrite(&quiet);
        let run = workspace.run(&["apply", "-auto-approve"]).failed();
        assert!(!run.output.contains("Last lines"), "{}", run.output);
    });
}

#[test]
fn what_becomes_known_in_the_apply_and_needs_a_replacement_is_told_and_planned_the_next_time() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let closed = sandbox.create_closed_subnets();
        let own = sandbox.list_default_subnets();
        let role = "arn:aws:iam::123456789012:role/app";
        let subnets = |ids: &[String]| format!("{ids:?}");
        let lives = [
            ("managed", "network_configuration = { subnets = VALUE }", subnets(&own), subnets(&closed)),
            ("composed", "network_configuration = { subnets = VALUE }", subnets(&own), subnets(&closed)),
            (
                "managed",
                "task_role_arn = VALUE == \"\" ? null : VALUE",
                format!("{role:?}"),
                "\"\"".to_owned(),
            ),
        ];
        for (engine, argument, before, after) in lives {
            let configuration = |value: &str| {
                let argument = argument.replace("VALUE", "terraform_data.value.output");
                let arguments = format!("engine = {engine:?}\nservice_name = \"app\"\n{argument}");
                let data = format!(
                    "resource \"terraform_data\" \"value\" {{\n  input = {value}\n  triggers_replace = {value}\n}}\n"
                );
                format!("{data}{}", service("app", &arguments))
            };
            let workspace = Workspace::new(cli, &sandbox, &configuration(&before));
            workspace.apply();
            workspace.rewrite(&configuration(&after));
            workspace.plan_has_changes().says("1 to add, 1 to change, 1 to destroy");
            let refused = workspace.run(&["apply", "-auto-approve"]).failed();
            if cli.has(Feature::TellsApplyFromPlan) {
                refused
                    .says("The change needs a replacement that was not planned")
                    .says("plan and apply once more")
                    .does_not_say("inconsistent");
            }
            workspace.plan_has_changes().says("express_gateway_service.app must be replaced");
            workspace.rewrite(&configuration(&before));
            workspace.apply();
            workspace.plan_is_empty();
            workspace.destroy();
        }
    });
}
