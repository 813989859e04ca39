//! Looks at every answer before the SDK does: one that is not AWS's, or cannot be read, counts as lost.
//!
//! So it is repeated like a broken connection, by the SDK's clients and by our own calls alike, and what has to look
//! whether a change took place does so (`engine::retry::is_ambiguous`).

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;

use super::judge::{self, Fault, Notation};
use super::unreadable::{NothingListens, UnreadableAnswer};
use crate::aws::error::chain;
use crate::aws::pauses::{ATTEMPT_HEADER, Attempted};

/// How long a body may stand still.
const STALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Where endpoints that are not AWS's own come from: URL, and what names it.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnEndpoints(pub(crate) Vec<(String, String)>);

impl OwnEndpoints {
    /// What names the endpoint of `authority`, for a message.
    fn names_of(&self, authority: &str) -> Vec<String> {
        let is_at =
            |url: &str| url.split_once("://").is_some_and(|(_, rest)| authority_of(rest) == authority);
        let mut names: Vec<String> =
            self.0.iter().filter(|(url, _)| is_at(url)).map(|(_, name)| name.clone()).collect();
        names.dedup();
        names
    }
}

/// `client`, with every answer looked at.
pub(crate) fn checked(client: SharedHttpClient, endpoints: OwnEndpoints) -> SharedHttpClient {
    SharedHttpClient::new(CheckedClient { client, endpoints: Arc::new(endpoints) })
}

#[derive(Debug)]
struct CheckedClient {
    client: SharedHttpClient,
    endpoints: Arc<OwnEndpoints>,
}

impl HttpClient for CheckedClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(CheckedConnector {
            connector: self.client.http_connector(settings, components),
            endpoints: Arc::clone(&self.endpoints),
            sleep: components.sleep_impl(),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.client.connector_metadata()
    }
}

struct CheckedConnector {
    connector: SharedHttpConnector,
    endpoints: Arc<OwnEndpoints>,
    sleep: Option<SharedAsyncSleep>,
}

impl fmt::Debug for CheckedConnector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CheckedConnector")
    }
}

/// What is remembered of a request until its answer is there.
struct Asked {
    /// Host and port.
    authority: String,
    scheme: String,
    notation: Option<Notation>,
    json_operation: Option<String>,
    attempt: u32,
}

impl Asked {
    fn of(request: &HttpRequest) -> Self {
        let (scheme, rest) = request.uri().split_once("://").unwrap_or(("", request.uri()));
        let attempt = request.headers().get("amz-sdk-request").and_then(attempt_in).unwrap_or(1);
        Self {
            authority: authority_of(rest).to_owned(),
            scheme: scheme.to_owned(),
            notation: judge::notation_of(request),
            json_operation: judge::json_operation(request).map(str::to_owned),
            attempt,
        }
    }

    fn is_on_loopback(&self) -> bool {
        let host = self.authority.rsplit_once(':').map_or(self.authority.as_str(), |(host, _)| host);
        let host = host.trim_matches(['[', ']']);
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

fn authority_of(rest: &str) -> &str {
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// `attempt=2; max=10` -> 2.
fn attempt_in(header: &str) -> Option<u32> {
    header.split(';').find_map(|pair| pair.trim().strip_prefix("attempt=")?.parse().ok())
}

impl HttpConnector for CheckedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = Asked::of(&request);
        let answer = self.connector.call(request);
        let (endpoints, sleep) = (Arc::clone(&self.endpoints), self.sleep.clone());
        HttpConnectorFuture::new(async move {
            let result = match answer.await {
                Ok(response) => check(&asked, response, sleep.as_ref()).await,
                Err(error) => Err(nothing_listens(&asked, &endpoints, &error).unwrap_or(error)),
            };
            result.map_err(|error| Attempted::mark(error, asked.attempt))
        })
    }
}

/// Reads the whole answer and judges it.
async fn check(
    asked: &Asked,
    mut response: HttpResponse,
    sleep: Option<&SharedAsyncSleep>,
) -> Result<HttpResponse, ConnectorError> {
    let Some(notation) = asked.notation else { return Ok(response) };
    let body = response.take_body();
    let (body, is_whole) = match body.bytes() {
        Some(bytes) => (bytes.to_vec(), true),
        None => read(body, sleep).await,
    };
    let status = response.status().as_u16();
    let seen = judge::Response { status, headers: response.headers(), body: &body, attempt: asked.attempt };
    let operation = asked.json_operation.as_deref();
    let judged = if is_whole { judge::judge(notation, operation, &seen) } else { Err(Fault::CutShort) };
    if let Err(fault) = judged {
        let unreadable = UnreadableAnswer::new(&asked.authority, fault, &seen);
        let kind = unreadable.repeated_as();
        tracing::debug!(problem = %unreadable, attempt = asked.attempt, "an answer that cannot be read");
        return Err(ConnectorError::other(unreadable.into(), kind));
    }
    response.headers_mut().insert(ATTEMPT_HEADER, asked.attempt.to_string());
    *response.body_mut() = SdkBody::from(body);
    Ok(response)
}

/// The body, and whether it came to its end.
async fn read(mut body: SdkBody, sleep: Option<&SharedAsyncSleep>) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    loop {
        let stall = async {
            match sleep {
                Some(sleep) => sleep.sleep(STALL_TIMEOUT).await,
                None => std::future::pending().await,
            }
        };
        let frame = tokio::select! {
            biased;
            frame = body.frame() => frame,
            () = stall => return (bytes, false),
        };
        match frame {
            None => return (bytes, true),
            Some(Err(_)) => return (bytes, false),
            Some(Ok(frame)) => bytes.extend(frame.data_ref().map(|data| data.to_vec()).unwrap_or_default()),
        }
    }
}

/// This machine itself refuses the connection: no repetition makes anything listen there.
fn nothing_listens(
    asked: &Asked,
    endpoints: &OwnEndpoints,
    error: &ConnectorError,
) -> Option<ConnectorError> {
    if !asked.is_on_loopback() {
        return None;
    }
    let is_refused = chain(error).any(|cause| {
        let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        kind == Some(std::io::ErrorKind::ConnectionRefused)
    });
    let names = endpoints.names_of(&asked.authority);
    let url = format!("{}://{}", asked.scheme, asked.authority);
    is_refused.then(|| ConnectorError::other(NothingListens { url, names }.into(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &str) -> Asked {
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(uri.to_owned()).expect("a valid URI");
        Asked::of(&request)
    }

    #[test]
    fn this_machine_is_known_by_every_name() {
        for uri in ["http://127.0.0.1:4566/", "http://localhost:1/x", "http://[::1]:80", "http://a.localhost"]
        {
            assert!(asked(uri).is_on_loopback(), "{uri}");
        }
        assert!(!asked("https://ecs.eu-west-1.amazonaws.com/").is_on_loopback());
    }

    #[test]
    fn the_attempt_is_read_from_the_sdks_header() {
        assert_eq!(attempt_in("ttl=20261130T120000Z; attempt=2; max=10"), Some(2));
        assert_eq!(attempt_in("max=10"), None);
    }
}
