//! Amazon ECS as this provider uses it: calls in, domain types out.

mod clusters;
mod convert;
mod deployments;
mod evidence;
mod express;
mod revisions;
mod services;
mod tags;

pub(crate) use deployments::DeploymentDetail;
#[cfg(test)]
pub(crate) use deployments::{DeploymentSchedule, SourceRevision};
pub(crate) use evidence::{ServiceEvent, StoppedTask};
pub(crate) use express::{ActiveConfiguration, ExpressService};
pub(crate) use revisions::Revision;
pub(crate) use services::{ServiceKey, ServiceRecord};

use crate::aws::batch::Batch;
use crate::aws::{AwsError, Clients};

const SERVICE: &str = "ECS";

/// `DescribeServiceRevisions` takes at most this many ARNs.
const REVISIONS_PER_CALL: usize = 20;
/// `DescribeServiceDeployments` takes at most this many ARNs.
const DEPLOYMENTS_PER_CALL: usize = 20;
/// `DescribeServices` takes at most this many names.
const SERVICES_PER_CALL: usize = 10;

/// The ECS API. Its reads by ARN are shared between concurrent callers.
pub(crate) struct Ecs {
    clients: Clients,
    deployments: Batch<String, DeploymentDetail>,
    revisions: Batch<String, Revision>,
    services: Batch<ServiceKey, ServiceRecord>,
}

impl Ecs {
    /// The API through these clients.
    pub(crate) fn new(clients: Clients) -> Self {
        let (for_deployments, for_revisions, for_services) =
            (clients.clone(), clients.clone(), clients.clone());
        Self {
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
