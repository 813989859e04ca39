//! Real requests to peers on this machine: an endpoint with a CA of its own, and a proxy.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::aws::clients::Clients;
use crate::aws::config::{self, Surroundings};
use crate::aws::error::{AwsError, AwsErrorKind};
use crate::aws::settings::{ClientSettings, Endpoints, HttpSettings, Secret};
use crate::aws::testing::{caller_identity, environment, keys};
use crate::clock::SystemClock;

/// A name that no DNS knows: only a proxy can lead there.
const FAR_HOST: &str = "sts.test.invalid";

/// A CA and an endpoint's certificate from it.
struct Authority {
    pem: tempfile::NamedTempFile,
    acceptor: TlsAcceptor,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
        let key = KeyPair::generate().expect("a key");
        let names = vec!["localhost".to_owned(), FAR_HOST.to_owned()];
        let leaf = CertificateParams::new(names).expect("names").signed_by(&key, &ca).expect("signed");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .expect("a server configuration");
        let pem = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(pem.path(), ca.pem()).expect("written");
        Self { pem, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }

    fn bundle(&self) -> String {
        self.pem.path().to_string_lossy().into_owned()
    }

    fn trusted(&self) -> HttpSettings {
        HttpSettings { custom_ca_bundle: Some(self.bundle()), ..HttpSettings::default() }
    }
}

/// What a peer does with a connection before it speaks HTTP.
#[derive(Clone)]
enum Greeting {
    Nothing,
    Tls(TlsAcceptor),
    /// As a proxy: answers `CONNECT`, then is the endpoint at the other end of the tunnel.
    TunnelThenTls(TlsAcceptor),
}

/// A peer on this machine that answers every request as STS does and remembers the heads of all.
struct Peer {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    async fn start(greeting: Greeting) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let peer = Self { address: listener.local_addr().expect("an address"), heads: Arc::default() };
        let heads = Arc::clone(&peer.heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(greet(stream, greeting.clone(), Arc::clone(&heads)));
            }
        });
        peer
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("not poisoned").clone()
    }
}

async fn greet(mut stream: TcpStream, greeting: Greeting, heads: Arc<Mutex<Vec<String>>>) -> Option<()> {
    match greeting {
        Greeting::Nothing => converse(stream, &heads).await,
        Greeting::Tls(acceptor) => converse(acceptor.accept(stream).await.ok()?, &heads).await,
        Greeting::TunnelThenTls(acceptor) => {
            let head = read_head(&mut stream).await?;
            heads.lock().expect("not poisoned").push(head);
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
            converse(acceptor.accept(stream).await.ok()?, &heads).await
        }
    }
}

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, heads: &Mutex<Vec<String>>) -> Option<()> {
    loop {
        let head = read_head(&mut stream).await?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        stream.read_exact(&mut vec![0; length.unwrap_or(0)]).await.ok()?;
        heads.lock().expect("not poisoned").push(head);
        let body = caller_identity(ACCOUNT);
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    const LONGEST: usize = 64 * 1024;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// Asks the STS at `endpoint` for the account.
async fn ask(http: HttpSettings, endpoint: String, variables: &[(&str, &str)]) -> Result<String, AwsError> {
    let settings = ClientSettings {
        region: Some("eu-west-1".to_owned()),
        static_credentials: Some(keys()),
        endpoints: Endpoints([("sts", endpoint)].into()),
        max_retries: Some(0),
        http,
        ..ClientSettings::default()
    };
    let surroundings =
        Surroundings { clock: Arc::new(SystemClock), environment: environment(variables), http_client: None };
    let clients = Clients::new(config::load(&settings, &surroundings).await.expect("valid"));
    let output = clients.sts().get_caller_identity().send().await;
    let output = output.map_err(|error| AwsError::from_sdk("STS", "GetCallerIdentity", error))?;
    Ok(output.account.unwrap_or_default())
}

/// The account of every answer.
const ACCOUNT: &str = "123456789012";

fn local_endpoint(peer: &Peer) -> String {
    format!("https://localhost:{}", peer.address.port())
}

#[tokio::test]
async fn the_bundle_of_the_argument_or_of_the_environment_is_trusted() {
    let authority = Authority::new();
    let peer = Peer::start(Greeting::Tls(authority.acceptor.clone())).await;
    assert_eq!(ask(authority.trusted(), local_endpoint(&peer), &[]).await.as_deref(), Ok(ACCOUNT));
    let bundle = authority.bundle();
    let variables = [("AWS_CA_BUNDLE", bundle.as_str())];
    assert_eq!(ask(HttpSettings::default(), local_endpoint(&peer), &variables).await.as_deref(), Ok(ACCOUNT));
}

#[tokio::test]
async fn a_certificate_of_another_ca_is_refused_with_a_hint_at_the_bundle() {
    let peer = Peer::start(Greeting::Tls(Authority::new().acceptor)).await;
    let other = Authority::new();
    let refused = ask(other.trusted(), local_endpoint(&peer), &[]).await.expect_err("refused");
    assert_eq!(refused.kind, AwsErrorKind::Unreachable);
    assert!(refused.message.contains("certificate"), "{}", refused.message);
    assert!(refused.to_diagnostic("x").hints[0].contains("custom_ca_bundle"));
    assert_eq!(peer.heads(), [] as [&str; 0], "nothing is sent to a peer that is not trusted");
}

#[tokio::test]
async fn insecure_accepts_every_certificate() {
    let peer = Peer::start(Greeting::Tls(Authority::new().acceptor)).await;
    let http = HttpSettings { insecure: true, ..HttpSettings::default() };
    assert_eq!(ask(http, local_endpoint(&peer), &[]).await.as_deref(), Ok(ACCOUNT));
}

#[tokio::test]
async fn clear_text_goes_through_the_http_proxy_with_its_password() {
    let peer = Peer::start(Greeting::Nothing).await;
    let proxy = format!("http://me:pw@{}", peer.address);
    let http = HttpSettings { http_proxy: Some(Secret::new(proxy)), ..HttpSettings::default() };
    assert_eq!(ask(http, format!("http://{FAR_HOST}"), &[]).await.as_deref(), Ok(ACCOUNT));
    let head = peer.heads().remove(0);
    assert!(head.starts_with(&format!("POST http://{FAR_HOST}/ HTTP/1.1\r\n")), "{head}");
    assert!(head.contains("proxy-authorization: Basic bWU6cHc=\r\n"), "{head}");
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_of_the_https_proxy_verified_or_not() {
    let authority = Authority::new();
    let insecure = HttpSettings { insecure: true, ..HttpSettings::default() };
    for http in [authority.trusted(), insecure] {
        let peer = Peer::start(Greeting::TunnelThenTls(authority.acceptor.clone())).await;
        let proxy = format!("http://me:pw@{}", peer.address);
        let variables = [("HTTPS_PROXY", proxy.as_str())];
        assert_eq!(ask(http, format!("https://{FAR_HOST}"), &variables).await.as_deref(), Ok(ACCOUNT));
        let heads = peer.heads();
        assert!(heads[0].starts_with(&format!("CONNECT {FAR_HOST}:443 HTTP/1.1\r\n")), "{heads:?}");
        assert!(heads[0].to_lowercase().contains("proxy-authorization: basic bwu6chc=\r\n"), "{heads:?}");
        assert!(heads[1].starts_with("POST / HTTP/1.1\r\n"), "{heads:?}");
        assert!(!heads[1].to_lowercase().contains("proxy-authorization"), "the endpoint does not see it");
    }
}
