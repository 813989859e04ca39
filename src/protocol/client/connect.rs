//! Connecting to where a handshake line points.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::codegen::Service;
use tonic::codegen::http::Uri;
use tonic::transport::{Channel, Endpoint};

use crate::protocol::client::certificate::ClientCertificate;
use crate::protocol::listener::{Address, ByteStream};
use crate::protocol::tls::{ALPN_H2, SERVER_NAME, crypto_provider};

/// There is no connection to a plugin.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The plugin's first line is not what go-plugin expects.
    #[error("no handshake line: {0:?}")]
    HandshakeLine(String),
    /// The plugin could not be started.
    #[error("the plugin does not start")]
    Start(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// TLS cannot be set up with these certificates.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// Nobody listens, or the TLS handshake failed.
    #[error("the connection fails")]
    Transport(#[from] tonic::transport::Error),
    /// The plugin did not answer the first request.
    #[error("the plugin does not answer: {0}")]
    Answer(#[from] tonic::Status),
}

/// What a handshake line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandshakeLine {
    /// Where to connect.
    pub address: Address,
    /// The server's certificate; none: no TLS.
    pub certificate: Option<CertificateDer<'static>>,
}

impl HandshakeLine {
    /// Reads a line as go-plugin does.
    pub fn parse(line: &str) -> Result<Self, ConnectError> {
        Self::find(line).ok_or_else(|| ConnectError::HandshakeLine(line.to_owned()))
    }

    fn find(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.trim_end().split('|').collect();
        let ["1", "6", network, address, "grpc", rest @ ..] = fields.as_slice() else { return None };
        let address = match *network {
            "unix" => Address::Unix(PathBuf::from(address)),
            "tcp" => Address::Tcp(address.parse().ok()?),
            _ => return None,
        };
        let certificate = match rest.first() {
            None | Some(&"") => None,
            Some(text) => Some(CertificateDer::from(STANDARD_NO_PAD.decode(text).ok()?)),
        };
        Some(Self { address, certificate })
    }
}

/// An HTTP/2 connection, with TLS exactly if the line has a certificate. Without `client_certificate` none is
/// presented. The server must choose `h2` by ALPN, as newer cores demand.
pub(crate) async fn connect(
    line: &HandshakeLine,
    client_certificate: Option<&ClientCertificate>,
) -> Result<Channel, ConnectError> {
    let tls = match &line.certificate {
        Some(certificate) => Some(client_config(certificate, client_certificate).map_err(ConnectError::Tls)?),
        None => None,
    };
    let connector = Connector { address: line.address.clone(), tls: tls.map(Arc::new) };
    // The name is only for HTTP's `:authority`; the connector knows the address.
    let endpoint = Endpoint::from_static("http://localhost");
    Ok(endpoint.connect_with_connector(connector).await?)
}

fn client_config(
    server: &CertificateDer<'static>,
    client: Option<&ClientCertificate>,
) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(server.clone())?;
    let builder = ClientConfig::builder_with_provider(crypto_provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let mut config = match client.map(ClientCertificate::for_rustls) {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![ALPN_H2.to_vec()];
    Ok(config)
}

#[derive(Clone)]
struct Connector {
    address: Address,
    tls: Option<Arc<ClientConfig>>,
}

impl Connector {
    async fn open(self) -> io::Result<TokioIo<Box<dyn ByteStream>>> {
        let stream: Box<dyn ByteStream> = match &self.address {
            #[cfg(unix)]
            Address::Unix(path) => Box::new(tokio::net::UnixStream::connect(path).await?),
            #[cfg(not(unix))]
            Address::Unix(_) => return Err(io::ErrorKind::Unsupported.into()),
            Address::Tcp(address) => Box::new(TcpStream::connect(address).await?),
        };
        let Some(config) = self.tls else { return Ok(TokioIo::new(stream)) };
        let name = ServerName::try_from(SERVER_NAME).map_err(io::Error::other)?;
        let stream = TlsConnector::from(config).connect(name, stream).await?;
        if stream.get_ref().1.alpn_protocol() != Some(ALPN_H2) {
            return Err(io::Error::other("the server did not choose h2 by ALPN"));
        }
        Ok(TokioIo::new(Box::new(stream)))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Box<dyn ByteStream>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        Box::pin(self.clone().open())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_another_protocol_is_none() {
        assert!(HandshakeLine::parse("1|5|unix|/tmp/p|grpc|").is_err());
        assert!(HandshakeLine::parse("1|6|unix|/tmp/p|netrpc|").is_err());
        assert!(HandshakeLine::parse("hello").is_err());
    }

    #[test]
    fn a_line_without_a_certificate_is_one_without_tls() {
        let line = HandshakeLine::parse("1|6|tcp|127.0.0.1:1234|grpc|\n").expect("a line");
        assert_eq!(line.address, Address::Tcp("127.0.0.1:1234".parse().expect("an address")));
        assert_eq!(line.certificate, None);
    }
}
