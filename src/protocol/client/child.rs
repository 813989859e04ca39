//! A plugin process, started as core starts it.

use std::path::Path;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{ChildStdout, Command};

use crate::protocol::client::{Client, ClientCertificate, ConnectError};
use crate::protocol::environment::{COOKIE_NAME, COOKIE_VALUE};

/// Lines on stdout before which the handshake line must come. Core allows none; a test binary prints some.
const LINES_BEFORE_HANDSHAKE_MAX: usize = 20;

/// A running plugin process. Dropping it kills the process.
#[derive(Debug)]
pub struct Child {
    /// The process.
    pub process: tokio::process::Child,
    /// The line that it printed.
    pub handshake_line: String,
    /// The certificate that it accepts; none: no TLS.
    pub certificate: Option<ClientCertificate>,
    stdout: BufReader<ChildStdout>,
}

/// A command that starts `binary` with core's environment, but without TLS.
pub fn core_command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .env(COOKIE_NAME, COOKIE_VALUE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .env_remove("PLUGIN_CLIENT_CERT")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

impl Child {
    /// Starts the process with `AutoMTLS` and waits for its handshake line.
    pub async fn start(mut command: Command) -> Result<Self, ConnectError> {
        let certificate = ClientCertificate::generate().map_err(|error| ConnectError::Start(error.into()))?;
        command.env("PLUGIN_CLIENT_CERT", certificate.pem());
        Self::spawn(command).await.map(|child| Self { certificate: Some(certificate), ..child })
    }

    /// Starts the process as the command says, without a certificate of its own, and waits for its handshake
    /// line.
    pub async fn spawn(mut command: Command) -> Result<Self, ConnectError> {
        let mut process = command.spawn().map_err(|error| ConnectError::Start(error.into()))?;
        let stdout =
            process.stdout.take().ok_or_else(|| ConnectError::Start("stdout is not piped".into()))?;
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        for _ in 0..LINES_BEFORE_HANDSHAKE_MAX {
            line.clear();
            stdout.read_line(&mut line).await.map_err(|error| ConnectError::Start(error.into()))?;
            if line.is_empty() || line.starts_with("1|") {
                break;
            }
        }
        if line.is_empty() {
            return Err(ConnectError::HandshakeLine(line));
        }
        Ok(Self { process, handshake_line: line.trim_end().to_owned(), certificate: None, stdout })
    }

    /// Connects as core does.
    pub async fn connect(&self) -> Result<Client, ConnectError> {
        Client::connect(&self.handshake_line, self.certificate.as_ref()).await
    }

    /// Waits for the end of the process; answers its exit status and what it printed after the handshake.
    pub async fn wait(mut self) -> std::io::Result<(ExitStatus, String)> {
        let mut rest = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut self.stdout, &mut rest).await?;
        Ok((self.process.wait().await?, rest))
    }
}
