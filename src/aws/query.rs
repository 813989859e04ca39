//! The Query protocol, for services of which a handful of calls is needed.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde::Deserialize;

use crate::aws::signed_call::{GlobalEndpoint, Refusal, ServiceAddress, SignedCall, text_of};
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
    /// Where a service without regions is, one for each partition; none: it is in each region.
    pub(crate) global: &'static [GlobalEndpoint],
}

/// A client of one service.
#[derive(Clone)]
pub(crate) struct QueryClient {
    clients: Clients,
    service: QueryService,
}

/// A refusal: EC2 wraps its errors once more than the others do.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RefusalBody {
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
        let service = &self.service;
        let call = SignedCall {
            service: ServiceAddress {
                name: service.name,
                signing_name: service.signing_name,
                host_prefix: service.signing_name,
                endpoint_name: service.endpoint_name,
                sdk_id: service.endpoint_name,
                global: service.global,
            },
            operation: action,
            headers: vec![("content-type", CONTENT_TYPE.to_owned())],
            body: form(action, service.version, parameters),
            refusal: |response: &HttpResponse| read_refusal(&text_of(response)),
        };
        call.send(&self.clients).await
    }
}

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

fn form(action: &str, version: &str, parameters: &[(String, String)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", action).append_pair("Version", version);
    form.extend_pairs(parameters).finish()
}

fn read_refusal(text: &str) -> Refusal {
    let body: RefusalBody = quick_xml::de::from_str(text).unwrap_or_default();
    match body.errors.error.into_iter().chain(body.error).next() {
        Some(error) => Refusal::new(&error.code, &error.message, body.request_id),
        None => Refusal::unreadable(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Answer, FakeAws};

    #[test]
    fn a_form_names_action_and_version_and_escapes_values() {
        let parameters = [("SubnetId.1".to_owned(), "a b&c".to_owned())];
        assert_eq!(
            form("DescribeSubnets", "2016-11-15", &parameters),
            "Action=DescribeSubnets&Version=2016-11-15&SubnetId.1=a+b%26c"
        );
    }

    async fn refused(body: &'static str) -> AwsError {
        let service = QueryService {
            name: "EC2",
            signing_name: "ec2",
            endpoint_name: "ec2",
            version: "2016-11-15",
            global: &[],
        };
        let aws = FakeAws::answering(move |_| Answer::Http(403, body.to_owned()));
        let client = QueryClient::new(aws.clients().await, service);
        client.fetch("DescribeSubnets", &[]).await.expect_err("refused")
    }

    #[tokio::test]
    async fn a_refusal_of_a_service_other_than_ec2_is_read_too() {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>\
                    <RequestId>r-2</RequestId></ErrorResponse>";
        assert_eq!(refused(body).await.to_string(), "EC2 DescribeSubnets: AccessDenied: no (request id r-2)");
    }

    #[tokio::test]
    async fn a_refusal_keeps_code_message_and_request_id() {
        let body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors>\
                    <RequestID>r-1</RequestID></Response>";
        let error = refused(body).await;
        assert_eq!(error.kind, AwsErrorKind::AccessDenied);
        assert_eq!(error.to_string(), "EC2 DescribeSubnets: UnauthorizedOperation: no (request id r-1)");
        assert_eq!(refused("<html/>").await.kind, AwsErrorKind::Intercepted);
    }
}
