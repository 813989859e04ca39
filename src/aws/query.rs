//! The Query protocol, for services of which a handful of reads is needed.
//!
//! Their SDK crates cost minutes of every cold build (facts, build-costs). The SDK's own runtime sends, retries and
//! times out these requests; `aws-sigv4` signs them.

use std::borrow::Cow;

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;
use serde::Deserialize;

use crate::aws::{AwsError, AwsErrorKind, Clients};

/// A service that speaks the Query protocol.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryService {
    /// As people call it.
    pub(crate) name: &'static str,
    /// In host names and signatures.
    pub(crate) signing_name: &'static str,
    /// In the provider block's `endpoints` and in `AWS_ENDPOINT_URL_<...>`.
    pub(crate) endpoint_name: &'static str,
    /// Version of the API.
    pub(crate) version: &'static str,
}

/// A client of one service.
pub(crate) struct QueryClient {
    clients: Clients,
    service: QueryService,
}

/// A refusal: EC2 wraps its errors once more than the others do.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Refusal {
    errors: Errors,
    error: Option<ErrorItem>,
    #[serde(alias = "RequestID")]
    request_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Errors {
    error: Vec<ErrorItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ErrorItem {
    code: String,
    message: String,
}

/// Status and text of an answer.
#[derive(Debug)]
struct Answer {
    is_success: bool,
    text: String,
}

impl QueryClient {
    /// A client through these clients' configuration.
    pub(crate) fn new(clients: Clients, service: QueryService) -> Self {
        Self { clients, service }
    }

    /// Calls `action` and reads its answer.
    pub(crate) async fn call<T: for<'de> Deserialize<'de>>(
        &self,
        action: &'static str,
        parameters: &[(String, String)],
    ) -> Result<T, AwsError> {
        let text = self.fetch(action, parameters).await?;
        quick_xml::de::from_str(&text)
            .map_err(|error| AwsError::of_kind(self.service.name, action, AwsErrorKind::Unparsable, error))
    }

    async fn fetch(&self, action: &'static str, parameters: &[(String, String)]) -> Result<String, AwsError> {
        let failed = |kind, message: String| AwsError::of_kind(self.service.name, action, kind, message);
        let body = form(action, self.service.version, parameters);
        let request = self.sign(&body).await.map_err(|message| failed(AwsErrorKind::Credentials, message))?;
        let answer = self
            .operation(action)
            .invoke(request)
            .await
            .map_err(|error| failed(AwsErrorKind::Unreachable, crate::aws::error::chain_text(&error)))?;
        if answer.is_success {
            Ok(answer.text)
        } else {
            Err(refusal(self.service.name, action, &answer.text))
        }
    }

    /// The SDK's runtime around one signed request: it is sent again as it is, well within its five minutes.
    fn operation(&self, action: &'static str) -> Operation<SignedRequest, Answer, std::convert::Infallible> {
        let sdk = &self.clients.config().sdk;
        let mut operation = Operation::builder()
            .service_name(self.service.signing_name)
            .operation_name(action)
            .no_auth()
            .endpoint_url(&self.endpoint())
            .standard_retry(&sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
            .timeout_config(
                sdk.timeout_config().cloned().unwrap_or_else(|| TimeoutConfig::builder().build()),
            );
        if let Some(http_client) = sdk.http_client() {
            operation = operation.http_client(http_client);
        }
        if let Some(sleep_impl) = sdk.sleep_impl() {
            operation = operation.sleep_impl(sleep_impl);
        }
        if let Some(time_source) = sdk.time_source() {
            operation = operation.time_source(time_source);
        }
        operation
            .serializer(|request: SignedRequest| request.0.try_into().map_err(Into::into))
            .deserializer(read)
            .build()
    }

    async fn sign(&self, body: &str) -> Result<SignedRequest, String> {
        let config = self.clients.config();
        let credentials =
            config.credentials.provide_credentials().await.map_err(|error| error.to_string())?;
        let identity = credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&config.region)
            .name(self.service.signing_name)
            .time(config.clock.now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let headers = [("content-type", CONTENT_TYPE)];
        let endpoint = self.endpoint();
        let signable = SignableRequest::new(
            "POST",
            endpoint.as_str(),
            headers.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
        );
        let signed =
            signable.and_then(|signable| sign(signable, &parameters)).map_err(|error| error.to_string())?;
        let mut request = http::Request::post(&endpoint)
            .header("content-type", CONTENT_TYPE)
            .body(body.to_owned())
            .map_err(|error| error.to_string())?;
        signed.into_parts().0.apply_to_request_http1x(&mut request);
        Ok(SignedRequest(request.map(SdkBody::from)))
    }

    /// The provider block's endpoint, the environment's, or AWS's own.
    fn endpoint(&self) -> String {
        let config = self.clients.config();
        let key = ServiceConfigKey::builder()
            .service_id(self.service.endpoint_name)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let from_environment = || config.sdk.service_config()?.load_config(key.ok()?);
        let own =
            config.endpoints.get(self.service.endpoint_name).map(str::to_owned).or_else(from_environment);
        let endpoint = own.unwrap_or_else(|| {
            let fips = if config.sdk.use_fips() == Some(true) { "-fips" } else { "" };
            let suffix: Cow<'_, str> = match (config.sdk.use_dual_stack(), self.clients.partition()) {
                (Some(true), _) => "api.aws".into(),
                (_, "aws-cn") => "amazonaws.com.cn".into(),
                _ => "amazonaws.com".into(),
            };
            format!("https://{}{fips}.{}.{suffix}", self.service.signing_name, config.region)
        });
        format!("{}/", endpoint.trim_end_matches('/'))
    }
}

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// A request that carries its signature; its body holds no secret, its headers do.
struct SignedRequest(http::Request<SdkBody>);

impl std::fmt::Debug for SignedRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SignedRequest")
    }
}

fn form(action: &str, version: &str, parameters: &[(String, String)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", action).append_pair("Version", version);
    form.extend_pairs(parameters).finish()
}

#[expect(clippy::unnecessary_wraps, reason = "the runtime wants a deserializer that may fail")]
fn read(response: &HttpResponse) -> Result<Answer, OrchestratorError<std::convert::Infallible>> {
    let bytes = response.body().bytes().unwrap_or_default();
    Ok(Answer {
        is_success: response.status().is_success(),
        text: String::from_utf8_lossy(bytes).into_owned(),
    })
}

fn refusal(service: &'static str, action: &'static str, text: &str) -> AwsError {
    let refusal: Refusal = quick_xml::de::from_str(text).unwrap_or_default();
    let first = refusal.errors.error.into_iter().chain(refusal.error).next();
    match first {
        Some(error) => AwsError::answered(service, action, error.code, error.message, refusal.request_id),
        None => AwsError::of_kind(service, action, AwsErrorKind::Unparsable, "an error that cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_names_action_and_version_and_escapes_values() {
        let parameters = [("SubnetId.1".to_owned(), "a b&c".to_owned())];
        assert_eq!(
            form("DescribeSubnets", "2016-11-15", &parameters),
            "Action=DescribeSubnets&Version=2016-11-15&SubnetId.1=a+b%26c"
        );
    }

    #[test]
    fn a_refusal_of_a_service_other_than_ec2_is_read_too() {
        let text = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>\
                    <RequestId>r-2</RequestId></ErrorResponse>";
        let error = refusal("CloudWatch", "DescribeAlarms", text);
        assert_eq!(error.to_string(), "CloudWatch DescribeAlarms: AccessDenied: no (request id r-2)");
    }

    #[test]
    fn a_refusal_keeps_code_message_and_request_id() {
        let text = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors>\
                    <RequestID>r-1</RequestID></Response>";
        let error = refusal("EC2", "DescribeSubnets", text);
        assert_eq!(error.kind, AwsErrorKind::AccessDenied);
        assert_eq!(error.to_string(), "EC2 DescribeSubnets: UnauthorizedOperation: no (request id r-1)");
        assert_eq!(refusal("EC2", "DescribeSubnets", "<html/>").kind, AwsErrorKind::Unparsable);
    }
}
