//! Applies that are cut short: the provider killed, the user's Ctrl-C.

use crate::support::aws::Aws;
use crate::support::configuration::service;
use crate::support::process::{kill, wait_for};
use crate::support::workspace::{Run, Started};
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
    assert_eq!(workspace.list_state(), Vec::<String>::new(), "the answer never reached core");
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

/// The ARN in the command that imports what an apply left behind.
#[track_caller]
fn arn_to_import(run: &Run) -> String {
    let text = run.output.replace('│', " ");
    let words: Vec<_> = text.split_whitespace().collect();
    let command = words.windows(4).find(|four| four[..3] == ["terraform", "import", "<address>"]);
    command.expect("an import command")[3].to_owned()
}

#[test]
fn an_unnamed_service_whose_provider_was_killed_is_reported_and_can_be_imported() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("app", ""));
        apply_killed_during_create(&workspace, &sandbox);
        let run = workspace.run(&["apply", "-auto-approve"]).failed().says("left service");
        assert_eq!(sandbox.list_calls(CREATE).len(), 1, "never doubled silently");
        workspace.run(&["import", "express_gateway_service.app", &arn_to_import(&run)]).succeeded();
        workspace.apply();
        workspace.plan_is_empty();
        assert_eq!(sandbox.list_calls(CREATE).len(), 1);
    });
}

#[test]
fn an_unnamed_service_whose_provider_was_killed_can_be_removed_as_reported() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("app", ""));
        apply_killed_during_create(&workspace, &sandbox);
        let run = workspace.run(&["apply", "-auto-approve"]).failed();
        let arn = arn_to_import(&run);
        let _ = run.says(&format!("aws ecs delete-express-gateway-service --service-arn {arn}"));
        let aws = Aws::at(&sandbox);
        aws.delete_express_gateway_service(&arn);
        workspace.apply();
        workspace.plan_is_empty();
        let state = workspace.show().remove("express_gateway_service.app").unwrap();
        assert_eq!(aws.list_service_arns("default"), [state["service_arn"].as_str().unwrap()]);
        assert_ne!(state["service_arn"], arn.as_str());
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
        let _ = run.says("was stopped").says("What AWS has begun goes on").says("it continues this service");
        assert_eq!(workspace.list_state(), ["express_gateway_service.app"]);
        let state = workspace.show().remove("express_gateway_service.app").unwrap();
        let arn = "arn:aws:ecs:us-east-1:123456789012:service/default/app";
        assert_eq!(state["service_arn"], arn);

        // The way on that the hint names: nothing is tainted.
        sandbox.advance(1200);
        workspace.apply().does_not_say("must be replaced");
        workspace.plan_is_empty();
        assert_eq!(sandbox.list_calls(CREATE).len(), 1);
    });
}

/// Whether a process is over. One that nobody has waited for has no command line any more.
fn has_ended(process_id: u32) -> bool {
    std::fs::read(format!("/proc/{process_id}/cmdline")).map_or(true, |line| line.is_empty())
}

/// An apply whose core is killed when the service exists; the provider notices by itself that it is alone.
#[track_caller]
fn apply_with_core_killed_during_create(workspace: &Workspace, sandbox: &SandboxProcess) {
    let started = workspace.start(&["apply", "-auto-approve"]);
    sandbox.wait_for_call("DescribeServiceDeployments");
    let provider = provider_of(&started);
    kill(started.process.id());
    let _ = started.finish();
    wait_for("the provider's end", || has_ended(provider).then_some(()));
    // Nobody could save the state.
    let _ = workspace.run(&["state", "list"]).says("No state file was found");
}

#[test]
fn a_named_service_whose_core_alone_was_killed_is_continued() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start_with(&["--speed", "1"]);
        let workspace = Workspace::new(cli, &sandbox, &service("app", r#"service_name = "app""#));
        apply_with_core_killed_during_create(&workspace, &sandbox);
        sandbox.advance(1200);
        workspace.apply();
        workspace.plan_is_empty();
        assert_eq!(sandbox.list_calls(CREATE).len(), 1, "the service was adopted, not made again");
    });
}

#[test]
fn ctrl_c_during_an_update_is_followed_by_the_next_apply() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start_with(&["--speed", "1"]);
        let workspace = Workspace::new(cli, &sandbox, &service("app", r#"service_name = "app""#));
        let created = workspace.start(&["apply", "-auto-approve"]);
        sandbox.wait_for_call("DescribeServiceDeployments");
        sandbox.advance(1200);
        created.finish().succeeded();
        workspace.rewrite(&service("app", "service_name = \"app\"\n  health_check_path = \"/up\""));
        let started = workspace.start(&["apply", "-auto-approve"]);
        sandbox.wait_for_call("UpdateExpressGatewayService");
        let looks = sandbox.list_calls("DescribeServiceDeployments").len();
        let is_followed =
            || (sandbox.list_calls("DescribeServiceDeployments").len() > looks + 1).then_some(());
        wait_for("the deployment is followed", is_followed);
        started.process.signal_group("INT");
        let run = started.finish();
        assert_eq!(run.exit_code, 1, "{}", run.output);
        let plan = workspace.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(plan.exit_code, 2, "{}", plan.output);
        let _ = plan.says("has not ended");
        sandbox.advance(1200);
        workspace.apply();
        workspace.plan_is_empty();
        assert_eq!(sandbox.list_calls("UpdateExpressGatewayService").len(), 1);
    });
}
