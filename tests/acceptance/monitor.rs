//! The monitor as users run it: in a terminal, in a pipe, and with what it cannot watch.

use std::process::{Command, Output, Stdio};

use terraform_provider_express::monitor::Screen;

use crate::support::aws::Aws;
use crate::support::configuration::IMAGE;
use crate::support::process::{kill_gently, wait_for};
use crate::support::sandbox::SandboxProcess;
use crate::support::tmux::Tmux;
use crate::support::workspace::REGION;

/// Simulated seconds per real second: a canary lasts long enough to be looked at.
const SPEED: &str = "60";
/// Set in the process that shall panic.
const PANIC_VARIABLE: &str = "TEST_MONITOR_PANIC";
const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-express");

fn sandbox(arguments: &[&str]) -> SandboxProcess {
    SandboxProcess::start_with(&[&["--speed", SPEED], arguments].concat())
}

/// The monitor without a terminal, until it ends.
fn run(sandbox: &SandboxProcess, arguments: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.args(["monitor", "--endpoint-url", &sandbox.url, "--interval", "1"]).args(arguments);
    command.env_clear().envs(environment()).stdin(Stdio::null());
    command.output().expect("the monitor runs")
}

fn environment() -> [(&'static str, &'static str); 4] {
    [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", REGION),
        ("HOME", "/nowhere"),
    ]
}

/// The command line of a monitor in a terminal.
fn command_line(sandbox: &SandboxProcess, arguments: &str) -> String {
    let variables = environment().map(|(name, value)| format!("{name}={value}")).join(" ");
    format!("{variables} {BINARY} monitor --endpoint-url {} --interval 1 {arguments}", sandbox.url)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_create_is_watched_in_a_terminal_with_both_views_and_help() {
    let Some(tmux) = Tmux::start() else { return };
    let sandbox = sandbox(&[]);
    Aws::at(&sandbox).create_express_gateway_service("api", IMAGE);
    tmux.enter(&command_line(&sandbox, "api"));
    let screen = tmux.wait_for_text("IN_PROGRESS");
    assert!(screen.contains("Stage ") && screen.contains("Tab view"), "{screen}");
    tmux.press("Tab");
    let screen = tmux.wait_for_text("load_balancer_security_group");
    assert!(screen.contains("Cluster  arn:aws:ecs:") && screen.contains("Ingress  https://"), "{screen}");
    tmux.type_text("?");
    tmux.wait_for_text("switch between resources and deployment");
    tmux.type_text("d");
    tmux.wait_for_text("✓ SUCCESSFUL");
    tmux.type_text("q");
    let screen = tmux.wait_for_text("default/api SUCCESSFUL");
    assert!(!screen.contains("Tab view"), "the live view is gone: {screen}");
    tmux.assert_given_back();
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let Some(tmux) = Tmux::start() else { return };
    let sandbox = sandbox(&[]);
    Aws::at(&sandbox).create_express_gateway_service("api", IMAGE);
    for signal in ["TERM", "INT", "HUP"] {
        tmux.enter("clear");
        tmux.enter(&command_line(&sandbox, "api --exit-on-complete; echo status-$?"));
        tmux.wait_for_text("Tab view");
        kill_gently(signal, tmux.foreground_process());
        tmux.wait_for_text("status-130");
        tmux.assert_given_back();
    }
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_message_is_printed() {
    if std::env::var_os(PANIC_VARIABLE).is_some() {
        let _screen = Screen::take().expect("a terminal");
        panic!("on purpose, with the terminal taken");
    }
    let Some(tmux) = Tmux::start() else { return };
    let test = std::env::current_exe().expect("a path").display().to_string();
    let name = "monitor::a_panic_gives_the_terminal_back_before_its_message_is_printed";
    tmux.enter(&format!("{PANIC_VARIABLE}=1 {test} --exact {name} --nocapture; echo end-$((40+2))"));
    let screen = tmux.wait_for_text("end-42");
    assert!(screen.contains("on purpose, with the terminal taken"), "on the main screen: {screen}");
    tmux.enter("clear");
    tmux.assert_given_back();
}

#[test]
fn without_a_terminal_there_is_a_line_for_each_change_and_the_exit_status_is_zero() {
    let sandbox = sandbox(&[]);
    let arn = Aws::at(&sandbox).create_express_gateway_service("api", IMAGE);
    let output = run(&sandbox, &["default/api", "--exit-on-complete"]);
    let lines = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{lines}{}", text(&output.stderr));
    assert!(lines.lines().next().is_some_and(|line| line.ends_with(&format!("default/api watching {arn}"))));
    for words in
        ["deployment ", "stage ", "tasks: new revision", "certificate ", "event: ", "ended: SUCCEEDED"]
    {
        assert!(lines.contains(words), "{words}: {lines}");
    }
    assert!(!lines.contains('\u{1b}'), "no escape sequences in a pipe: {lines}");
}

#[test]
fn a_rollback_has_an_exit_status_of_its_own_and_tells_the_cause() {
    let sandbox = sandbox(&["--scenario", "alarm@image=bad"]);
    let aws = Aws::at(&sandbox);
    let arn = aws.create_express_gateway_service("api", IMAGE);
    assert_eq!(run(&sandbox, &[&arn, "--exit-on-complete"]).status.code(), Some(0));
    aws.update_express_gateway_service(&arn, "bad:1");
    let output = run(&sandbox, &[&arn, "--exit-on-complete"]);
    let lines = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{lines}");
    assert!(lines.contains("alarm default/api/RollbackAlarm went off"), "{lines}");
    assert!(lines.contains("ended: ROLLED BACK") && lines.contains("| hint: "), "{lines}");
}

#[test]
fn a_first_deployment_that_fails_has_an_exit_status_of_its_own() {
    let sandbox = sandbox(&["--scenario", "image-not-found"]);
    Aws::at(&sandbox).create_express_gateway_service("api", IMAGE);
    let output = run(&sandbox, &["api", "--exit-on-complete"]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stdout));
}

#[test]
fn what_cannot_be_watched_is_one_line_and_exit_status_one() {
    let sandbox = sandbox(&[]);
    let refused = |output: &Output, words: &str| {
        let line = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{line}");
        assert!(line.starts_with("monitor: ") && line.contains(words), "{line}");
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(output.stdout.is_empty());
    };
    refused(&run(&sandbox, &["prod/api"]), "service `prod/api` does not exist in");
    refused(&run(&sandbox, &["--all"]), "there is no service to watch");
    refused(&run(&sandbox, &["a/b/c"]), "neither a service ARN nor");
    refused(&run(&sandbox, &["api", "--profile", "staging"]), "AWS profile `staging` does not exist");
    let mut without_credentials = Command::new(BINARY);
    without_credentials.args(["monitor", "api", "--endpoint-url", &sandbox.url]).env_clear();
    without_credentials.envs([
        ("AWS_REGION", REGION),
        ("HOME", "/nowhere"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]);
    refused(&without_credentials.output().expect("the monitor runs"), "No AWS credentials");
}

#[test]
fn several_services_in_two_regions_are_one_stream_with_their_places() {
    let sandbox = sandbox(&[]);
    for region in [REGION, "eu-west-1"] {
        Aws::at_region(&sandbox, region).create_express_gateway_service("api", IMAGE);
    }
    let arguments =
        ["--all", "--cluster", "default", "--region", REGION, "--region", "eu-west-1", "--exit-on-complete"];
    let output = run(&sandbox, &arguments);
    let lines = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{lines}{}", text(&output.stderr));
    for region in [REGION, "eu-west-1"] {
        assert!(lines.contains(&format!(" {region}/default/api ended: SUCCEEDED")), "{lines}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_monitor() {
    let sandbox = sandbox(&[]);
    Aws::at(&sandbox).create_express_gateway_service("api", IMAGE);
    let mut command = Command::new(BINARY);
    command.args(["monitor", "--endpoint-url", &sandbox.url, "--interval", "1", "api"]);
    command.env_clear().envs(environment()).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut monitor = command.spawn().expect("the monitor runs");
    drop(monitor.stdout.take());
    let status = wait_for("the end of the monitor", || monitor.try_wait().expect("a child"));
    assert_eq!(status.code(), Some(0));
}
