//! Where the server listens: a Unix socket that only this user can open, or a loopback TCP port on Windows.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use crate::protocol::environment::Environment;
use crate::protocol::socket_file::SocketFile;
#[cfg(unix)]
use crate::protocol::unix_socket;

/// Ports that core asks for when it says nothing (go-plugin's defaults).
const PORT_RANGE_DEFAULT: (u16, u16) = (10_000, 25_000);

/// How core reaches the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A Unix socket.
    Unix,
    /// A TCP port on 127.0.0.1.
    Tcp,
}

impl Transport {
    /// What go-plugin uses on this operating system. The client accepts either on any.
    pub const fn of_platform() -> Self {
        if cfg!(unix) { Self::Unix } else { Self::Tcp }
    }
}

/// An address as the handshake line spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Path of a socket.
    Unix(PathBuf),
    /// Loopback address and port.
    Tcp(SocketAddr),
}

impl Address {
    /// go-plugin's name of the network.
    pub fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(formatter, "{}", path.display()),
            Self::Tcp(address) => write!(formatter, "{address}"),
        }
    }
}

/// A byte stream of either kind.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> ByteStream for S {}

/// A bound socket.
#[derive(Debug)]
pub(crate) struct Bound {
    /// For accepting connections.
    pub(crate) listener: Listener,
    /// The address to tell core.
    pub(crate) address: Address,
    /// A Unix socket's file; to be dropped when nobody shall connect any more.
    pub(crate) file: Option<SocketFile>,
}

impl Bound {
    /// Binds as `environment` asks.
    pub(crate) async fn new(transport: Transport, environment: &Environment) -> io::Result<Self> {
        match transport {
            #[cfg(unix)]
            Transport::Unix => {
                let (listener, file) = unix_socket::bind(environment)?;
                let address = Address::Unix(file.path().to_owned());
                Ok(Self { listener: Listener::Unix(listener), address, file: Some(file) })
            }
            #[cfg(not(unix))]
            Transport::Unix => {
                Err(io::Error::new(io::ErrorKind::Unsupported, "Unix sockets need a Unix system"))
            }
            Transport::Tcp => {
                let listener = bind_port(environment).await?;
                let address = Address::Tcp(listener.local_addr()?);
                Ok(Self { listener: Listener::Tcp(listener), address, file: None })
            }
        }
    }
}

/// Either kind of listener.
#[derive(Debug)]
pub(crate) enum Listener {
    /// A Unix socket.
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
    /// A TCP port.
    Tcp(TcpListener),
}

impl Listener {
    /// The next connection.
    pub(crate) async fn accept(&self) -> io::Result<Box<dyn ByteStream>> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

/// Binds the first free port of the range that core asks for.
async fn bind_port(environment: &Environment) -> io::Result<TcpListener> {
    let first = environment.port_min.unwrap_or(PORT_RANGE_DEFAULT.0);
    let last = environment.port_max.unwrap_or(PORT_RANGE_DEFAULT.1);
    for port in first..=last {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, format!("no free port on 127.0.0.1 from {first} to {last}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_passed_over_within_the_range() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("binds");
        let port = taken.local_addr().expect("bound").port();
        let environment =
            Environment { port_min: Some(port), port_max: Some(port), ..Environment::default() };
        let error = Bound::new(Transport::Tcp, &environment).await.expect_err("the only port is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);

        let environment = Environment { port_max: Some(port.saturating_add(50)), ..environment };
        let bound = Bound::new(Transport::Tcp, &environment).await.expect("another is free");
        let Address::Tcp(address) = bound.address else { panic!("not TCP") };
        assert!(address.ip().is_loopback());
        assert!((port + 1..=port + 50).contains(&address.port()));
    }
}
