//! The life of a plugin process.

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{SharedClock, SystemClock};
use crate::framework::server::Server;
use crate::protocol::environment::Environment;
use crate::protocol::handshake::is_version_offered;
use crate::protocol::listener::Transport;
use crate::protocol::plugin::{Plugin, StartError};
use crate::protocol::signals::{self, Owner};
use crate::protocol::{log, panic_hook, parent_watch, reattach};

/// How long operations may take to end when core has gone; nobody waits for the process then.
const ABANDONED_GRACE: Duration = Duration::from_secs(30);

/// How to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who started the process.
    pub mode: Mode,
    /// What core said.
    pub environment: Environment,
    /// What to listen on.
    pub transport: Transport,
}

/// Who started the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Core: handshake line, `AutoMTLS`, SIGINT ignored, ends with core.
    Plugin,
    /// A developer: no TLS, `TF_REATTACH_PROVIDERS` for many runs, ends with Ctrl-C.
    Debug,
}

impl Options {
    /// Options for this process.
    pub fn of_process(mode: Mode) -> Self {
        Self { mode, environment: Environment::of_process(), transport: Transport::of_platform() }
    }
}

/// Serves the plugin until core asks it to leave, has gone, or a signal ends it.
///
/// # Guarantees
/// Stdout holds exactly the handshake line (or a developer's instructions). The socket file is removed.
/// The log goes to stderr at the level that `TF_LOG_PROVIDER_EXPRESS`, `TF_LOG_PROVIDER` or `TF_LOG` asks for.
///
/// # Errors
/// A start that fails is explained on stderr, and the exit code is a failure.
pub async fn serve(server: Server, options: Options) -> ExitCode {
    let clock: SharedClock = Arc::new(SystemClock);
    log::install(Arc::clone(&clock));
    panic_hook::install();
    match serve_process(server, options, clock).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nowhere to report that stderr is closed.
            let _ = writeln!(io::stderr().lock(), "terraform-provider-express: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn serve_process(server: Server, options: Options, clock: SharedClock) -> Result<(), StartError> {
    // Asked before anything else: the parent may go at any time.
    let is_parent_there = parent_watch::parent_at_start();
    let environment = match options.mode {
        Mode::Plugin => options.environment,
        Mode::Debug => Environment { client_certificate_pem: None, ..options.environment },
    };
    if !is_version_offered(environment.protocol_versions.as_deref()) {
        tracing::warn!("core does not offer protocol 6, the only one of this provider");
    }
    let plugin = Plugin::start(server, &environment, options.transport, Arc::clone(&clock)).await?;
    let (owner, text) = match options.mode {
        Mode::Plugin => (Owner::Core, format!("{}\n", plugin.handshake_line)),
        Mode::Debug => (Owner::Developer, reattach::instructions(&plugin.address, std::process::id())),
    };
    signals::listen(owner, &plugin.lifecycle, Arc::clone(&clock)).map_err(StartError::Signals)?;
    write_to_stdout(&text).map_err(StartError::Stdout)?;
    if owner == Owner::Core {
        tokio::select! {
            () = plugin.lifecycle.departure().cancelled() => {}
            () = parent_watch::wait_until_abandoned(&*clock, plugin.lifecycle.connections(), is_parent_there) => {
                tracing::warn!("Terraform has gone without saying so");
                plugin.stop_operations(ABANDONED_GRACE).await;
                plugin.lifecycle.depart();
            }
        }
    }
    plugin.serve_until_departure().await;
    Ok(())
}

fn write_to_stdout(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// An error with its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_with_its_causes() {
        let error = StartError::Listen(io::Error::other("no room"));
        assert_eq!(chain(&error), "cannot listen for Terraform: no room");
    }
}
