//! `terraform-provider-express monitor`: the command line, the signals and the exit status.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use tokio_util::sync::CancellationToken;

use super::error::MonitorError;
use super::keyboard::Keyboard;
use super::options::{Mode, Options};
use super::outcome::exit_status;
use super::run::{End, Limits, run_live, run_text};
use super::screen::Screen;
use super::session::Session;
use super::state::State;
use crate::aws::Environment;
use crate::aws::config::Surroundings;
use crate::clock::SystemClock;

/// Minutes after which a monitor that waits for an end gives up: longer than any apply of this provider waits.
const DEFAULT_TIMEOUT_MINUTES: u64 = 60;

const LONG_ABOUT: &str = "\
Shows services while AWS works on them: every resource underneath, and the newest deployment with its stage, traffic \
weights, tasks, events and alarms. In a terminal it is a live view; without one, or with --text, it writes one line \
for each change. It only reads.";

const AFTER_HELP: &str = "\
Exit status:
  0    everything succeeded, or the monitor was left without --exit-on-complete
  1    the monitor could not begin: unknown service (without --wait), no credentials, no answer
  2    the command line is not understood
  3    with --exit-on-complete: a deployment was rolled back
  4    with --exit-on-complete: a deployment failed or was stopped, or a resource cannot be made
  5    something was still under way when --timeout was over
  130  with --exit-on-complete: ended by a key or a signal before the end

With several services the worst one decides.";

/// The arguments of the `monitor` subcommand.
pub fn arguments() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("monitor")
        .about("Watch services while AWS works on them")
        .long_about(LONG_ABOUT)
        .after_help(AFTER_HELP)
        .arg(
            Arg::new("service")
                .value_name("SERVICE")
                .help("ARN of a service, or CLUSTER/NAME, or NAME; may be repeated")
                .action(ArgAction::Append)
                .required_unless_present("all"),
        )
        .arg(flag("all", "Watch every Express Mode and composed service").conflicts_with("service"))
        .arg(text("cluster", "CLUSTER", "Cluster of services given by name, and of --all"))
        .arg(
            text("region", "REGION", "Region to look in; may be repeated. Default: as configured")
                .action(ArgAction::Append),
        )
        .arg(
            text("profile", "PROFILE", "Profile of the AWS configuration; may be repeated")
                .action(ArgAction::Append),
        )
        .arg(text("endpoint-url", "URL", "Endpoint of all AWS services, for example a sandbox"))
        .arg(flag("text", "Write lines even in a terminal"))
        .arg(flag("wait", "Wait for services that do not exist yet: before the first apply"))
        .arg(flag("exit-on-complete", "End when nothing is under way any more; see the exit status"))
        .arg(
            text(
                "timeout",
                "MINUTES",
                "End after this time. Default: 60 with --exit-on-complete, or else never",
            )
            .value_parser(value_parser!(u64).range(1..=7 * 24 * 60)),
        )
        .arg(
            text("interval", "SECONDS", "Seconds between two looks at the least")
                .value_parser(value_parser!(u64).range(1..=300))
                .default_value("5"),
        )
}

fn to_options(arguments: &ArgMatches, is_terminal: bool) -> Options {
    let many = |name| arguments.get_many::<String>(name).into_iter().flatten().cloned().collect();
    let exit_on_complete = arguments.get_flag("exit-on-complete");
    let minutes = arguments.get_one::<u64>("timeout").copied();
    let minutes = minutes.or(exit_on_complete.then_some(DEFAULT_TIMEOUT_MINUTES));
    let is_text = arguments.get_flag("text") || !is_terminal;
    Options {
        services: many("service"),
        all: arguments.get_flag("all"),
        cluster: arguments.get_one("cluster").cloned(),
        regions: many("region"),
        profiles: many("profile"),
        endpoint_url: arguments.get_one("endpoint-url").cloned(),
        mode: if is_text { Mode::Text } else { Mode::Live },
        wait: arguments.get_flag("wait"),
        exit_on_complete,
        timeout: minutes.map(|minutes| Duration::from_secs(minutes * 60)),
        interval: Duration::from_secs(*arguments.get_one("interval").expect("has a default")),
    }
}

/// Whether a live view can be drawn and keys can be read.
fn is_terminal() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && io::stdin().is_terminal() && !is_dumb
}

/// Watches until the user, a signal, a limit or the end that was waited for. What went wrong before is one line on
/// standard error.
pub async fn run(arguments: &ArgMatches) -> ExitCode {
    let options = to_options(arguments, is_terminal());
    let surroundings = Surroundings {
        clock: Arc::new(SystemClock),
        environment: Environment::of_process(),
        http_client: None,
    };
    let stop = CancellationToken::new();
    let stopped = stop_signal();
    let watching = watch(&options, &surroundings, &stop);
    tokio::pin!(watching);
    let ended = tokio::select! {
        ended = &mut watching => ended,
        () = stopped => {
            stop.cancel();
            watching.await
        }
    };
    match ended {
        Ok(end) => ExitCode::from(status_of(end, options.exit_on_complete)),
        Err(Failure::NotBegun(error)) => fail(&error),
        Err(Failure::Terminal(error)) => fail(&error),
    }
}

enum Failure {
    NotBegun(MonitorError),
    Terminal(io::Error),
}

async fn watch(
    options: &Options,
    surroundings: &Surroundings,
    stop: &CancellationToken,
) -> Result<End, Failure> {
    let limits = Limits::new(options, &surroundings.clock, stop.clone());
    let mut session = tokio::select! {
        () = stop.cancelled() => return Ok(End::Left),
        begun = Session::begin_in_time(options, surroundings, limits.deadline, say_waiting) => {
            match begun.map_err(Failure::NotBegun)? {
                Some(session) => session,
                None => return Ok(End::TimedOut),
            }
        }
    };
    if options.mode == Mode::Text {
        let mut out = io::stdout();
        return run_text(&mut session, &mut out, &limits).await.map_err(Failure::Terminal);
    }
    let ended = {
        let mut screen = Screen::take().map_err(Failure::Terminal)?;
        let mut keyboard = Keyboard::listen();
        run_live(session, &mut screen.terminal, &mut keyboard.actions, &limits).await
    };
    let (end, state) = ended.map_err(Failure::Terminal)?;
    say_goodbye(&state);
    Ok(end)
}

/// Why nothing is shown yet.
fn say_waiting(error: &MonitorError) {
    // Nobody is left to be told that standard error is closed.
    let _ = writeln!(io::stderr(), "monitor: waiting: {error} yet");
}

/// What was seen last, where the shell goes on.
fn say_goodbye(state: &State) {
    let mut stdout = io::stdout().lock();
    for line in state.summary() {
        // Nobody is left to be told that standard output is closed.
        let _ = writeln!(stdout, "{line}");
    }
}

fn status_of(end: End, exit_on_complete: bool) -> u8 {
    match end {
        End::Complete(ending) => exit_status::of(ending),
        End::Paused => exit_status::PAUSED,
        End::TimedOut => exit_status::TIMED_OUT,
        End::Left if exit_on_complete => exit_status::INTERRUPTED,
        End::Left => exit_status::SUCCEEDED,
    }
}

/// One line, whatever the error's own words are.
fn fail(error: &impl std::fmt::Display) -> ExitCode {
    let line = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    // Nobody is left to be told that standard error is closed.
    let _ = writeln!(io::stderr(), "monitor: {line}");
    ExitCode::from(exit_status::NOT_STARTED)
}

/// Ends at the first SIGINT, SIGTERM or SIGHUP; never, where signals cannot be caught.
#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

/// Ends at the first Ctrl-C.
#[cfg(not(unix))]
async fn stop_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Ending;

    fn options(line: &[&str], is_terminal: bool) -> Options {
        let words = std::iter::once(&"monitor").chain(line);
        to_options(&arguments().try_get_matches_from(words).expect("a valid line"), is_terminal)
    }

    #[test]
    fn the_arguments_are_consistent() {
        arguments().debug_assert();
        let parse = |line: &[&str]| arguments().try_get_matches_from(line.iter().copied());
        assert!(parse(&["monitor"]).is_err(), "a service or --all is needed");
        assert!(parse(&["monitor", "--all", "api"]).is_err());
        assert!(parse(&["monitor", "api", "--interval", "0"]).is_err());
    }

    #[test]
    fn without_a_terminal_the_monitor_writes_lines() {
        assert_eq!(options(&["api"], true).mode, Mode::Live);
        assert_eq!(options(&["api"], false).mode, Mode::Text);
        assert_eq!(options(&["api", "--text"], true).mode, Mode::Text);
    }

    #[test]
    fn a_monitor_that_waits_for_an_end_has_a_limit() {
        assert_eq!(options(&["api"], true).timeout, None);
        assert_eq!(options(&["api", "--exit-on-complete"], true).timeout, Some(Duration::from_secs(3600)));
        assert_eq!(options(&["api", "--timeout", "2"], true).timeout, Some(Duration::from_secs(120)));
    }

    #[test]
    fn regions_profiles_and_services_may_be_repeated() {
        let options = options(&["a", "b", "--region", "r1", "--region", "r2", "--profile", "p"], true);
        assert_eq!(options.services, ["a", "b"]);
        assert_eq!(options.regions, ["r1", "r2"]);
        assert_eq!(options.profiles, ["p"]);
        assert!(!options.wait);
    }

    #[test]
    fn the_exit_status_tells_how_it_ended() {
        assert_eq!(status_of(End::Complete(Ending::Succeeded), true), 0);
        assert_eq!(status_of(End::Complete(Ending::RolledBack), true), 3);
        assert_eq!(status_of(End::Complete(Ending::Failed), true), 4);
        assert_eq!(status_of(End::TimedOut, true), 5);
        assert_eq!(status_of(End::Left, true), 130);
        assert_eq!(status_of(End::Left, false), 0);
    }
}
