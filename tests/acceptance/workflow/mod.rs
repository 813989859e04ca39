//! `examples/ci`: the workflow and the action, run step by step as a runner of GitHub Actions would.

mod runner;
mod yaml;

use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::cli::Cli;
use crate::support::feature::Feature;
use crate::support::{SandboxProcess, Workspace, with_every_cli_that_has};
use runner::{Context, Runner};

/// The repository of the example, within the workspace: beside the modules that it calls.
const CHECKOUT: &str = "examples/ci";
const ACTION: &str = "./.github/actions/rehearse";
const DIGEST: &str = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/app@sha256:8c1d4a2f5f0f7e0c3b2a19d8e7f6a5b4c3d2e1f00918273645546372819a0b1c";

fn read(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(CHECKOUT).join(name);
    yaml::parse(&read_to_string(file).expect("a file"))
}

/// A machine with the programs that the steps call: `terraform`, and a `docker` that pushes nothing.
fn machine(cli: &'static Cli, sandbox: &SandboxProcess) -> Workspace {
    let mut workspace = Workspace::empty(cli, sandbox);
    workspace.write("versions.tf", "");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let copied = Command::new("cp").arg("-R").arg(examples).arg(workspace.path("examples")).status();
    assert!(copied.expect("cp runs").success());
    workspace.install_program("terraform", &format!("#!/bin/sh\nexec {} \"$@\"\n", cli.path.display()));
    workspace.install_program("docker", &format!("#!/bin/sh\n[ \"$1\" != inspect ] || echo {DIGEST}\n"));
    workspace
}

fn runner(workspace: &mut Workspace) -> Runner<'_> {
    let actions = [(ACTION, PathBuf::from(CHECKOUT).join("rehearse"))].into();
    Runner::new(workspace, Path::new(CHECKOUT), actions)
}

#[test]
fn the_job_of_pull_requests_rehearses_in_a_sandbox_of_its_own() {
    with_every_cli_that_has(Feature::Test, |cli| {
        let sandbox = SandboxProcess::start();
        let mut workspace = machine(cli, &sandbox);
        for name in ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            workspace.unset(name);
        }
        let job = runner(&mut workspace).run_job(&read("deploy.yml")["jobs"]["rehearse"], Context::new());
        assert!(job.failure.is_none(), "{:?}", job.failure);
        assert_eq!(sandbox.list_calls("CreateExpressGatewayService").len(), 0, "the action starts its own");
    });
}

#[test]
fn the_action_takes_its_inputs_gives_its_output_and_fails_with_a_test() {
    with_every_cli_that_has(Feature::Test, |cli| {
        let sandbox = SandboxProcess::start();
        let mut workspace = machine(cli, &sandbox);
        let mut runner = runner(&mut workspace);
        let action = read("rehearse/action.yml");
        let with = json!({"speed": "900", "test-arguments": "-verbose"});
        let job = runner.run_action(&action, &with);
        assert!(job.failure.is_none(), "{:?}", job.failure);
        let endpoint = &job.context["outputs.endpoint"];
        assert!(endpoint.starts_with("http://127.0.0.1:") && *endpoint != sandbox.url, "{endpoint}");

        let with = json!({"speed": "900", "scenario": "image-not-found"});
        let failed = runner.run_action(&action, &with).failure.expect("a test fails");
        failed.says("CannotPullContainerError");
    });
}

#[test]
fn the_job_of_main_applies_the_image_that_it_built() {
    with_every_cli_that_has(Feature::Test, |cli| {
        let sandbox = SandboxProcess::start();
        let mut workspace = machine(cli, &sandbox);
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            workspace.unset(name);
        }
        let variables = [
            ("vars.AWS_REGION", "eu-central-1"),
            ("vars.DEPLOY_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy"),
            ("vars.ECR_REPOSITORY", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/app"),
        ];
        let context = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let job = runner(&mut workspace).run_job(&read("deploy.yml")["jobs"]["deploy"], context);
        assert!(job.failure.is_none(), "{:?}", job.failure);
        assert_eq!(job.context["steps.image.outputs.digest"], DIGEST);
        assert!(job.summary.starts_with("Deployed to https://"), "{}", job.summary);
        let created = sandbox.list_calls("CreateExpressGatewayService");
        assert_eq!(created[0]["input"]["primaryContainer"]["image"], DIGEST);
    });
}
