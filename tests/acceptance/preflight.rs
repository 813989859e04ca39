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
