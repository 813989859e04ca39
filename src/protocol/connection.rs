//! Accepting connections, each with its TLS handshake in a task of its own.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use crate::clock::SharedClock;
use crate::protocol::lifecycle::{Counted, Lifecycle};
use crate::protocol::listener::{ByteStream, Listener};

/// Connections at one time. Core has one; the rest is for its reconnecting and for strangers' attempts.
const CONNECTIONS_MAX: usize = 32;
/// A client that has not finished its TLS handshake by then is dropped.
const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause after a failed `accept`, for example while file descriptors are short.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A client's connection, ready for HTTP/2.
pub(crate) struct Connection {
    stream: Box<dyn ByteStream>,
    _counted: Counted,
    _permit: OwnedSemaphorePermit,
}

/// Accepts until the process is to leave; then the listener is dropped.
///
/// # Guarantees
/// A client that is slow in its TLS handshake, or fails it, delays nobody and is never answered in plain text.
/// With `tls`, only connections that passed it are given out.
pub(crate) fn accept(
    listener: Listener,
    tls: Option<Arc<ServerConfig>>,
    lifecycle: Lifecycle,
    clock: SharedClock,
) -> mpsc::Receiver<io::Result<Connection>> {
    let (ready, connections) = mpsc::channel(CONNECTIONS_MAX);
    let acceptor = Acceptor { tls: tls.map(TlsAcceptor::from), lifecycle, clock, ready };
    tokio::spawn(async move {
        let departure = acceptor.lifecycle.departure().clone();
        tokio::select! {
            () = departure.cancelled() => {}
            () = acceptor.accept_all(&listener) => {}
        }
    });
    connections
}

#[derive(Clone)]
struct Acceptor {
    tls: Option<TlsAcceptor>,
    lifecycle: Lifecycle,
    clock: SharedClock,
    ready: mpsc::Sender<io::Result<Connection>>,
}

impl Acceptor {
    async fn accept_all(&self, listener: &Listener) {
        let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        // Ends with the process; each turn waits for a client and for one of the bounded permits.
        while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
            match listener.accept().await {
                Ok(stream) => {
                    tokio::spawn(self.clone().secure(stream, permit));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    self.clock.sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn secure(self, stream: Box<dyn ByteStream>, permit: OwnedSemaphorePermit) {
        let stream = match &self.tls {
            None => stream,
            Some(tls) => {
                let outcome = tokio::select! {
                    outcome = tls.accept(stream) => outcome,
                    () = self.clock.sleep(TLS_HANDSHAKE_TIMEOUT) => Err(io::ErrorKind::TimedOut.into()),
                };
                match outcome {
                    Ok(stream) => Box::new(stream) as Box<dyn ByteStream>,
                    Err(error) => return tracing::warn!(%error, "a client was refused in the TLS handshake"),
                }
            }
        };
        let counted = self.lifecycle.open_connection();
        let connection = Connection { stream, _counted: counted, _permit: permit };
        // The receiver goes when the server ends; then the connection is not wanted.
        let _ = self.ready.send(Ok(connection)).await;
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) -> Self::ConnectInfo {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpStream;

    use super::*;
    use crate::clock::{Clock as _, VirtualClock};
    use crate::protocol::client::ClientCertificate;
    use crate::protocol::environment::Environment;
    use crate::protocol::listener::{Address, Bound, Transport};
    use crate::protocol::tls::ServerTls;

    #[tokio::test]
    async fn a_client_that_never_begins_its_handshake_is_dropped() {
        let bound = Bound::new(Transport::Tcp, &Environment::default()).await.expect("binds");
        let Address::Tcp(address) = bound.address else { panic!("not TCP") };
        let certificate = ClientCertificate::generate().expect("a certificate");
        let tls = ServerTls::for_client(certificate.pem()).expect("configures");
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
        let lifecycle = Lifecycle::default();
        let _connections =
            accept(bound.listener, Some(tls.config), lifecycle.clone(), Arc::new(clock.clone()));

        let mut silent = TcpStream::connect(address).await.expect("connects");
        let mut answer = Vec::new();
        silent.read_to_end(&mut answer).await.expect("is closed");
        assert!(answer.is_empty());
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + TLS_HANDSHAKE_TIMEOUT);
        assert_eq!(*lifecycle.connections().borrow(), 0, "it was never a connection");
    }
}
