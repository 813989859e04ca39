//! Amazon Route 53 as this provider uses it: hosted zones and their records.
//!
//! What does not exist is `None` or an empty answer. `InvalidChangeBatch` (a record to create is there, a record to
//! delete is not there as given) and `PriorRequestNotComplete` reach the caller as errors.

mod changes;
mod health_checks;
mod hosted_zones;
mod record_sets;
#[cfg(test)]
mod tests;

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub use changes::RecordSetChange;
pub use health_checks::{HealthCheckConfig, HealthCheckInput};
pub use hosted_zones::{HostedZone, ZoneVisibility, zone_names_of};
pub use record_sets::{AliasTarget, RecordSet, RecordValue, RoutingPolicy};

use crate::aws::batch::Batch;
use crate::aws::{AwsError, Clients};

const SERVICE: &str = "Route 53";

/// How Route 53 says that a zone does not exist.
const NO_SUCH_ZONE: &str = "NoSuchHostedZone";

/// Zones by name that are looked for at the same time.
const NAMES_AT_ONCE: usize = 5;

/// The Route 53 API, which is global. Its look for zones by name is shared between concurrent callers.
pub struct Route53 {
    clients: Clients,
    named_zones: Batch<String, Vec<HostedZone>>,
}

impl Route53 {
    /// The API through these clients.
    pub fn new(clients: Clients) -> Self {
        let for_batch = clients.clone();
        let named_zones = Batch::new(NAMES_AT_ONCE, move |names| {
            hosted_zones::list_zones_of_each(for_batch.clone(), names)
        });
        Self { clients, named_zones }
    }
}

impl std::fmt::Debug for Route53 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Route53")
    }
}

/// The SDK's error of an operation as ours.
fn from_sdk<E>(operation: &'static str) -> impl FnOnce(SdkError<E, HttpResponse>) -> AwsError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    move |error| AwsError::from_sdk(SERVICE, operation, error)
}

/// A request that the SDK refuses to build.
fn not_sent(operation: &'static str) -> impl FnOnce(aws_sdk_route53::error::BuildError) -> AwsError {
    move |error| AwsError::of_kind(SERVICE, operation, crate::aws::AwsErrorKind::NotSent, error)
}

/// A name as Route 53 stores it: lower case, with a dot at the end; `\052` is its spelling of `*`.
pub fn normalized_name(name: &str) -> String {
    let name = name.trim_end_matches('.').to_lowercase().replace("\\052", "*");
    format!("{name}.")
}
