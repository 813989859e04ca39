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

use crate::aws::Clients;
use crate::aws::query::{QueryClient, QueryService};

const SERVICE: &str = "EC2";

const EC2: QueryService = QueryService {
    name: SERVICE,
    signing_name: "ec2",
    endpoint_name: "ec2",
    version: "2016-11-15",
    global: &[],
};

/// The EC2 API.
pub struct Ec2 {
    client: QueryClient,
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
        Self { client: QueryClient::new(clients, EC2) }
    }
}

impl std::fmt::Debug for Ec2 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Ec2")
    }
}
