//! Services that other tools made, brought under Terraform with the configuration that Terraform writes for them.

use std::fmt::Write as _;

use crate::support::aws::Aws;
use crate::support::{SandboxProcess, Workspace, with_every_cli};

#[test]
fn a_generated_configuration_plans_no_change() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let arns = Aws::at(&sandbox).create_services_of_every_kind();
        let mut blocks = String::new();
        for (index, arn) in arns.iter().enumerate() {
            let _ =
                writeln!(blocks, "import {{\n  to = express_gateway_service.s{index}\n  id = {arn:?}\n}}");
        }
        let workspace = Workspace::new(cli, &sandbox, &blocks);
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
    });
}
