//! Applies that are cut short: the provider killed, the user's Ctrl-C.

use crate::support::configuration::service;
use crate::support::process::{kill, wait_for};
use crate::support::workspace::Started;
use crate::support::{SandboxProcess, Workspace, with_every_cli};

const CREATE: &str = "CreateExpressGatewayService";

/// The provider that `started` has running. Terraform starts one for each phase; during apply it is the only one.
fn provider_of(started: &Started<'_>) -> u32 {
    wait_for("the provider", || started.process.list_children("terraform-provider-express").pop())
}

/// An apply whose provider is killed when the service exists, but before the answer arrives.
#[track_caller]
fn apply_killed_during_create(workspace: &Workspace, sandbox: &SandboxProcess) {
    sandbox.hold(CREATE);
    let started = workspace.start(&["apply", "-auto-approve"]);
    sandbox.wait_for_call(CREATE);
    kill(provider_of(&started));
    let run = started.finish();
    assert_eq!(run.exit_code, 1, "{}", run.output);
    sandbox.clear_faults();
    assert_eq!(workspace.list_state(), Vec::<String>::new(), "nobody could save the state");
}

#[test]
fn a_named_service_whose_provider_was_killed_is_continued() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("app", r#"service_name = "app""#));
        apply_killed_during_create(&workspace, &sandbox);
        workspace.apply();
        workspace.plan_is_empty();
        assert_eq!(workspace.list_state(), ["express_gateway_service.app"]);
        assert_eq!(sandbox.list_calls(CREATE).len(), 1, "the service was adopted, not made again");
    });
}

#[test]
fn an_unnamed_service_whose_provider_was_killed_is_found_and_reported() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("app", ""));
        apply_killed_during_create(&workspace, &sandbox);
        let run = workspace.run(&["apply", "-auto-approve"]).failed();
        let run = run.says("left service").says("aws ecs delete-express-gateway-service --service-arn");
        assert_eq!(sandbox.list_calls(CREATE).len(), 1, "never doubled silently");
        let command = "terraform import <address> ";
        let flat = run.output.replace("\n│ ", " ").replace('\n', " ");
        let arn = flat
            .split(command)
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next())
            .expect("an import command");
        workspace.run(&["import", "express_gateway_service.app", arn]).succeeded();
        workspace.apply();
        workspace.plan_is_empty();
        assert_eq!(sandbox.list_calls(CREATE).len(), 1);
    });
}

#[test]
fn ctrl_c_during_create_keeps_the_service_in_the_state() {
    with_every_cli(|cli| {
        // Slow enough that the deployment outlasts the test.
        let sandbox = SandboxProcess::start_with(&["--speed", "1"]);
        let workspace = Workspace::new(cli, &sandbox, &service("app", r#"service_name = "app""#));
        let started = workspace.start(&["apply", "-auto-approve"]);
        sandbox.wait_for_call("DescribeServiceDeployments");
        started.process.signal_group("INT");
        let run = started.finish();
        assert_eq!(run.exit_code, 1, "{}", run.output);
        let _ = run.says("interrupted").says("What AWS has begun goes on").says("terraform untaint");
        assert_eq!(workspace.list_state(), ["express_gateway_service.app"]);
        let state = workspace.show().remove("express_gateway_service.app").unwrap();
        let arn = "arn:aws:ecs:us-east-1:123456789012:service/default/app";
        assert_eq!(state["service_arn"], arn);

        // The way on that the hint names.
        sandbox.advance(1200);
        workspace.run(&["untaint", "express_gateway_service.app"]).succeeded();
        workspace.apply().does_not_say("must be replaced");
        workspace.plan_is_empty();
        assert_eq!(sandbox.list_calls(CREATE).len(), 1);
    });
}
