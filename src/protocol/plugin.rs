//! A served plugin: listener, TLS and gRPC services put together.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{Router, Server as TransportServer};

use crate::clock::SharedClock;
use crate::framework::server::Server;
use crate::protocol::connection;
use crate::protocol::environment::Environment;
use crate::protocol::handshake::Handshake;
use crate::protocol::lifecycle::Lifecycle;
use crate::protocol::listener::{Address, Bound, Transport};
use crate::protocol::plugin_services::{Broker, Controller, Stdio};
use crate::protocol::proto::plugin::grpc_broker_server::GrpcBrokerServer;
use crate::protocol::proto::plugin::grpc_controller_server::GrpcControllerServer;
use crate::protocol::proto::plugin::grpc_stdio_server::GrpcStdioServer;
use crate::protocol::proto::tfplugin6::provider_server::ProviderServer;
use crate::protocol::rpc::ProviderService;
use crate::protocol::socket_file::SocketFile;
use crate::protocol::tls::{ServerTls, TlsError};

/// Largest message in either direction, as Go's plugin servers have it.
pub(crate) const MESSAGE_BYTES_MAX: usize = 256 * 1024 * 1024;
/// RPCs in flight on one connection. Core has ten unless told otherwise (`-parallelism`).
const STREAMS_MAX: u32 = 1024;
/// The name under which go-plugin asks for the server's health.
const HEALTH_SERVICE: &str = "plugin";
/// How long operations may take to end after they were cancelled by a departure; core kills after two seconds.
const OPERATIONS_GRACE: Duration = Duration::from_millis(1200);
/// How long open streams may take to end after that.
const STREAMS_GRACE: Duration = Duration::from_millis(300);

/// The plugin cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is nothing to listen on.
    #[error("cannot listen for Terraform")]
    Listen(#[source] io::Error),
    /// TLS cannot be set up.
    #[error("cannot set up TLS with Terraform")]
    Tls(#[from] TlsError),
    /// Signals cannot be listened to.
    #[error("cannot listen to signals")]
    Signals(#[source] io::Error),
    /// The handshake line cannot be written.
    #[error("cannot tell Terraform where to connect")]
    Stdout(#[source] io::Error),
}

/// A plugin that accepts connections. It runs until [`Lifecycle::depart`].
pub(crate) struct Plugin {
    /// Where it listens.
    pub(crate) address: Address,
    /// What core has to be told.
    pub(crate) handshake_line: String,
    /// What is going on in it.
    pub(crate) lifecycle: Lifecycle,
    server: Arc<Server>,
    clock: SharedClock,
    file: Option<SocketFile>,
    serving: JoinHandle<()>,
}

impl Plugin {
    /// Listens and serves. TLS is on exactly if the environment has a client certificate.
    pub(crate) async fn start(
        server: Server,
        environment: &Environment,
        transport: Transport,
        clock: SharedClock,
    ) -> Result<Self, StartError> {
        let tls = environment.client_certificate_pem.as_deref().map(ServerTls::for_client).transpose()?;
        let Bound { listener, address, file } =
            Bound::new(transport, environment).await.map_err(StartError::Listen)?;
        let handshake = Handshake {
            address: &address,
            certificate_der: tls.as_ref().map(|tls| tls.certificate.as_ref()),
            is_multiplexing_asked_for: environment.is_multiplexing_asked_for,
        };
        let handshake_line = handshake.line();

        let (server, lifecycle) = (Arc::new(server), Lifecycle::default());
        let config = tls.map(|tls| tls.config);
        let connections = connection::accept(listener, config, lifecycle.clone(), Arc::clone(&clock));
        let router = router(&server, &lifecycle).await;
        let departure = lifecycle.departure().clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            let connections = ReceiverStream::new(connections);
            if let Err(error) = router.serve_with_incoming_shutdown(connections, departure).await {
                tracing::error!(%error, "the server ended");
            }
        });
        tokio::spawn(stop_operations_without_client(Arc::clone(&server), lifecycle.clone()));
        Ok(Self { address, handshake_line, lifecycle, server, clock, file, serving })
    }

    /// Cancels every operation in flight and waits for `grace` until they have ended.
    pub(crate) async fn stop_operations(&self, grace: Duration) {
        self.server.abandon();
        tokio::select! {
            () = self.lifecycle.wait_until_idle() => {}
            () = self.clock.sleep(grace) => tracing::warn!("operations in flight did not end in time"),
        }
    }

    /// Waits until the process is to leave, then ends everything within two seconds.
    pub(crate) async fn serve_until_departure(mut self) {
        self.lifecycle.departure().cancelled().await;
        drop(self.file.take());
        self.stop_operations(OPERATIONS_GRACE).await;
        tokio::select! {
            // Graceful: answers that are ready still go out, the one to `Shutdown` among them.
            _ = self.serving => {}
            () = self.clock.sleep(STREAMS_GRACE) => {}
        }
    }
}

async fn router(server: &Arc<Server>, lifecycle: &Lifecycle) -> Router {
    let provider = ProviderService::new(Arc::clone(server), lifecycle.clone());
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status(HEALTH_SERVICE, tonic_health::ServingStatus::Serving).await;
    TransportServer::builder()
        .max_concurrent_streams(STREAMS_MAX)
        .add_service(
            ProviderServer::new(provider)
                .max_decoding_message_size(MESSAGE_BYTES_MAX)
                .max_encoding_message_size(MESSAGE_BYTES_MAX),
        )
        .add_service(GrpcControllerServer::new(Controller { lifecycle: lifecycle.clone() }))
        .add_service(GrpcStdioServer::new(Stdio { lifecycle: lifecycle.clone() }))
        .add_service(GrpcBrokerServer::new(Broker))
        .add_service(health_service)
}

/// Stops operations whenever the last connection closes: nobody is left to take their answers.
async fn stop_operations_without_client(server: Arc<Server>, lifecycle: Lifecycle) {
    let mut connections = lifecycle.connections();
    loop {
        let closed = async {
            connections.wait_for(|count| *count > 0).await?;
            connections.wait_for(|count| *count == 0).await.map(|_| ())
        };
        tokio::select! {
            () = lifecycle.departure().cancelled() => return,
            outcome = closed => match outcome {
                Ok(()) => server.abandon(),
                Err(_) => return,
            },
        }
    }
}
