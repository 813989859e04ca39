//! Elastic Load Balancing v2 as this provider uses it: calls in, plain types out.
//!
//! What does not exist is `None` or an empty answer; deleting it succeeds. Refusals that a caller decides on
//! (`PriorityInUse`, `TooManyRules`, `TooManyCertificates`, `DuplicateLoadBalancerName`, `DuplicateListener`,
//! `DuplicateTargetGroupName`, `ResourceInUse`, `OperationNotPermitted`) reach it as errors with that code.
//! A create with the settings of what exists already answers with what exists (facts, composition section 3.1).

mod actions;
mod conditions;
mod describe_each;
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

use std::error::Error;
use std::time::SystemTime;

use aws_sdk_elasticloadbalancingv2::types::Certificate;
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

/// `DescribeLoadBalancers` and `DescribeTags` take at most this many ARNs. Of target groups and rules no bound is known, and
/// as many are asked for.
const ARNS_PER_CALL: usize = 20;

/// Listeners whose certificates are read at the same time.
const LISTENERS_AT_ONCE: usize = 10;

const SERVICE: &str = "ELBv2";

/// The ELBv2 API. Its reads of single load balancers, target groups and rules, and of the certificates of a listener, are shared
/// between concurrent callers.
pub struct Elbv2 {
    clients: Clients,
    load_balancers: Batch<String, LoadBalancer>,
    target_groups: Batch<String, TargetGroup>,
    named_target_groups: Batch<String, TargetGroup>,
    rules: Batch<String, Rule>,
    listener_certificates: Batch<String, Vec<Certificate>>,
}

impl Elbv2 {
    /// The API through these clients.
    pub fn new(clients: Clients) -> Self {
        let [for_balancers, for_groups, for_names, for_rules, for_listeners] =
            std::array::from_fn(|_| clients.clone());
        Self {
            clients,
            load_balancers: Batch::new(ARNS_PER_CALL, move |arns| {
                load_balancers::describe_load_balancers(for_balancers.clone(), arns)
            }),
            target_groups: Batch::new(ARNS_PER_CALL, move |arns| {
                target_groups::describe_target_groups(for_groups.clone(), arns)
            }),
            named_target_groups: Batch::new(ARNS_PER_CALL, move |names| {
                target_groups::describe_named_target_groups(for_names.clone(), names)
            }),
            rules: Batch::new(ARNS_PER_CALL, move |arns| rules::describe_rules(for_rules.clone(), arns)),
            listener_certificates: Batch::new(LISTENERS_AT_ONCE, move |arns| {
                listener_certificates::list_certificates_of_each(for_listeners.clone(), arns)
            }),
        }
    }

    /// The API with requests that are signed for `time` and sent once ([`Clients::signed_at`]).
    pub fn signed_at(&self, time: SystemTime) -> Self {
        Self::new(self.clients.signed_at(time))
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
