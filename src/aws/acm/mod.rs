//! AWS Certificate Manager as this provider uses it: calls in, plain types out.
//!
//! What does not exist is `None`; deleting it succeeds. `ResourceInUseException` (a load balancer serves the
//! certificate, or did so until a while ago) and `LimitExceededException` reach the caller as errors.

mod certificates;
mod names;
mod placeholder;
mod tags;

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub use certificates::{
    Certificate, CertificateInput, CertificateStatus, CertificateSummary, ValidationRecord,
};
pub use names::name_covers;
pub use placeholder::Placeholder;

use crate::aws::{AwsError, Clients};

const SERVICE: &str = "ACM";

/// How ACM says that a certificate does not exist.
const NOT_FOUND: &str = "ResourceNotFoundException";

/// The ACM API.
#[derive(Debug)]
pub struct Acm {
    clients: Clients,
}

impl Acm {
    /// The API through these clients.
    pub fn new(clients: Clients) -> Self {
        Self { clients }
    }
}

/// The SDK's error of an operation as ours.
fn from_sdk<E>(operation: &'static str) -> impl FnOnce(SdkError<E, HttpResponse>) -> AwsError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    move |error| AwsError::from_sdk(SERVICE, operation, error)
}

/// An answer without what was just made.
fn nothing_made(operation: &'static str) -> AwsError {
    AwsError::of_kind(SERVICE, operation, crate::aws::AwsErrorKind::Unparsable, "the answer is empty")
}
