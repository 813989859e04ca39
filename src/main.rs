//! Entry point: the plugin when Terraform starts it, a tool when a person does.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};
use terraform_provider_express::framework::server::Server;
use terraform_provider_express::monitor;
use terraform_provider_express::nearest::nearest;
use terraform_provider_express::protocol::{Mode, Options, serve};
use terraform_provider_express::provider::ExpressProvider;
use terraform_provider_express::sandbox;
use tokio::runtime::{Builder, Runtime};

const ABOUT: &str = "Terraform and OpenTofu provider for Amazon ECS Express Mode services";
/// What a person reads who starts the plugin by hand.
const STARTED_BY_HAND: &str = "This is a Terraform provider: Terraform or OpenTofu starts it. Name it in \
    required_providers and run `terraform init`, or see --help for what it can do by hand.\n";

fn main() -> ExitCode {
    let arguments = match command().try_get_matches() {
        Ok(arguments) => arguments,
        Err(answer) => {
            let answer = with_nearest(answer);
            // Help and version are answers too; clap chooses stdout or stderr.
            let _ = answer.print();
            return ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(1));
        }
    };
    if let Some(("sandbox", arguments)) = arguments.subcommand() {
        return run(sandbox::command::run(arguments));
    }
    if let Some(("monitor", arguments)) = arguments.subcommand() {
        return run(monitor::command::run(arguments));
    }
    if arguments.get_flag("debug") {
        return serve_as(Options::of_process(Mode::Debug));
    }
    let options = Options::of_process(Mode::Plugin);
    if options.environment.is_started_by_core {
        return serve_as(options);
    }
    fail(STARTED_BY_HAND)
}

/// An answer about an unknown word, with the word that may have been meant.
fn with_nearest(mut answer: clap::Error) -> clap::Error {
    let context = match answer.kind() {
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        _ => return answer,
    };
    let Some(ContextValue::String(word)) = answer.get(context).cloned() else { return answer };
    let mut words = command();
    let named = std::env::args().nth(1).and_then(|name| words.find_subcommand(&name).cloned());
    words = named.unwrap_or(words);
    let is_flag = word.starts_with('-');
    let known: Vec<String> = if is_flag {
        words.get_arguments().filter_map(|one| one.get_long()).map(str::to_owned).collect()
    } else {
        words.get_subcommands().map(|one| one.get_name().to_owned()).collect()
    };
    let misspelled = word.trim_start_matches('-').split('=').next().unwrap_or_default();
    if let Some(meant) = nearest(misspelled, known.iter().map(String::as_str)) {
        let (kind, meant) = if is_flag {
            (ContextKind::SuggestedArg, format!("--{meant}"))
        } else {
            (ContextKind::SuggestedSubcommand, meant.to_owned())
        };
        answer.insert(kind, ContextValue::String(meant));
    }
    answer
}

fn command() -> Command {
    let debug = "Serve for a developer: print TF_REATTACH_PROVIDERS and stay until Ctrl-C";
    Command::new("terraform-provider-express")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .arg(Arg::new("debug").long("debug").action(ArgAction::SetTrue).help(debug))
        .subcommand(monitor::command::arguments())
        .subcommand(sandbox::command::arguments())
}

fn serve_as(options: Options) -> ExitCode {
    run(serve(Server::new(Arc::new(ExpressProvider::of_process())), options))
}

fn run(work: impl Future<Output = ExitCode>) -> ExitCode {
    let Ok(runtime) = runtime() else { return fail("cannot start the threads of the program\n") };
    let exit_code = runtime.block_on(work);
    // Whatever is still running has had its time.
    runtime.shutdown_background();
    exit_code
}

/// Few threads: the provider waits for AWS, it does not compute.
fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).max_blocking_threads(8).enable_all().build()
}

fn fail(text: &str) -> ExitCode {
    // There is nowhere to report that stderr is closed.
    let _ = io::stderr().lock().write_all(text.as_bytes());
    ExitCode::FAILURE
}
