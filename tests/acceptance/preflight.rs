//! What a plan says before anything is changed.

use crate::support::configuration::service;
use crate::support::{SandboxProcess, Workspace, with_every_cli};

#[test]
fn what_is_missing_is_told_at_plan_at_its_line_and_fails_the_plan_if_asked_to() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let app = service("app", r#"cluster = "missing""#);
        let workspace = Workspace::new(cli, &sandbox, &app);
        let told = workspace.plan_has_changes().says("Warning: The cluster does not exist");
        told.says("ECS has no cluster `missing` in us-east-1.").says("cluster = \"missing\"");
        assert_eq!(sandbox.list_calls("GetRole").len(), 2, "both roles are looked at, once");

        workspace.rewrite(&format!("provider \"express\" {{\n  preflight = \"error\"\n}}\n{app}"));
        workspace.run(&["plan"]).failed().says("Error: The cluster does not exist");
    });
}

#[test]
fn a_live_service_is_not_destroyed_for_one_that_cannot_be_made() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let workspace = Workspace::new(cli, &sandbox, &service("app", r#"service_name = "api""#));
        workspace.run(&["apply", "-auto-approve"]).succeeded();
        let moved = service("app", "service_name = \"api\"\n  cluster = \"missing\"");
        workspace.rewrite(&moved);
        let told =
            workspace.run(&["apply", "-auto-approve"]).failed().says("Error: The cluster does not exist");
        told.says("the live one would be destroyed").says("preflight = \"warn\"");
        let (deleted, by_hand) = ("DeleteExpressGatewayService", "-replace=express_gateway_service.app");
        assert!(sandbox.list_calls(deleted).is_empty(), "the service goes on");

        // What asks for the replacement is in no attribute then: core's private bytes tell it.
        workspace.rewrite(&service("app", r#"service_name = "api""#));
        sandbox.refuse("GetRole", "NoSuchEntity");
        workspace.run(&["plan", by_hand]).failed().says("Error: The execution role does not exist");
        workspace.run(&["plan"]).succeeded();
    });
}
