//! The in-memory way into a sandbox: an HTTP client for the AWS SDK.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use hyper::body::Bytes;
use std::time::Duration;

use super::sandbox::{Answer, Sandbox};

/// Sends every request to a sandbox in this process, whatever its URL; no socket is involved.
///
/// # Guarantees
/// The read timeout of the client holds, in the sandbox's time. A lost request or reply is an I/O error, as a
/// broken connection would be.
#[derive(Debug, Clone)]
pub struct SandboxHttpClient {
    sandbox: Sandbox,
}

impl SandboxHttpClient {
    pub(crate) fn new(sandbox: Sandbox) -> Self {
        Self { sandbox }
    }
}

impl HttpClient for SandboxHttpClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector =
            SandboxConnector { sandbox: self.sandbox.clone(), read_timeout: settings.read_timeout() };
        SharedHttpConnector::new(connector)
    }
}

#[derive(Debug)]
struct SandboxConnector {
    sandbox: Sandbox,
    read_timeout: Option<Duration>,
}

impl HttpConnector for SandboxConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(exchange(self.sandbox.clone(), self.read_timeout, request))
    }
}

async fn exchange(
    sandbox: Sandbox,
    read_timeout: Option<Duration>,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let user = |error| ConnectorError::user(error);
    let (parts, body) = request.try_into_http1x().map_err(|error| user(error.into()))?.into_parts();
    let body: Bytes = body.collect().await.map_err(user)?.to_bytes();
    let answer = sandbox.answer(http::Request::from_parts(parts, body));
    let answer = match read_timeout {
        None => answer.await,
        Some(timeout) => tokio::select! {
            biased;
            answer = answer => answer,
            () = sandbox.clock().sleep(timeout) => {
                return Err(ConnectorError::timeout("the sandbox did not answer in time".into()));
            }
        },
    };
    match answer {
        Answer::Lost => Err(ConnectorError::io("the sandbox broke the connection".into())),
        Answer::Reply(response) => {
            HttpResponse::try_from(response.map(SdkBody::from)).map_err(|error| user(error.into()))
        }
    }
}
