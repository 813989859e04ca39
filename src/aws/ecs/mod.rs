//! Amazon ECS as this provider uses it: calls in, domain types out.

mod canonical_task_definition;
pub(crate) mod clusters;
mod convert;
mod deployments;
mod evidence;
mod express;
pub(crate) mod plain_services;
mod revisions;
pub(crate) mod service_configuration;
mod services;
mod tags;
pub(crate) mod task_definitions;
#[cfg(test)]
pub(crate) mod tests;
mod wire_tags;

pub(crate) use canonical_task_definition::canonical_task_definition;
pub(crate) use deployments::DeploymentDetail;
#[cfg(test)]
pub(crate) use deployments::PauseHook;
#[cfg(test)]
pub(crate) use deployments::{DeploymentSchedule, SourceRevision};
pub(crate) use evidence::{ServiceEvent, StoppedContainer, StoppedTask};
pub(crate) use express::{ActiveConfiguration, ExpressService};
pub(crate) use revisions::Revision;
pub(crate) use services::{ServiceKey, ServiceRecord};

use serde::Serialize;
use serde_json::Value;

use self::plain_services::PlainService;
use crate::aws::batch::Batch;
use crate::aws::json::{JsonClient, JsonService};
use crate::aws::{AwsError, AwsErrorKind, Clients};

const SERVICE: &str = "ECS";

/// `DescribeServiceRevisions` takes at most this many ARNs.
const REVISIONS_PER_CALL: usize = 20;
/// `DescribeServiceDeployments` takes at most this many ARNs.
const DEPLOYMENTS_PER_CALL: usize = 20;
/// `DescribeServices` takes at most this many names.
const SERVICES_PER_CALL: usize = 10;

/// For what has to go through without a loss of members: task definitions and plain services.
const ECS: JsonService = JsonService {
    name: SERVICE,
    signing_name: "ecs",
    host_prefix: "ecs",
    endpoint_name: "ecs",
    sdk_id: "ecs",
    target_prefix: "AmazonEC2ContainerServiceV20141113",
    version: "1.1",
};

/// The ECS API. Its reads by ARN are shared between concurrent callers.
pub(crate) struct Ecs {
    clients: Clients,
    deployments: Batch<String, DeploymentDetail>,
    json: JsonClient,
    /// The same, for what must not be repeated before somebody looked whether it took place.
    json_once: JsonClient,
    revisions: Batch<String, Revision>,
    services: Batch<ServiceKey, ServiceRecord>,
    plain_services: Batch<ServiceKey, PlainService>,
}

impl Ecs {
    /// How often a call is made at the most.
    pub(crate) fn max_attempts(&self) -> u32 {
        self.clients.max_attempts()
    }

    /// The API through these clients.
    pub(crate) fn new(clients: Clients) -> Self {
        let [for_deployments, for_revisions, for_services, for_plain_services] =
            std::array::from_fn(|_| clients.clone());
        Self {
            plain_services: Batch::new(SERVICES_PER_CALL, move |keys| {
                plain_services::describe_plain_services(
                    JsonClient::new(for_plain_services.clone(), ECS),
                    keys,
                )
            }),
            json: JsonClient::new(clients.clone(), ECS),
            json_once: JsonClient::new(clients.sent_once(), ECS),
            clients,
            deployments: Batch::new(DEPLOYMENTS_PER_CALL, move |arns| {
                deployments::describe_service_deployments(for_deployments.clone(), arns)
            }),
            revisions: Batch::new(REVISIONS_PER_CALL, move |arns| {
                revisions::describe_service_revisions(for_revisions.clone(), arns)
            }),
            services: Batch::new(SERVICES_PER_CALL, move |keys| {
                services::describe_services(for_services.clone(), keys)
            }),
        }
    }
}

/// Whether a refusal means that the service, or its cluster, does not exist (facts, express section 1.4).
fn is_not_found(error: &AwsError) -> bool {
    const CODES: [&str; 3] =
        ["ResourceNotFoundException", "ServiceNotFoundException", "ClusterNotFoundException"];
    CODES.iter().any(|code| error.has_code(code))
        || error.has_code("InvalidParameterException") && error.says("resource not found")
}

fn to_wire(operation: &'static str, input: &impl Serialize) -> Result<Value, AwsError> {
    serde_json::to_value(input)
        .map_err(|error| AwsError::of_kind(SERVICE, operation, AwsErrorKind::NotSent, error))
}

fn unparsable(operation: &'static str, what: &str) -> AwsError {
    AwsError::of_kind(SERVICE, operation, AwsErrorKind::Unparsable, what)
}
