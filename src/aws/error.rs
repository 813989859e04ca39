//! What went wrong between us and AWS, in one type for every operation.

mod hints;

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use crate::aws::http::{NothingListens, UnreadableAnswer};
use crate::framework::Diagnostic;

/// A call to AWS that did not succeed.
///
/// It holds AWS's own words and nothing of the request, so that no secret can be in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{service} {operation}: {}", self.answer())]
pub struct AwsError {
    /// Service as people call it: `ECS`, `Elastic Load Balancing`.
    pub service: &'static str,
    /// Operation as in the API: `CreateService`.
    pub operation: &'static str,
    /// AWS's error code; `None` if AWS did not answer.
    pub code: Option<String>,
    /// AWS's message, or why there is no answer.
    pub message: String,
    /// AWS's request id.
    pub request_id: Option<String>,
    /// What kind of failure it is.
    pub kind: AwsErrorKind,
}

/// The kinds of failure that callers tell apart. What "not found" is differs between operations, so that is
/// left to [`AwsError::has_code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwsErrorKind {
    /// There are no credentials, or AWS does not accept them.
    Credentials,
    /// The credentials are good, but not allowed to do this.
    AccessDenied,
    /// Too many requests.
    Throttled,
    /// No connection: DNS, network, TLS or proxy.
    Unreachable,
    /// Nothing listens at an endpoint on this machine.
    NothingListens,
    /// No answer in time.
    Timeout,
    /// AWS refused for a reason of the operation's own.
    Service,
    /// An answer that is not AWS's, or cannot be read.
    Unparsable,
    /// Something between us and AWS refused the call.
    Intercepted,
    /// The request could not be built.
    NotSent,
}

/// Error codes that mean the same in every service. Query and JSON services spell them differently.
const KINDS: [(AwsErrorKind, &[&str]); 3] = [
    (
        AwsErrorKind::Credentials,
        &[
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "InvalidToken",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "RequestExpired",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired",
            "UnrecognizedClientException",
        ],
    ),
    (
        AwsErrorKind::AccessDenied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "NotAuthorized",
            "UnauthorizedAccess",
            "UnauthorizedOperation",
        ],
    ),
    (
        AwsErrorKind::Throttled,
        &[
            "BandwidthLimitExceeded",
            "PriorRequestNotComplete",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ],
    ),
];

/// Error codes of AWS's own faults.
const SERVER_FAULTS: [&str; 8] = [
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceError",
    "InternalServiceException",
    "ServerException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
];

impl AwsError {
    /// Reads what the SDK reports.
    #[expect(clippy::needless_pass_by_value, reason = "it ends the error's life at the SDK edge")]
    pub fn from_sdk<E>(
        service: &'static str,
        operation: &'static str,
        error: SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code).map(str::to_owned);
        let kind = kind_of(&error, code.as_deref());
        let said = error.as_service_error().and_then(ProvideErrorMetadata::message);
        let unreadable = chain(&error).find_map(<dyn Error>::downcast_ref::<UnreadableAnswer>);
        let nobody = chain(&error).find_map(<dyn Error>::downcast_ref::<NothingListens>);
        let message = match (said, unreadable, nobody) {
            (Some(said), ..) => said.to_owned(),
            (None, Some(unreadable), _) => unreadable.to_string(),
            (None, None, Some(nobody)) => nobody.to_string(),
            (None, None, None) => innermost_text(&error),
        };
        let in_answer = unreadable.and_then(|unreadable| unreadable.request_id.as_deref());
        let request_id = error.request_id().or(in_answer).map(str::to_owned);
        Self { service, operation, code, message, request_id, kind }
    }

    /// A failure that the SDK did not report as one: `kind` says what it is.
    pub fn of_kind(
        service: &'static str,
        operation: &'static str,
        kind: AwsErrorKind,
        message: impl fmt::Display,
    ) -> Self {
        Self { service, operation, code: None, message: message.to_string(), request_id: None, kind }
    }

    /// A refusal that was read without the SDK.
    pub fn answered(
        service: &'static str,
        operation: &'static str,
        code: String,
        message: String,
        request_id: Option<String>,
    ) -> Self {
        let kind = kind_of_code(&code);
        Self { service, operation, code: Some(code), message, request_id, kind }
    }

    /// The answer of a read or a delete; `None` if AWS refused with one of `codes`, which say that what was asked for
    /// does not exist.
    pub fn optional<T>(result: Result<T, Self>, codes: &[&str]) -> Result<Option<T>, Self> {
        match result {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if codes.iter().any(|code| error.has_code(code)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether AWS answered with this error code.
    pub fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether the message contains `text`, whatever the case; AWS's typographic apostrophes count as `'`.
    pub fn says(&self, text: &str) -> bool {
        let fold = |text: &str| text.replace(['\u{2018}', '\u{2019}', '\u{02bc}'], "'").to_lowercase();
        fold(&self.message).contains(&fold(text))
    }

    /// Whether AWS certainly did not carry the call out.
    ///
    /// After a timeout or a lost connection it may have done so.
    pub fn is_without_effect(&self) -> bool {
        !matches!(self.kind, AwsErrorKind::Timeout | AwsErrorKind::Unreachable | AwsErrorKind::Unparsable)
    }

    /// Whether AWS says that it failed itself: the call may have been carried out, and the next one may succeed.
    pub fn is_server_fault(&self) -> bool {
        SERVER_FAULTS.iter().any(|code| self.has_code(code))
    }

    /// The error as a user is told, with what to do about it.
    pub fn to_diagnostic(&self, summary: impl Into<String>) -> Diagnostic {
        let tried = format!("Tried: {} {}.", self.service, self.operation);
        let answered = match (&self.code, self.kind) {
            (Some(_), _) => format!("AWS answered: {}", self.answer()),
            (None, AwsErrorKind::Unparsable | AwsErrorKind::Intercepted) => {
                format!("The answer is not AWS's, or cannot be read: {}", self.answer())
            }
            (None, _) => format!("There was no answer: {}", self.answer()),
        };
        let diagnostic = Diagnostic::error(summary, format!("{tried}\n{answered}"));
        hints::hints(self).into_iter().fold(diagnostic, Diagnostic::hint)
    }

    /// Code, message and request id in one line.
    fn answer(&self) -> String {
        let said = match &self.code {
            Some(code) if self.message.is_empty() => code.clone(),
            Some(code) => format!("{code}: {}", self.message),
            None => self.message.clone(),
        };
        match &self.request_id {
            Some(request_id) => format!("{said} (request id {request_id})"),
            None => said,
        }
    }
}

fn kind_of<E>(error: &SdkError<E, HttpResponse>, code: Option<&str>) -> AwsErrorKind
where
    E: Error + 'static,
{
    if let Some(unreadable) = chain(error).find_map(<dyn Error>::downcast_ref::<UnreadableAnswer>) {
        return if unreadable.is_decision() { AwsErrorKind::Intercepted } else { AwsErrorKind::Unparsable };
    }
    if chain(error).any(<dyn Error>::is::<NothingListens>) {
        return AwsErrorKind::NothingListens;
    }
    // What STS did not do for a role is told by what STS said.
    if let Some(of_role) = chain(error).find_map(|cause| cause.downcast_ref::<AwsError>()) {
        return of_role.kind;
    }
    if chain(error).any(<dyn Error>::is::<CredentialsError>) {
        return AwsErrorKind::Credentials;
    }
    match error {
        SdkError::TimeoutError(_) => AwsErrorKind::Timeout,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => AwsErrorKind::Timeout,
        SdkError::DispatchFailure(_) => AwsErrorKind::Unreachable,
        SdkError::ResponseError(_) => AwsErrorKind::Unparsable,
        SdkError::ServiceError(_) => code.map_or(AwsErrorKind::Unparsable, kind_of_code),
        _ => AwsErrorKind::NotSent,
    }
}

fn kind_of_code(code: &str) -> AwsErrorKind {
    KINDS.iter().find(|(_, codes)| codes.contains(&code)).map_or(AwsErrorKind::Service, |(kind, _)| *kind)
}

/// An error and its causes, outermost first.
pub(crate) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// What an error and its causes say, from the general to the particular, each thing once.
pub(crate) fn chain_text(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in chain(error) {
        let text = cause.to_string();
        if !text.is_empty() && !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

/// The SDK's outer errors only say that something failed; the causes say what.
fn innermost_text(error: &(dyn Error + 'static)) -> String {
    error.source().map_or_else(|| error.to_string(), chain_text)
}

#[cfg(test)]
impl AwsError {
    /// A refusal with this code and message, for tests.
    pub fn refused(service: &'static str, operation: &'static str, code: &str, message: &str) -> Self {
        let kind = kind_of_code(code);
        let (code, message) = (Some(code.to_owned()), message.to_owned());
        Self { service, operation, code, message, request_id: None, kind }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::operation::delete_service::DeleteServiceError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn response() -> HttpResponse {
        let response = ::http::Response::builder().status(400).header("x-amzn-requestid", "req-1");
        HttpResponse::try_from(response.body(SdkBody::empty()).expect("valid")).expect("valid")
    }

    fn refused(code: &str, message: &str) -> AwsError {
        let metadata = ErrorMetadata::builder().code(code).message(message).build();
        let error = SdkError::service_error(DeleteServiceError::generic(metadata), response());
        AwsError::from_sdk("ECS", "DeleteService", error)
    }

    fn unreachable(cause: &str) -> AwsError {
        let error = SdkError::<DeleteServiceError, HttpResponse>::dispatch_failure(ConnectorError::io(
            std::io::Error::other(cause.to_owned()).into(),
        ));
        AwsError::from_sdk("ECS", "DeleteService", error)
    }

    #[test]
    fn a_refusal_keeps_awss_code_message_and_request_id() {
        let error = refused("ServiceNotFoundException", "Service not found.");
        assert_eq!(error.kind, AwsErrorKind::Service);
        assert!(error.has_code("ServiceNotFoundException"));
        assert_eq!(
            error.to_string(),
            "ECS DeleteService: ServiceNotFoundException: Service not found. (request id req-1)"
        );
    }

    #[test]
    fn only_the_codes_of_absence_become_none() {
        let missing = || Err::<(), _>(refused("RuleNotFound", "One or more rules not found"));
        assert_eq!(AwsError::optional(missing(), &["ListenerNotFound", "RuleNotFound"]), Ok(None));
        assert!(AwsError::optional(missing(), &["ListenerNotFound"]).is_err());
        assert_eq!(AwsError::optional(Ok(1), &["RuleNotFound"]), Ok(Some(1)));
    }

    #[test]
    fn codes_of_both_protocol_families_have_one_kind() {
        let cases = [
            ("AccessDenied", AwsErrorKind::AccessDenied),
            ("AccessDeniedException", AwsErrorKind::AccessDenied),
            ("Throttling", AwsErrorKind::Throttled),
            ("ThrottlingException", AwsErrorKind::Throttled),
            ("ExpiredToken", AwsErrorKind::Credentials),
            ("UnrecognizedClientException", AwsErrorKind::Credentials),
            ("ClusterNotFoundException", AwsErrorKind::Service),
        ];
        for (code, kind) in cases {
            assert_eq!(refused(code, "").kind, kind, "{code}");
        }
    }

    #[test]
    fn messages_are_compared_without_case_and_with_plain_apostrophes() {
        let error = refused("InvalidParameterException", "The role can\u{2019}t be ASSUMED.");
        assert!(error.says("can't be assumed"));
        assert!(!error.says("can be assumed"));
    }

    #[test]
    fn a_lost_connection_may_have_had_an_effect_and_a_refusal_has_not() {
        assert!(!unreachable("connection reset").is_without_effect());
        assert!(refused("ClientException", "no").is_without_effect());
    }

    #[test]
    fn a_diagnostic_says_what_was_tried_what_was_answered_and_what_to_do() {
        let message = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: ecs:DeleteService \
                       on resource: arn:aws:ecs:eu-west-1:123456789012:service/a/b";
        let diagnostic = refused("AccessDeniedException", message).to_diagnostic("Cannot delete b");
        insta::assert_snapshot!(diagnostic.render_detail(), @"
        Tried: ECS DeleteService.
        AWS answered: AccessDeniedException: User: arn:aws:iam::123456789012:user/me is not authorized to perform: ecs:DeleteService on resource: arn:aws:ecs:eu-west-1:123456789012:service/a/b (request id req-1)

        hint: allow `ecs:DeleteService` for the identity that Terraform runs as
        ");
    }

    #[test]
    fn an_unreachable_endpoint_is_told_with_its_cause() {
        let diagnostic = unreachable("dns error: failed to lookup address information").to_diagnostic("No");
        insta::assert_snapshot!(diagnostic.render_detail(), @"
        Tried: ECS DeleteService.
        There was no answer: io error: dns error: failed to lookup address information

        hint: the name of the endpoint does not resolve: check `region`, `endpoints` and the network's DNS
        ");
    }
}
