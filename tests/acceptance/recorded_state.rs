//! States that were written before: by the first schema version of this provider, and by `hashicorp/aws`.
//!
//! `RECORD_STATE=1 cargo test --test acceptance recorded_state` writes the first version's files anew. That is right
//! until that version is released, and wrong ever after.

use std::fs::{read_to_string, write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{SandboxProcess, Workspace, with_every_cli};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn read(name: &str) -> String {
    read_to_string(fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Writes what this version of the provider makes of `state/v0.tf`: the state, and the schema that it is of.
fn record(workspace: &Workspace) {
    let state = read_to_string(workspace.path("terraform.tfstate")).expect("a state");
    write(fixture("state/v0.json"), state).expect("written");
    let schemas = workspace.run(&["providers", "schema", "-json"]).succeeded().output;
    let schemas: Value = serde_json::from_str(&schemas).expect("JSON");
    let provider = &schemas["provider_schemas"]["registry.terraform.io/express-gateway/express"];
    let schema = &provider["resource_schemas"]["express_gateway_service"];
    assert!(schema.is_object(), "the provider's schemas hold the resource's");
    let schema = serde_json::to_string_pretty(schema).expect("JSON");
    write(fixture("state/v0-schema.json"), schema + "\n").expect("written");
}

#[test]
fn a_state_of_the_first_schema_version_plans_nothing() {
    with_every_cli(|cli| {
        let sandbox = SandboxProcess::start();
        let owner = Workspace::new(cli, &sandbox, &read("state/v0.tf"));
        owner.apply();
        if std::env::var_os("RECORD_STATE").is_some() && cli.name == "terraform" {
            record(&owner);
        }
        let workspace = Workspace::new(cli, &sandbox, &read("state/v0.tf"));
        let host = if cli.name == "tofu" { "registry.opentofu.org" } else { "registry.terraform.io" };
        workspace.write("terraform.tfstate", &read("state/v0.json").replace("registry.terraform.io", host));
        workspace.plan_is_empty();
    });
}
