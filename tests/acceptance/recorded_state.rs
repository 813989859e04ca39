//! States that were written before: by every schema version of this provider so far, and by `hashicorp/aws`.
//!
//! `RECORD_STATE=1 cargo test --test acceptance recorded_state` writes the files of the current version anew, from its
//! `tests/fixtures/state/v<version>.tf`. That is right until that version is released, and wrong ever after.

use std::fs::{read_to_string, write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use terraform_provider_express::framework::provider::Provider as _;
use terraform_provider_express::provider::ExpressProvider;

use crate::support::feature::Feature;
use crate::support::layout::platform;
use crate::support::mirror::mirror;
use crate::support::{SandboxProcess, Workspace, with_every_cli, with_every_cli_that_has};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn read(name: &str) -> String {
    read_to_string(fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Schema version of the resource today.
fn current_version() -> i64 {
    let resources = ExpressProvider::of_process().resources();
    let resource = resources.iter().find(|one| one.type_name() == "express_gateway_service");
    resource.expect("the resource exists").schema().version
}

/// Writes what this version of the provider makes of its configuration: the state, and the schema that it is of.
fn record(workspace: &Workspace, version: i64) {
    let state = read_to_string(workspace.path("terraform.tfstate")).expect("a state");
    write(fixture(&format!("state/v{version}.json")), state).expect("written");
    let schemas = workspace.run(&["providers", "schema", "-json"]).succeeded().output;
    let schemas: Value = serde_json::from_str(&schemas).expect("JSON");
    let provider = &schemas["provider_schemas"]["registry.terraform.io/express-gateway/express"];
    let schema = &provider["resource_schemas"]["express_gateway_service"];
    assert!(schema.is_object(), "the provider's schemas hold the resource's");
    let schema = serde_json::to_string_pretty(schema).expect("JSON");
    write(fixture(&format!("state/v{version}-schema.json")), schema + "\n").expect("written");
}

#[test]
fn a_state_of_every_schema_version_so_far_plans_nothing() {
    with_every_cli(|cli| {
        for version in 0..=current_version() {
            let (configuration, state) = (format!("state/v{version}.tf"), format!("state/v{version}.json"));
            let sandbox = SandboxProcess::start();
            let owner = Workspace::new(cli, &sandbox, &read(&configuration));
            owner.apply();
            let is_current = version == current_version() && cli.name == "terraform";
            if is_current && std::env::var_os("RECORD_STATE").is_some() {
                record(&owner, version);
            }
            let workspace = Workspace::new(cli, &sandbox, &read(&configuration));
            let host = if cli.name == "tofu" { "registry.opentofu.org" } else { "registry.terraform.io" };
            workspace.write("terraform.tfstate", &read(&state).replace("registry.terraform.io", host));
            workspace.plan_is_empty();
        }
    });
}

const SERVICE: &str = r#"
resource "express_gateway_service" "app" {
  primary_container       = { image = "public.ecr.aws/nginx/nginx:1.28" }
  execution_role_arn      = "arn:aws:iam::123456789012:role/execution"
  infrastructure_role_arn = "arn:aws:iam::123456789012:role/infrastructure"
  service_name            = "app"
}
"#;

const MOVED: &str = r"
moved {
  from = aws_ecs_express_gateway_service.app
  to   = express_gateway_service.app
}
";

/// Makes `hashicorp/aws` installable. Core installs it because the state names it, and does not ask it about a
/// resource that has moved away, so any provider does.
fn offer_hashicorp_aws(workspace: &Workspace, host: &str) {
    let folder = workspace.path(format!("peer/{host}/hashicorp/aws/6.50.0/{}", platform()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let binary = env!("CARGO_BIN_EXE_terraform-provider-express");
    std::fs::copy(binary, folder.join("terraform-provider-aws_v6.50.0")).expect("a binary");
    workspace.install_from(&[mirror(), &workspace.path("peer")]);
}

#[test]
fn a_moved_block_takes_a_state_of_hashicorp_aws_over_without_a_change() {
    with_every_cli_that_has(Feature::Move, |cli| {
        let sandbox = SandboxProcess::start();
        let mut owner = Workspace::empty(cli, &sandbox);
        owner.set("AWS_REGION", "eu-west-1");
        owner.rewrite(SERVICE);
        owner.run(&["init"]).succeeded();
        owner.apply();
        let live = owner.show();

        let mut workspace = Workspace::empty(cli, &sandbox);
        workspace.set("AWS_REGION", "eu-west-1");
        let host = if cli.name == "tofu" { "registry.opentofu.org" } else { "registry.terraform.io" };
        offer_hashicorp_aws(&workspace, host);
        let state = read("aws_ecs_express_gateway_service/basic.json");
        workspace.write("terraform.tfstate", &state.replace("registry.terraform.io", host));
        workspace.rewrite(&format!("{SERVICE}{MOVED}"));
        workspace.run(&["init"]).succeeded();
        workspace.apply().says("0 added, 0 changed, 0 destroyed");
        workspace.plan_is_empty();
        assert_eq!(workspace.show(), live);
    });
}
