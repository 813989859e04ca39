//! `terraform-provider-express sandbox`: the sandbox as a program of its own.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::sandbox::Sandbox;
use super::server::serve;
use super::state_file::{self, StateFileError};
use super::world::scenario::{Scenario, ScenarioRule};
use crate::clock::SystemClock;

/// Port that the documentation uses.
const DEFAULT_PORT: &str = "4599";

/// Simulated seconds per real second: an Express Mode service is up in about two real seconds.
const DEFAULT_SPEED: &str = "150";

/// Why the sandbox did not run.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error("listening on 127.0.0.1:{port}")]
    Listen { port: u16, source: io::Error },
    #[error("waiting for signals")]
    Signals(#[source] io::Error),
    #[error("writing the endpoint to standard output")]
    Announce(#[source] io::Error),
    #[error(transparent)]
    State(#[from] StateFileError),
}

/// The arguments of the `sandbox` subcommand.
pub fn arguments() -> Command {
    Command::new("sandbox")
        .about("Run a local stand-in for the AWS APIs that the provider uses")
        .long_about(
            "Runs a local stand-in for the AWS APIs that the provider uses, on 127.0.0.1. Once it is ready, \
             its endpoint URL is the only line on standard output. Runs until SIGINT or SIGTERM.",
        )
        .arg(
            Arg::new("port")
                .long("port")
                .value_name("PORT")
                .help("Port to listen on; 0 takes a free one")
                .value_parser(value_parser!(u16))
                .default_value(DEFAULT_PORT),
        )
        .arg(
            Arg::new("speed")
                .long("speed")
                .value_name("FACTOR")
                .help("Simulated seconds per real second; 1 is as slow as AWS")
                .value_parser(parse_speed)
                .default_value(DEFAULT_SPEED),
        )
        .arg(
            Arg::new("state")
                .long("state")
                .value_name("FILE")
                .help("Load the world from FILE if it exists, and keep it saved there")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            Arg::new("at-once")
                .long("at-once")
                .help("Show what is made at once; otherwise it shows some simulated seconds late, as in AWS")
                .action(ArgAction::SetTrue),
        )
        .arg(
            Arg::new("scenario")
                .long("scenario")
                .value_name("NAME")
                .help("Enable a failure scenario (see below); may be repeated")
                .value_parser(|text: &str| text.parse::<ScenarioRule>())
                .action(ArgAction::Append),
        )
        .after_help(scenario_help())
}

fn scenario_help() -> String {
    let mut text =
        "Scenarios, each alone, or with @service=NAME or @image=PART for some services only:".to_owned();
    for (_, name, help) in Scenario::list() {
        // Writing to a string does not fail.
        let _ = write!(text, "\n  {name:<31} {help}");
    }
    text
}

fn parse_speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let range = 0.001..=super::scaled_clock::MAX_SPEED;
    if range.contains(&speed) { Ok(speed) } else { Err("must be between 0.001 and 100000".to_owned()) }
}

/// Runs the sandbox until SIGINT or SIGTERM. Standard output gets one line, the endpoint URL, when it is ready;
/// what went wrong is on standard error.
pub async fn run(arguments: &ArgMatches) -> ExitCode {
    match run_until_stopped(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run_until_stopped(arguments: &ArgMatches) -> Result<(), CommandError> {
    let port = *arguments.get_one::<u16>("port").expect("has a default");
    let speed = *arguments.get_one::<f64>("speed").expect("has a default");
    let state = arguments.get_one::<PathBuf>("state").cloned();
    let sandbox = Sandbox::scaled(Arc::new(SystemClock), speed);
    if arguments.get_flag("at-once") {
        sandbox.show_at_once();
    }
    if let Some(path) = &state {
        state_file::load(&sandbox, path)?;
        // A place that cannot be written is told now, not after the first change.
        state_file::save(&sandbox, path)?;
    }
    for rule in arguments.get_many::<ScenarioRule>("scenario").into_iter().flatten() {
        sandbox.with_world(|world| world.add_scenario(rule.clone()));
    }
    let stopped = stop_signal().map_err(CommandError::Signals)?;
    let server =
        serve(sandbox.clone(), port).await.map_err(|source| CommandError::Listen { port, source })?;
    announce(&server.url()).map_err(CommandError::Announce)?;
    let outcome = tokio::select! {
        () = stopped => Ok(()),
        error = keep_saved(&sandbox, state.clone()) => Err(error.into()),
    };
    server.stop().await;
    if let Some(path) = &state {
        state_file::save(&sandbox, path)?;
    }
    outcome
}

async fn keep_saved(sandbox: &Sandbox, state: Option<PathBuf>) -> StateFileError {
    match state {
        Some(path) => state_file::keep_saved(sandbox.clone(), path).await,
        None => std::future::pending().await,
    }
}

/// Ends at the first SIGINT or SIGTERM. The signals are caught from the call on, not from the first poll.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends at the first Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Standard output belongs to this command here, not to the plugin handshake.
fn announce(url: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{url}")?;
    stdout.flush()
}

fn report(error: &CommandError) {
    let mut text = format!("sandbox: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    // Nobody is left to be told that standard error is closed.
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent_and_have_defaults() {
        arguments().debug_assert();
        let matches = arguments().try_get_matches_from(["sandbox"]).unwrap();
        assert_eq!(matches.get_one::<u16>("port").map(u16::to_string).as_deref(), Some(DEFAULT_PORT));
    }

    #[test]
    fn a_scenario_is_read_with_parameter_and_target_and_an_unknown_one_is_refused() {
        let with = |name: &str| arguments().try_get_matches_from(["sandbox", "--scenario", name]);
        assert!(with("crash:137@image=broken").is_ok());
        assert!(with("meteor").unwrap_err().to_string().contains("`meteor`; `sandbox --help` lists"));
        let misspelled = with("wrong-architectrue@service=web").unwrap_err().to_string();
        assert!(misspelled.contains("did you mean `wrong-architecture`?"), "{misspelled}");
    }

    #[test]
    fn a_speed_outside_the_range_is_refused() {
        for speed in ["0", "-1", "NaN", "fast", "1e9"] {
            assert!(arguments().try_get_matches_from(["sandbox", "--speed", speed]).is_err(), "{speed}");
        }
    }
}
