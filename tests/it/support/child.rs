//! Processes that tests start.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use terraform_provider_express::framework::server::Server;
use terraform_provider_express::protocol::client::core_command;
use terraform_provider_express::protocol::{Mode, Options, serve};
use tokio::process::Command;

use crate::support::provider::TestProvider;

/// Longest time that a process may take for anything, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Says to a child that it is one.
const CHILD_VARIABLE: &str = "EXPRESS_TEST_CHILD";

/// The real binary, as core starts it.
pub(crate) fn binary_command() -> Command {
    core_command(Path::new(env!("CARGO_BIN_EXE_terraform-provider-express")))
}

/// Starts the calling test once more, in a process of its own. There `is_child` is true.
pub(crate) fn own_command(test_name: &str) -> Command {
    let mut command = core_command(&std::env::current_exe().expect("the test binary"));
    command.args([test_name, "--exact", "--nocapture"]).env(CHILD_VARIABLE, "1");
    command
}

/// Whether this process is one that [`own_command`] started.
pub(crate) fn is_child() -> bool {
    std::env::var_os(CHILD_VARIABLE).is_some()
}

/// Serves the test provider with this process's environment until it ends.
pub(crate) async fn serve_test_provider(mode: Mode) {
    serve(Server::new(Arc::new(TestProvider::default())), Options::of_process(mode)).await;
}

/// Sends a signal to a process that this test started.
pub(crate) async fn signal(process_id: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &process_id.to_string()]).status().await;
    assert!(status.expect("kill runs").success());
}
