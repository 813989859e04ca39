//! Amazon EC2 as this provider uses it: the network that services run in, and their security groups.
//!
//! What does not exist is `None` or an empty answer; deleting it succeeds. Refusals that a caller decides on
//! (`InvalidGroup.Duplicate`, `InvalidPermission.Duplicate`, `DependencyViolation`, `InvalidGroup.NotFound`,
//! `RulesPerSecurityGroupLimitExceeded`) reach it as errors with that code.

mod network_interfaces;
mod parameters;
mod permissions;
mod security_groups;
mod subnets;
mod tags;
#[cfg(test)]
mod tests;
mod vpc_endpoints;

use serde::Deserialize;

pub use network_interfaces::NetworkInterface;
pub use permissions::{Direction, Peer, Permission};
pub use security_groups::{SecurityGroup, SecurityGroupInput};
pub use subnets::{Subnet, SubnetKind};

use self::subnets::SubnetSet;
use crate::aws::batch::Batch;
use crate::aws::query::{QueryClient, QueryService};
use crate::aws::{AwsError, Clients};

const SERVICE: &str = "EC2";

const EC2: QueryService = QueryService {
    name: SERVICE,
    signing_name: "ec2",
    endpoint_name: "ec2",
    version: "2016-11-15",
    global: &[],
};

/// The EC2 API. Its reads of security groups by id and by name, of the default VPC and of subnets are shared between concurrent
/// callers.
pub struct Ec2 {
    client: QueryClient,
    security_groups: Batch<String, SecurityGroup>,
    named_security_groups: Batch<String, Vec<SecurityGroup>>,
    default_vpc: Batch<(), String>,
    subnets: Batch<SubnetSet, Result<Vec<Subnet>, AwsError>>,
}

/// A list of the API.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Items<T> {
    item: Vec<T>,
}

/// An answer of which nothing is read.
#[derive(Debug, Default, Deserialize)]
struct Done {}

impl Ec2 {
    /// The API through these clients' configuration.
    pub fn new(clients: Clients) -> Self {
        let [for_ids, for_names, for_vpc, for_subnets] =
            std::array::from_fn(|_| QueryClient::new(clients.clone(), EC2));
        Self {
            client: QueryClient::new(clients, EC2),
            security_groups: Batch::new(security_groups::NAMES_PER_CALL, move |ids| {
                security_groups::describe_of_ids(for_ids.clone(), ids)
            }),
            named_security_groups: Batch::new(security_groups::NAMES_PER_CALL, move |names| {
                security_groups::describe_named(for_names.clone(), names)
            }),
            default_vpc: Batch::new(1, move |_| subnets::describe_default_vpc(for_vpc.clone())),
            subnets: Batch::new(subnets::SETS_AT_ONCE, move |sets| {
                subnets::describe_sets(for_subnets.clone(), sets)
            }),
        }
    }
}

impl std::fmt::Debug for Ec2 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Ec2")
    }
}
