//! The awsJson protocols, for services of which a handful of calls is needed.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde::Deserialize;
use serde_json::Value;

use crate::aws::signed_call::{Refusal, ServiceAddress, SignedCall, text_of};
use crate::aws::{AwsError, AwsErrorKind, Clients};

/// A service that speaks awsJson.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonService {
    /// As people call it.
    pub(crate) name: &'static str,
    /// In signatures, for example `logs`.
    pub(crate) signing_name: &'static str,
    /// First part of AWS's host name: the signing name, but for a few services (`api.ecr`).
    pub(crate) host_prefix: &'static str,
    /// In the provider block's `endpoints`.
    pub(crate) endpoint_name: &'static str,
    /// The SDKs' name in `AWS_ENDPOINT_URL_<...>`, for example `cloudwatch logs`.
    pub(crate) sdk_id: &'static str,
    /// What stands before the operation in `X-Amz-Target`.
    pub(crate) target_prefix: &'static str,
    /// `1.0` or `1.1`.
    pub(crate) version: &'static str,
}

/// A client of one service.
pub(crate) struct JsonClient {
    clients: Clients,
    service: JsonService,
}

/// A refusal. The code may carry a namespace before `#` or an address after `:`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RefusalBody {
    #[serde(rename = "__type", alias = "code")]
    code: Option<String>,
    #[serde(alias = "Message")]
    message: Option<String>,
}

impl JsonClient {
    /// A client through these clients' configuration.
    pub(crate) fn new(clients: Clients, service: JsonService) -> Self {
        Self { clients, service }
    }

    /// Calls `operation` with a JSON object and reads its answer; an empty answer is an empty object.
    pub(crate) async fn call<T: for<'de> Deserialize<'de>>(
        &self,
        operation: &'static str,
        input: &Value,
    ) -> Result<T, AwsError> {
        let service = &self.service;
        let call = SignedCall {
            service: ServiceAddress {
                name: service.name,
                signing_name: service.signing_name,
                host_prefix: service.host_prefix,
                endpoint_name: service.endpoint_name,
                sdk_id: service.sdk_id,
                global: &[],
            },
            operation,
            headers: vec![
                ("content-type", format!("application/x-amz-json-{}", service.version)),
                ("x-amz-target", format!("{}.{operation}", service.target_prefix)),
            ],
            body: input.to_string(),
            refusal: read_refusal,
        };
        let text = call.send(&self.clients).await?;
        serde_json::from_str(if text.is_empty() { "{}" } else { &text })
            .map_err(|error| AwsError::of_kind(service.name, operation, AwsErrorKind::Unparsable, error))
    }
}

fn read_refusal(response: &HttpResponse) -> Refusal {
    let body: RefusalBody = serde_json::from_str(&text_of(response)).unwrap_or_default();
    let in_header = response.headers().get("x-amzn-errortype").map(str::to_owned);
    match body.code.or(in_header) {
        Some(code) => Refusal::new(bare_code(&code), body.message.as_deref().unwrap_or_default(), None),
        None => Refusal::unreadable(),
    }
}

fn bare_code(code: &str) -> &str {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.rsplit('#').next().unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::testing::{Answer, FakeAws};

    const LOGS: JsonService = JsonService {
        name: "CloudWatch Logs",
        signing_name: "logs",
        host_prefix: "logs",
        endpoint_name: "logs",
        sdk_id: "cloudwatch logs",
        target_prefix: "Logs_20140328",
        version: "1.1",
    };

    async fn call(aws: &FakeAws) -> Result<Value, AwsError> {
        JsonClient::new(aws.clients().await, LOGS).call("DescribeLogGroups", &json!({ "limit": 1 })).await
    }

    #[tokio::test]
    async fn a_call_is_signed_for_its_service_and_read() {
        let aws = FakeAws::answering(|_| Answer::Http(200, r#"{"logGroups": []}"#.to_owned()));
        assert_eq!(call(&aws).await, Ok(json!({ "logGroups": [] })));
        let [seen] = &aws.seen()[..] else { panic!("one request") };
        assert_eq!(seen.uri, "https://logs.eu-west-1.amazonaws.com/");
        assert_eq!(seen.body, r#"{"limit":1}"#);
        assert!(seen.authorization.contains("/eu-west-1/logs/aws4_request"), "{}", seen.authorization);
        assert!(seen.authorization.contains("content-type;host;"), "{}", seen.authorization);
        assert!(seen.authorization.contains("x-amz-target"), "{}", seen.authorization);
    }

    #[tokio::test]
    async fn an_empty_or_broken_answer_where_aws_sends_a_body_is_unparsable() {
        let empty = FakeAws::answering(|_| Answer::Http(200, String::new()));
        assert_eq!(call(&empty).await.expect_err("empty").kind, AwsErrorKind::Unparsable);
        let broken = FakeAws::answering(|_| Answer::Http(200, "<html>".to_owned()));
        assert_eq!(call(&broken).await.expect_err("broken").kind, AwsErrorKind::Unparsable);
    }

    #[tokio::test]
    async fn a_refusal_is_read_without_its_namespace_and_sent_once() {
        let body = r#"{"__type": "com.amazonaws.logs#ResourceNotFoundException", "message": "no group"}"#;
        let aws = FakeAws::answering(move |_| Answer::Http(400, body.to_owned()));
        let error = call(&aws).await.expect_err("refused");
        assert_eq!(
            error.to_string(),
            "CloudWatch Logs DescribeLogGroups: ResourceNotFoundException: no group (request id req-1)"
        );
        assert_eq!(aws.seen().len(), 1);
    }

    #[tokio::test]
    async fn throttling_and_server_errors_are_repeated_until_the_attempts_are_used_up() {
        let throttled = r#"{"__type": "ThrottlingException", "message": "Rate exceeded"}"#;
        for (status, body) in [(400, throttled), (503, "")] {
            let aws = FakeAws::answering(move |_| Answer::Http(status, body.to_owned()));
            let error = call(&aws).await.expect_err("refused");
            assert!(aws.seen().len() > 1, "{status}: {} attempts", aws.seen().len());
            assert_eq!(error.code.is_some(), status == 400, "{error}");
        }
    }

    #[test]
    fn a_code_is_bare() {
        assert_eq!(bare_code("A#B"), "B");
        assert_eq!(bare_code("B:http://internal.amazon.com/"), "B");
    }
}
