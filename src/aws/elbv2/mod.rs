//! Elastic Load Balancing v2 as this provider uses it: calls in, plain types out.
//!
//! What does not exist is `None` or an empty answer; deleting it succeeds. Refusals that a caller decides on
//! (`PriorityInUse`, `TooManyRules`, `TooManyCertificates`, `DuplicateLoadBalancerName`, `DuplicateListener`,
//! `DuplicateTargetGroupName`, `ResourceInUse`, `OperationNotPermitted`) reach it as errors with that code.
//! A create with the settings of what exists already answers with what exists (facts, composition section 3.1).

mod actions;
mod conditions;
mod health_checks;
mod listener_certificates;
mod listeners;
mod load_balancer_attributes;
mod load_balancers;
mod rules;
mod tags;
mod target_groups;
mod target_health;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::error::Error;
use std::time::SystemTime;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub use actions::{Action, TargetGroupWeight};
pub use conditions::{Condition, Values};
pub use health_checks::{HealthCheck, Matcher};
pub use listeners::{Listener, ListenerInput, ListenerProtocol};
pub use load_balancers::{LoadBalancer, LoadBalancerInput, LoadBalancerState, Scheme};
pub use rules::{Rule, RuleInput};
pub use target_groups::{TargetGroup, TargetGroupInput};
pub use target_health::TargetHealth;

use crate::aws::batch::Batch;
use crate::aws::{AwsError, Clients};
use crate::service::LoadBalancerAddress;

/// `DescribeLoadBalancers` and `DescribeTags` take at most this many ARNs.
const ARNS_PER_CALL: usize = 20;

const SERVICE: &str = "ELBv2";

/// The ELBv2 API. Its reads of load balancers' addresses are shared between concurrent callers.
pub struct Elbv2 {
    clients: Clients,
    addresses: Batch<String, LoadBalancerAddress>,
}

impl Elbv2 {
    /// The API through these clients.
    pub fn new(clients: Clients) -> Self {
        let for_batch = clients.clone();
        let addresses = Batch::new(ARNS_PER_CALL, move |arns| list_addresses(for_batch.clone(), arns));
        Self { clients, addresses }
    }

    /// The API with requests that are signed for `time` and sent once ([`Clients::signed_at`]).
    pub fn signed_at(&self, time: SystemTime) -> Self {
        Self::new(self.clients.signed_at(time))
    }

    /// Where a load balancer is; `None`: it does not exist.
    pub async fn find_load_balancer_address(
        &self,
        arn: &str,
    ) -> Result<Option<LoadBalancerAddress>, AwsError> {
        self.addresses.find(&arn.to_owned()).await
    }
}

impl std::fmt::Debug for Elbv2 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Elbv2")
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

/// One ARN that does not exist fails the whole call, so a failed call is repeated ARN by ARN.
async fn list_addresses(
    clients: Clients,
    arns: Vec<String>,
) -> Result<HashMap<String, LoadBalancerAddress>, AwsError> {
    match describe_addresses(&clients, arns.clone()).await {
        Err(error) if error.has_code("LoadBalancerNotFound") => {
            let mut found = HashMap::new();
            for arn in arns {
                let described = describe_addresses(&clients, vec![arn]).await;
                found.extend(AwsError::optional(described, &["LoadBalancerNotFound"])?.unwrap_or_default());
            }
            Ok(found)
        }
        other => other,
    }
}

async fn describe_addresses(
    clients: &Clients,
    arns: Vec<String>,
) -> Result<HashMap<String, LoadBalancerAddress>, AwsError> {
    let request = clients.elbv2().describe_load_balancers().set_load_balancer_arns(Some(arns));
    let output = request.send().await.map_err(from_sdk("DescribeLoadBalancers"))?;
    Ok(output
        .load_balancers()
        .iter()
        .filter_map(|balancer| {
            let address = LoadBalancerAddress {
                dns_name: balancer.dns_name.clone()?,
                zone_id: balancer.canonical_hosted_zone_id.clone()?,
            };
            Some((balancer.load_balancer_arn.clone()?, address))
        })
        .collect())
}
