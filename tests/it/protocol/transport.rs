//! Who may connect, and how.

use std::sync::Arc;

use terraform_provider_express::protocol::client::{Client, ClientCertificate, HandshakeLine, InProcess};
use terraform_provider_express::protocol::{Address, Transport};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::support::child::PATIENCE;
use crate::support::provider::TestProvider;

async fn start() -> InProcess {
    InProcess::start(Arc::new(TestProvider::default())).await.expect("starts")
}

async fn open_socket(plugin: &InProcess) -> UnixStream {
    let line = HandshakeLine::parse(&plugin.handshake_line).expect("a handshake line");
    let Address::Unix(path) = line.address else { panic!("not a Unix socket") };
    UnixStream::connect(path).await.expect("the socket is there")
}

#[tokio::test]
async fn core_with_its_certificate_is_served_over_h2() {
    let plugin = start().await;
    // The client refuses a server that does not choose h2 by ALPN.
    assert_eq!(plugin.client.stop().await.expect("answers"), "");
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused() {
    let plugin = start().await;
    assert!(Client::connect(&plugin.handshake_line, None).await.is_err());
    plugin.client.stop().await.expect("the right client is still served");
}

#[tokio::test]
async fn a_client_with_another_certificate_of_the_same_kind_is_refused() {
    let plugin = start().await;
    let other = ClientCertificate::generate().expect("a certificate");
    assert!(Client::connect(&plugin.handshake_line, Some(&other)).await.is_err());
    Client::connect(&plugin.handshake_line, Some(&plugin.certificate))
        .await
        .expect("the right one is served");
}

#[tokio::test]
async fn plain_text_is_never_answered_in_plain_text() {
    let plugin = start().await;
    let mut stream = open_socket(&plugin).await;
    stream
        .write_all(b"GET /tfplugin6.Provider/GetMetadata HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .expect("sends");
    let mut answer = Vec::new();
    // The connection may be reset before or after the alert was read.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it is closed");
    assert!(!answer.windows(4).any(|window| window == b"HTTP"), "{answer:?}");
    assert!(answer.len() < 16, "at most a TLS alert: {answer:?}");
}

#[tokio::test]
async fn a_client_that_says_nothing_delays_nobody() {
    let plugin = start().await;
    let _silent = open_socket(&plugin).await;
    Client::connect(&plugin.handshake_line, Some(&plugin.certificate)).await.expect("is served meanwhile");
}

#[tokio::test]
async fn tcp_is_served_like_a_socket() {
    let provider = Arc::new(TestProvider::default());
    let plugin = InProcess::start_on(Transport::Tcp, provider).await.expect("starts");
    assert!(plugin.handshake_line.starts_with("1|6|tcp|127.0.0.1:"), "{}", plugin.handshake_line);
    plugin.client.stop().await.expect("answers");
    assert!(Client::connect(&plugin.handshake_line, None).await.is_err(), "no certificate, no service");
}
