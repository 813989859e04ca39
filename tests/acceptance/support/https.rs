//! A web server that shows a folder over HTTPS on this machine, as the host of a network mirror would.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The server, gone when dropped.
#[derive(Debug)]
pub(crate) struct HttpsServer {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Certificate of the authority to trust, in PEM form.
    pub(crate) authority: String,
}

impl HttpsServer {
    /// Shows `folder` at a free port.
    pub(crate) fn start(folder: &Path) -> Self {
        let (config, authority) = certify().expect("certificates can be made");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let is_over = Arc::new(AtomicBool::new(false));
        let (folder, is_told_to_end) = (folder.to_owned(), Arc::clone(&is_over));
        let serve = move || {
            for stream in listener.incoming() {
                if is_told_to_end.load(Ordering::SeqCst) {
                    return;
                }
                let (config, folder) = (Arc::clone(&config), folder.clone());
                // A client that breaks off is its own concern: its test fails by what it says.
                std::thread::spawn(move || stream.and_then(|stream| answer(stream, config, &folder)));
            }
        };
        Self { address, is_over, thread: Some(std::thread::spawn(serve)), authority }
    }

    /// Where the folder is, with a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}/", self.address.port())
    }
}

impl Drop for HttpsServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the thread up, which then ends.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A server's side of TLS with a certificate for `localhost`, and the authority that signed it.
fn certify() -> Result<(Arc<ServerConfig>, String), Box<dyn std::error::Error>> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &authority)?;
    let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let config = ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok((Arc::new(config), authority.pem()))
}

/// Answers one request with the file of its path, and closes the connection.
fn answer(stream: TcpStream, config: Arc<ServerConfig>, folder: &Path) -> io::Result<()> {
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") && stream.read_line(&mut request)? > 0 {}
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let (status, content) = match std::fs::read(folder.join(path)) {
        Ok(content) => ("200 OK", content),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let is_json = PathBuf::from(path).extension().is_some_and(|extension| extension == "json");
    let kind = if is_json { "application/json" } else { "application/zip" };
    let length = content.len();
    let stream = stream.get_mut();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )?;
    stream.write_all(&content)?;
    stream.conn.send_close_notify();
    stream.flush()
}
