//! An HTTP client that notes which step makes each call, and when.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use terraform_provider_express::clock::{Clock as _, SystemClock};
use terraform_provider_express::sandbox::Sandbox;

use super::lock;
use super::steps::current;

/// Simulated time that passes with each call: whatever AWS needs minutes for is done at the next look.
const ADVANCE: Duration = Duration::from_secs(300);

/// One call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The step that made it; `None`: before the first or after the last.
    pub(crate) step: Option<String>,
    pub(crate) operation: String,
    pub(crate) began_at: SystemTime,
    pub(crate) ended_at: SystemTime,
}

/// Passes calls on to a sandbox.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    sandbox: Sandbox,
    inner: SharedHttpClient,
    calls: Arc<Mutex<Vec<Call>>>,
}

#[derive(Debug)]
struct Connector {
    recorder: Recorder,
    inner: SharedHttpConnector,
}

impl Recorder {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        let inner = sandbox.http_client();
        Self { sandbox: sandbox.clone(), inner, calls: Arc::default() }
    }

    pub(crate) fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    pub(crate) fn forget(&self) {
        lock(&self.calls).clear();
    }

    /// The calls in the order in which they ended.
    pub(crate) fn calls(&self) -> Vec<Call> {
        lock(&self.calls).clone()
    }
}

impl HttpClient for Recorder {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { recorder: self.clone(), inner })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (recorder, step) = (self.recorder.clone(), current());
        let operation = operation(&request);
        let began_at = SystemClock.now();
        recorder.sandbox.advance(ADVANCE);
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            let call = Call { step, operation, began_at, ended_at: SystemClock.now() };
            lock(&recorder.calls).push(call);
            answer
        })
    }
}

/// The operation's name, which each protocol has elsewhere.
fn operation(request: &HttpRequest) -> String {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
    match body.strip_prefix("Action=").and_then(|rest| rest.split('&').next()) {
        Some(action) => action.to_owned(),
        None => format!("{} {}", request.method(), request.uri().split('?').next().unwrap_or_default()),
    }
}
