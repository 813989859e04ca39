//! One call to a service whose SDK crate is not built in: the SDK's own runtime sends it, repeats it and times it out;
//! `aws-sigv4` signs it.
//!
//! The SDK crates of some services cost minutes of every cold build (docs/design/build-costs.md).

use std::borrow::Cow;
use std::fmt;

use aws_credential_types::provider::ProvideCredentials;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;

use crate::aws::pauses::Pauses;
use crate::aws::{AwsError, AwsErrorKind, Clients};

/// Where a service is, and how it is signed for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServiceAddress {
    /// As people call it.
    pub(crate) name: &'static str,
    /// In signatures.
    pub(crate) signing_name: &'static str,
    /// First part of AWS's host name.
    pub(crate) host_prefix: &'static str,
    /// In the provider block's `endpoints`.
    pub(crate) endpoint_name: &'static str,
    /// In `AWS_ENDPOINT_URL_<...>`, in lower case and with spaces.
    pub(crate) sdk_id: &'static str,
    /// Where a service without regions is, one for each partition; none: it is in each region.
    pub(crate) global: &'static [GlobalEndpoint],
}

/// The one endpoint of a service in a partition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GlobalEndpoint {
    pub(crate) partition: &'static str,
    pub(crate) host: &'static str,
    pub(crate) fips_host: &'static str,
    /// The region that calls are signed for.
    pub(crate) region: &'static str,
}

impl ServiceAddress {
    fn find_global(&self, clients: &Clients) -> Option<&GlobalEndpoint> {
        self.global.iter().find(|endpoint| endpoint.partition == clients.partition())
    }
}

/// A call that is ready to be signed and sent. Its body may hold a secret, so it has no `Debug`.
pub(crate) struct SignedCall {
    pub(crate) service: ServiceAddress,
    pub(crate) operation: &'static str,
    /// Sent and signed, `content-type` among them.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// Reads the body of a refusal.
    pub(crate) refusal: fn(&HttpResponse) -> Refusal,
}

/// AWS's refusal of a call.
#[derive(Debug)]
pub(crate) struct Refusal {
    metadata: ErrorMetadata,
    request_id: Option<String>,
}

impl Refusal {
    /// AWS's code and message, and the request id where the body has it.
    pub(crate) fn new(code: &str, message: &str, request_id: Option<String>) -> Self {
        Self { metadata: ErrorMetadata::builder().code(code).message(message).build(), request_id }
    }

    /// A refusal whose body is not what the protocol says.
    pub(crate) fn unreadable() -> Self {
        let metadata = ErrorMetadata::builder().message("an error that cannot be read").build();
        Self { metadata, request_id: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.metadata.fmt(formatter)
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

impl SignedCall {
    /// Sends the call; the answer's text.
    ///
    /// # Errors
    /// Throttling, server errors and lost connections are repeated as the configuration says; everything else is
    /// returned as it is. What is repeated carries the same signature, well within its five minutes.
    pub(crate) async fn send(self, clients: &Clients) -> Result<String, AwsError> {
        let (name, operation) = (self.service.name, self.operation);
        let endpoint = endpoint(clients, &self.service);
        let call = self.operation(clients, &endpoint);
        let request = self
            .sign(clients, &endpoint)
            .await
            .map_err(|message| AwsError::of_kind(name, operation, AwsErrorKind::Credentials, message))?;
        call.invoke(request).await.map_err(|error| {
            let in_body = error.as_service_error().and_then(|refusal| refusal.request_id.clone());
            let mut error = AwsError::from_sdk(name, operation, error);
            error.request_id = in_body.or(error.request_id);
            error
        })
    }

    fn operation(&self, clients: &Clients, endpoint: &str) -> Operation<SignedRequest, String, Refusal> {
        let sdk = &clients.config().sdk;
        let mut retries = Layer::new("retries");
        retries.store_put(clients.retry_partition().clone());
        let mut operation = Operation::builder()
            .service_name(self.service.signing_name)
            .operation_name(self.operation)
            .no_auth()
            .endpoint_url(endpoint)
            .runtime_plugin(StaticRuntimePlugin::new().with_config(retries.freeze()))
            .standard_retry(&sdk.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
            .retry_classifier(TransientErrorClassifier::<Refusal>::new())
            .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(Pauses(clients.clock().clone()))
            .interceptor(RequestInfoInterceptor::new())
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
        let refusal = self.refusal;
        operation
            .serializer(|request: SignedRequest| request.0.try_into().map_err(Into::into))
            .deserializer(move |response: &HttpResponse| {
                if response.status().is_success() {
                    Ok(text_of(response))
                } else {
                    Err(OrchestratorError::operation(refusal(response)))
                }
            })
            .build()
    }

    async fn sign(self, clients: &Clients, endpoint: &str) -> Result<SignedRequest, String> {
        let config = clients.config();
        let region = self.service.find_global(clients).map_or(config.region.as_str(), |global| global.region);
        let credentials =
            config.credentials.provide_credentials().await.map_err(|error| error.to_string())?;
        let identity = credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(self.service.signing_name)
            .time(config.clock.now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let headers = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let signable =
            SignableRequest::new("POST", endpoint, headers, SignableBody::Bytes(self.body.as_bytes()));
        let signed =
            signable.and_then(|signable| sign(signable, &parameters)).map_err(|error| error.to_string())?;
        let mut request = http::Request::post(endpoint);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let mut request = request.body(self.body).map_err(|error| error.to_string())?;
        signed.into_parts().0.apply_to_request_http1x(&mut request);
        Ok(SignedRequest(request.map(SdkBody::from)))
    }
}

/// The provider block's endpoint, the environment's, or AWS's own.
fn endpoint(clients: &Clients, service: &ServiceAddress) -> String {
    let config = clients.config();
    let key = ServiceConfigKey::builder()
        .service_id(service.sdk_id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let from_environment = || config.sdk.service_config()?.load_config(key.ok()?);
    let own = config.endpoints.get(service.endpoint_name).map(str::to_owned).or_else(from_environment);
    let endpoint = own.unwrap_or_else(|| {
        let is_fips = config.sdk.use_fips() == Some(true);
        if let Some(global) = service.find_global(clients) {
            return format!("https://{}", if is_fips { global.fips_host } else { global.host });
        }
        let fips = if is_fips { "-fips" } else { "" };
        let suffix: Cow<'_, str> = match (config.sdk.use_dual_stack(), clients.partition()) {
            (Some(true), _) => "api.aws".into(),
            (_, "aws-cn") => "amazonaws.com.cn".into(),
            _ => "amazonaws.com".into(),
        };
        format!("https://{}{fips}.{}.{suffix}", service.host_prefix, config.region)
    });
    format!("{}/", endpoint.trim_end_matches('/'))
}

/// The body of a response.
pub(crate) fn text_of(response: &HttpResponse) -> String {
    String::from_utf8_lossy(response.body().bytes().unwrap_or_default()).into_owned()
}

/// A request that carries its signature; its headers are secret.
struct SignedRequest(http::Request<SdkBody>);

impl fmt::Debug for SignedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SignedRequest")
    }
}
