//! The process as core starts it: its words on stdout and stderr, its signals, its end.

use std::path::PathBuf;
use std::process::Stdio;

use terraform_provider_express::framework::Value;
use terraform_provider_express::framework::server::{ClientCapabilities, ConfigureRequest};
use terraform_provider_express::protocol::client::{Child, Client, HandshakeLine};
use terraform_provider_express::protocol::{Address, COOKIE_NAME, Mode};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::support::child::{PATIENCE, binary_command, is_child, own_command, serve_test_provider, signal};
use crate::support::values::text;

fn socket_path(handshake_line: &str) -> PathBuf {
    let line = HandshakeLine::parse(handshake_line).expect("a handshake line");
    let Address::Unix(path) = line.address else { panic!("not a Unix socket: {handshake_line}") };
    path
}

async fn start() -> Child {
    timeout(PATIENCE, Child::start(binary_command())).await.expect("in time").expect("starts")
}

#[tokio::test]
async fn the_handshake_is_one_line_and_nothing_follows_on_stdout() {
    let child = start().await;
    let fields: Vec<&str> = child.handshake_line.split('|').collect();
    assert_eq!([fields[0], fields[1], fields[2], fields[4]], ["1", "6", "unix", "grpc"]);
    assert_eq!(fields.len(), 6);
    assert!(fields[5].len() > 50, "go-plugin takes a shorter certificate for none");
    assert!(!fields[5].ends_with('='), "no padding");
    assert!(fields[3].len() < 108);

    child.connect().await.expect("connects").shutdown().await.expect("is answered");
    let (status, rest) = timeout(PATIENCE, child.wait()).await.expect("in time").expect("ends");
    assert!(status.success());
    assert_eq!(rest, "");
}

#[tokio::test]
async fn a_person_is_told_what_this_is() {
    for cookie in [None, Some("wrong")] {
        let mut command = binary_command();
        match cookie {
            None => command.env_remove(COOKIE_NAME),
            Some(cookie) => command.env(COOKIE_NAME, cookie),
        };
        let output = timeout(PATIENCE, command.output()).await.expect("in time").expect("runs");
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let told = String::from_utf8(output.stderr).expect("text");
        assert!(told.contains("Terraform provider"), "{told}");
    }
}

#[tokio::test]
async fn version_and_help_need_no_cookie() {
    for (argument, expected) in [("--version", env!("CARGO_PKG_VERSION")), ("--help", "--debug")] {
        let mut command = binary_command();
        let output = command.env_remove(COOKIE_NAME).arg(argument).output().await.expect("runs");
        assert!(output.status.success());
        assert!(String::from_utf8(output.stdout).expect("text").contains(expected), "{argument}");
    }
}

#[tokio::test]
async fn a_start_that_fails_says_why() {
    let mut command = binary_command();
    command.env("PLUGIN_UNIX_SOCKET_DIR", "/no/such/directory").env("PLUGIN_CLIENT_CERT", "");
    let output = timeout(PATIENCE, command.output()).await.expect("in time").expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(told.contains("/no/such/directory"), "{told}");
}

#[tokio::test]
async fn sigint_is_ignored_and_shutdown_ends_it_without_a_trace() {
    let child = start().await;
    let client = child.connect().await.expect("connects");
    signal(child.process.id().expect("runs"), "INT").await;
    client.stop().await.expect("still serves");
    let path = socket_path(&child.handshake_line);
    assert!(path.exists());

    client.shutdown().await.expect("is answered");
    let (status, _) = timeout(PATIENCE, child.wait()).await.expect("in time").expect("ends");
    assert!(status.success());
    assert!(!path.exists());
}

#[tokio::test]
async fn sigterm_ends_it_without_a_trace() {
    let child = start().await;
    let path = socket_path(&child.handshake_line);
    signal(child.process.id().expect("runs"), "TERM").await;
    let (status, _) = timeout(PATIENCE, child.wait()).await.expect("in time").expect("ends");
    assert!(status.success());
    assert!(!path.exists());
}

/// Starts the binary below a shell, so that the shell can be killed as if it were core.
async fn start_below_a_shell() -> (Child, u32) {
    let mut command = Command::new("sh");
    for (name, value) in binary_command().as_std().get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command.args(["-c", "\"$0\" & wait", env!("CARGO_BIN_EXE_terraform-provider-express")]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let child = timeout(PATIENCE, Child::start(command)).await.expect("in time").expect("starts");
    let shell = child.process.id().expect("runs");
    (child, shell)
}

#[tokio::test]
async fn it_ends_by_itself_when_its_parent_has_vanished() {
    let (child, shell) = start_below_a_shell().await;
    let path = socket_path(&child.handshake_line);
    signal(shell, "KILL").await;
    // Stdout ends when the last process that has it does.
    timeout(PATIENCE, child.wait()).await.expect("it ends by itself").expect("ends");
    assert!(!path.exists());
}

#[tokio::test]
async fn an_open_connection_keeps_it_although_the_parent_has_vanished() {
    let (child, shell) = start_below_a_shell().await;
    let path = socket_path(&child.handshake_line);
    let client = child.connect().await.expect("connects");
    signal(shell, "KILL").await;
    client.stop().await.expect("still serves");
    assert!(path.exists());
    drop(client);
    timeout(PATIENCE, child.wait()).await.expect("it ends by itself").expect("ends");
    assert!(!path.exists());
}

/// What the binary writes to stderr during a stop, with these variables.
async fn log_of_a_stop(variables: &[(&str, &str)]) -> String {
    let mut command = binary_command();
    for name in ["TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_EXPRESS"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied()).stderr(Stdio::piped());
    let mut child = timeout(PATIENCE, Child::start(command)).await.expect("in time").expect("starts");
    let mut stderr = child.process.stderr.take().expect("piped");
    let client = child.connect().await.expect("connects");
    client.stop().await.expect("answers");
    client.shutdown().await.expect("answers");
    let mut log = String::new();
    timeout(PATIENCE, stderr.read_to_string(&mut log)).await.expect("in time").expect("text");
    child.wait().await.expect("ends");
    log
}

#[tokio::test]
async fn the_log_is_hclog_at_the_level_that_was_asked_for() {
    let log = log_of_a_stop(&[("TF_LOG", "error"), ("TF_LOG_PROVIDER_EXPRESS", "info")]).await;
    let stop = log.lines().find(|line| line.contains("being stopped")).expect("the stop is logged");
    let line: serde_json::Value = serde_json::from_str(stop).expect("JSON");
    assert_eq!(line["@level"], "info");
    assert!(line["@timestamp"].as_str().expect("text").ends_with('Z'));
    assert_eq!(log_of_a_stop(&[("TF_LOG_PROVIDER", "error"), ("TF_LOG", "trace")]).await, "");
    assert_eq!(log_of_a_stop(&[]).await, "");
}

#[tokio::test]
async fn debug_mode_tells_a_developer_how_to_attach_and_ends_with_ctrl_c() {
    let mut command = binary_command();
    let mut process = command.env_remove(COOKIE_NAME).arg("--debug").spawn().expect("starts");
    let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
    let mut attach = None;
    while let Some(line) = timeout(PATIENCE, lines.next_line()).await.expect("in time").expect("text") {
        if let Some(value) = line.trim().strip_prefix("export TF_REATTACH_PROVIDERS='") {
            attach = Some(value.trim_end_matches('\'').to_owned());
        }
        if line.contains("Ctrl-C") {
            break;
        }
    }
    let attach: serde_json::Value = serde_json::from_str(&attach.expect("it is told")).expect("JSON");
    let reattach = &attach["registry.terraform.io/express-gateway/express"];
    assert_eq!(reattach["Pid"], process.id().expect("runs"));
    let path = PathBuf::from(reattach["Addr"]["String"].as_str().expect("a path"));
    let line = format!("1|6|unix|{}|grpc|", path.display());
    let client = Client::connect(&line, None).await.expect("connects without TLS");
    client.stop().await.expect("serves");

    signal(process.id().expect("runs"), "INT").await;
    assert!(timeout(PATIENCE, process.wait()).await.expect("in time").expect("ends").success());
    assert!(!path.exists());
}

#[tokio::test]
async fn debug_mode_serves_one_run_after_the_other() {
    if is_child() {
        return serve_test_provider(Mode::Debug).await;
    }
    let mut command = own_command("protocol::process::debug_mode_serves_one_run_after_the_other");
    let mut process = command.spawn().expect("starts");
    let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
    let mut path = None;
    while path.is_none() {
        let line = timeout(PATIENCE, lines.next_line()).await.expect("in time").expect("text");
        let line = line.expect("the address comes before the end");
        path = line.split(r#""String":""#).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
    }
    let line = format!("1|6|unix|{}|grpc|", path.expect("found"));
    for run in ["first", "second"] {
        let client = Client::connect(&line, None).await.expect("connects");
        let config = Value::object([("label", text(run))]);
        let terraform_version = "1.16.0".to_owned();
        let request =
            ConfigureRequest { terraform_version, config, capabilities: ClientCapabilities::default() };
        assert!(client.configure(request).await.expect("answers").is_empty(), "{run}");
        client.stop().await.expect("answers");
    }
    signal(process.id().expect("runs"), "TERM").await;
    timeout(PATIENCE, process.wait()).await.expect("in time").expect("ends");
}

#[tokio::test]
async fn a_panic_is_told_in_the_words_that_core_recognises() {
    if is_child() {
        return serve_test_provider(Mode::Plugin).await;
    }
    let mut command = own_command("protocol::process::a_panic_is_told_in_the_words_that_core_recognises");
    command.stderr(Stdio::piped());
    let mut child = timeout(PATIENCE, Child::start(command)).await.expect("in time").expect("starts");
    let mut stderr = child.process.stderr.take().expect("piped");
    let client = child.connect().await.expect("connects");
    let answer = client.call_function("join", &[text("-"), text("panic")]).await.expect("answers");
    assert!(answer.expect_err("an error").text.contains("panicked"));
    client.shutdown().await.expect("is answered");

    let mut told = String::new();
    timeout(PATIENCE, stderr.read_to_string(&mut told)).await.expect("in time").expect("text");
    let line = told.lines().position(|line| line == "panic: the function panics").expect("core's words");
    assert!(told.lines().skip(line).any(|line| line.contains("provider.rs")), "the place: {told}");
    child.wait().await.expect("ends");
}
