//! Stopping, panicking and shutting down, with the server in this process.

use std::sync::Arc;

use terraform_provider_express::framework::Value;
use terraform_provider_express::framework::server::ApplyResourceChangeRequest;
use terraform_provider_express::protocol::Address;
use terraform_provider_express::protocol::client::{Client, HandshakeLine, InProcess};
use tokio::time::timeout;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::support::child::PATIENCE;
use crate::support::provider::TestProvider;
use crate::support::values::{object_of, summaries, text, with};

fn create(client: &Client, name: &str) -> ApplyResourceChangeRequest {
    let r#type = client.resource_type("test_thing").expect("known");
    let planned_state = object_of(r#type, [("name", text(name)), ("id", Value::unknown())]);
    ApplyResourceChangeRequest {
        type_name: "test_thing".to_owned(),
        prior_state: Value::Null,
        config: with(&planned_state, "id", Value::Null),
        planned_state,
        planned_private: Vec::new(),
        planned_identity: None,
    }
}

#[tokio::test]
async fn a_stopped_apply_answers_what_exists_and_the_server_goes_on() {
    let provider = Arc::new(TestProvider::default());
    let slow = Arc::clone(&provider.slow_create);
    let plugin = InProcess::start(provider).await.expect("starts");
    let client = plugin.client.clone();
    let request = create(&client, "slow");
    let applying = tokio::spawn(async move { client.apply_resource_change(request).await });
    timeout(PATIENCE, slow.began.notified()).await.expect("the create begins");

    assert_eq!(plugin.client.stop().await.expect("answers at once"), "");
    let applied = applying.await.expect("no panic").expect("an answer, not a status");
    assert_eq!(applied.new_state.member("id"), Some(&text("id-slow")), "the partial state");
    assert_eq!(summaries(&applied.diagnostics), ["Create was cancelled"]);

    let later = plugin.client.apply_resource_change(create(&plugin.client, "a")).await.expect("answers");
    assert!(!later.diagnostics.has_errors(), "{later:?}");
}

#[tokio::test]
async fn an_apply_whose_client_has_gone_is_cancelled() {
    let provider = Arc::new(TestProvider::default());
    let slow = Arc::clone(&provider.slow_create);
    let mut plugin = InProcess::start(provider).await.expect("starts");
    let elsewhere = InProcess::start(Arc::new(TestProvider::default())).await.expect("starts");
    let client = plugin.client.clone();
    let request = create(&client, "slow");
    let applying = tokio::spawn(async move { client.apply_resource_change(request).await });
    timeout(PATIENCE, slow.began.notified()).await.expect("the create begins");

    // Nothing of the client is left, so its connection closes.
    applying.abort();
    assert!(applying.await.is_err());
    plugin.client = elsewhere.client.clone();
    timeout(PATIENCE, slow.ended.notified()).await.expect("the create reaches its own end");
}

#[tokio::test]
async fn a_panic_is_a_diagnostic_of_its_own_rpc_alone() {
    let plugin = InProcess::start(Arc::new(TestProvider::default())).await.expect("starts");
    let client = &plugin.client;
    let (panicked, other) = tokio::join!(
        client.apply_resource_change(create(client, "panics")),
        client.apply_resource_change(create(client, "a")),
    );
    let panicked = panicked.expect("a diagnostic, not a status");
    assert!(panicked.diagnostics.has_errors());
    let diagnostic = panicked.diagnostics.iter().next().expect("an error");
    assert!(diagnostic.detail.contains("panicked"), "{diagnostic:?}");
    assert!(!diagnostic.detail.contains("the thing panics"), "a panic's message may hold values");
    assert!(!other.expect("answers").diagnostics.has_errors());

    let function = client.call_function("join", &[text("-"), text("panic")]).await.expect("answers");
    assert!(function.expect_err("an error").text.contains("panicked"));
    client.stop().await.expect("the server goes on");
}

#[tokio::test]
async fn shutdown_answers_ends_the_streams_and_removes_the_socket() {
    let plugin = InProcess::start(Arc::new(TestProvider::default())).await.expect("starts");
    let line = HandshakeLine::parse(&plugin.handshake_line).expect("a line");
    let Address::Unix(path) = line.address else { panic!("not a Unix socket") };
    assert!(path.exists());
    let mut stdio = plugin.client.stream_stdio().await.expect("opens");
    let silent = {
        let mut next = std::pin::pin!(stdio.message());
        std::future::poll_fn(|context| std::task::Poll::Ready(next.as_mut().poll(context).is_pending())).await
    };
    assert!(silent, "nothing comes before the end");

    plugin.client.shutdown().await.expect("is answered");
    let end = timeout(PATIENCE, stdio.message()).await.expect("the stream ends");
    assert!(matches!(end, Ok(None) | Err(_)), "{end:?}");
    let refused = Client::connect(&plugin.handshake_line, Some(&plugin.certificate)).await;
    assert!(refused.is_err(), "nobody listens any more");
    assert!(!path.exists());
}

#[tokio::test]
async fn the_health_that_go_plugin_asks_for_is_good() {
    let plugin = InProcess::start(Arc::new(TestProvider::default())).await.expect("starts");
    let mut health = HealthClient::new(plugin.client.channel());
    let request = HealthCheckRequest { service: "plugin".to_owned() };
    let response = health.check(request).await.expect("answers");
    assert_eq!(response.get_ref().status(), ServingStatus::Serving);
}
