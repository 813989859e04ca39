//! `terraform test` with mocked providers beside the real one.

use crate::support::configuration::{EXECUTION_ROLE_ARN, IMAGE, service};
use crate::support::feature::Feature;
use crate::support::{SandboxProcess, Workspace, with_every_cli_that_has};

const GUIDE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/sandbox.md"));

/// The guide's pattern, with this provider under an alias in the place of hashicorp/aws, which no test can count on.
fn pattern_of_the_guide() -> String {
    let (_, rest) = GUIDE.split_once("mock_provider \"aws\" {").expect("the pattern");
    let (block, _) = rest.split_once("```").expect("the end of the pattern");
    let block = block.replace("aws_iam_role", "express_gateway_service").replace("arn =", "service_arn =");
    assert!(block.contains("service_arn = \"arn:aws:iam::"), "{block}");
    format!("mock_provider \"express\" {{\n  alias = \"roles\"\n{block}")
}

#[test]
fn a_mocked_role_needs_an_arn_and_the_guides_pattern_gives_it_one() {
    with_every_cli_that_has(Feature::MockProvider, |cli| {
        let sandbox = SandboxProcess::start();
        let role = service("role", "provider = express.roles");
        let app = format!(
            "resource \"express_gateway_service\" \"app\" {{\n\
             service_name            = \"app\"\n\
             execution_role_arn      = {EXECUTION_ROLE_ARN:?}\n\
             infrastructure_role_arn = express_gateway_service.role.service_arn\n\
             primary_container       = {{ image = {IMAGE:?} }}\n}}\n"
        );
        let workspace = Workspace::new(
            cli,
            &sandbox,
            &format!("provider \"express\" {{\n  alias = \"roles\"\n}}\n{role}{app}"),
        );
        let test = |mock: &str| {
            workspace
                .write("mocked.tftest.hcl", &format!("{mock}\nrun \"apply\" {{\n  command = apply\n}}\n"));
            workspace.run(&["test"])
        };
        test("mock_provider \"express\" {\n  alias = \"roles\"\n}\n")
            .failed()
            .says("infrastructure_role_arn");
        assert_eq!(sandbox.list_calls("CreateExpressGatewayService").len(), 0);
        test(&pattern_of_the_guide()).succeeded();
        let [made] = &sandbox.list_calls("CreateExpressGatewayService")[..] else { panic!("one create") };
        assert_eq!(made["input"]["infrastructureRoleArn"], "arn:aws:iam::123456789012:role/mocked");
    });
}
