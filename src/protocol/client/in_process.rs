//! A provider served in the same process, with everything between it and its client as it really is.

use std::sync::Arc;

use crate::clock::SystemClock;
use crate::framework::provider::Provider;
use crate::framework::server::Server;
use crate::protocol::client::{Client, ClientCertificate, ConnectError};
use crate::protocol::environment::Environment;
use crate::protocol::lifecycle::Lifecycle;
use crate::protocol::listener::Transport;
use crate::protocol::plugin::Plugin;

/// A served provider and a client that is connected to it by mutual TLS. Dropping it ends the server.
pub struct InProcess {
    /// The connected client.
    pub client: Client,
    /// What core would have read on stdout.
    pub handshake_line: String,
    /// The certificate that the server accepts.
    pub certificate: ClientCertificate,
    lifecycle: Lifecycle,
}

impl InProcess {
    /// Serves `provider` on this platform's transport.
    pub async fn start(provider: Arc<dyn Provider>) -> Result<Self, ConnectError> {
        Self::start_on(Transport::of_platform(), provider).await
    }

    /// Serves `provider` on `transport`.
    pub async fn start_on(transport: Transport, provider: Arc<dyn Provider>) -> Result<Self, ConnectError> {
        let certificate = ClientCertificate::generate().map_err(|error| ConnectError::Start(error.into()))?;
        let environment = Environment {
            client_certificate_pem: Some(certificate.pem().to_owned()),
            ..Environment::default()
        };
        let plugin = Plugin::start(Server::new(provider), &environment, transport, Arc::new(SystemClock))
            .await
            .map_err(|error| ConnectError::Start(error.into()))?;
        let (handshake_line, lifecycle) = (plugin.handshake_line.clone(), plugin.lifecycle.clone());
        tokio::spawn(plugin.serve_until_departure());
        let client = Client::connect(&handshake_line, Some(&certificate)).await?;
        Ok(Self { client, handshake_line, certificate, lifecycle })
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.lifecycle.depart();
    }
}
