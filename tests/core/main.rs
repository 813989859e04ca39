//! The framework against Terraform itself: a provider with every kind of attribute, and an apply after which the next
//! plan is empty, for every row of [`cases::CASES`].
//!
//! The binary is both sides: started by Terraform it is the provider, otherwise it drives Terraform: what
//! `TERRAFORM_BINARY` names, or `terraform` or `tofu` on `PATH`, or what `scripts/cores` brings.

#[path = "../acceptance/support/bring.rs"]
mod bring;
mod cases;
mod terraform;
mod thing;

use std::env;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use terraform_provider_express::framework::server::Server;
use terraform_provider_express::protocol::{COOKIE_NAME, Mode, Options, serve};

use cases::{CASES, Expected};
use terraform::Workspace;

fn main() -> ExitCode {
    if env::var_os(COOKIE_NAME).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let server = Server::new(Arc::new(thing::ThingProvider));
        return runtime.block_on(serve(server, Options::of_process(Mode::Plugin)));
    }
    let workspace = match terraform::find().map(Workspace::new) {
        Ok(workspace) => workspace,
        Err(error) => {
            say(&format!("core: there is no terraform to run: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let failures = CASES.iter().filter(|case| {
        let outcome = match case.expected {
            Expected::Quiet => workspace.apply_and_plan_again(case),
            Expected::Refused(text) => workspace.apply_refused(case, text),
        };
        say(&match &outcome {
            Ok(()) => format!("core: {} ... ok", case.name),
            Err(output) => format!("core: {} ... FAILED\n{output}", case.name),
        });
        outcome.is_err()
    });
    if failures.count() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(line: &str) {
    // There is nowhere to report that stderr is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}
