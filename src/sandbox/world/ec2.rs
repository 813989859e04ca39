//! Amazon EC2: the network that Express services run in.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Scope, Tags, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// EC2 of one account and region, keyed by identifier.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ec2State {
    pub(crate) vpcs: BTreeMap<String, Vpc>,
    pub(crate) subnets: BTreeMap<String, Subnet>,
    pub(crate) route_tables: BTreeMap<String, RouteTable>,
    pub(crate) internet_gateways: BTreeMap<String, InternetGateway>,
    pub(crate) security_groups: BTreeMap<String, SecurityGroup>,
    pub(crate) network_interfaces: BTreeMap<String, NetworkInterface>,
}

/// A VPC.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Vpc {
    pub(crate) id: String,
    pub(crate) cidr_block: String,
    pub(crate) is_default: bool,
    pub(crate) tags: Tags,
}

/// A subnet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Subnet {
    pub(crate) id: String,
    pub(crate) vpc_id: String,
    pub(crate) cidr_block: String,
    pub(crate) availability_zone: String,
    pub(crate) availability_zone_id: String,
    pub(crate) default_for_az: bool,
    pub(crate) map_public_ip_on_launch: bool,
    /// Host number of the next address handed to a network interface.
    pub(crate) next_host: u32,
    pub(crate) tags: Tags,
}

/// A route table with its associations.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RouteTable {
    pub(crate) id: String,
    pub(crate) vpc_id: String,
    /// The main table serves every subnet without an association of its own.
    pub(crate) main: bool,
    /// Association id to subnet id; the main association has no subnet.
    pub(crate) associations: BTreeMap<String, Option<String>>,
    pub(crate) routes: Vec<Route>,
    pub(crate) tags: Tags,
}

/// One route.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Route {
    pub(crate) destination_cidr_block: String,
    /// `local`, `igw-...`, `nat-...` or another gateway.
    pub(crate) gateway_id: String,
}

/// An internet gateway.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct InternetGateway {
    pub(crate) id: String,
    pub(crate) vpc_id: Option<String>,
    pub(crate) tags: Tags,
}

/// A security group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SecurityGroup {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) vpc_id: String,
    pub(crate) rules: Vec<SecurityGroupRule>,
    pub(crate) tags: Tags,
}

/// One rule of a security group; exactly one of the peers is set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SecurityGroupRule {
    /// `sgr-...`.
    pub(crate) id: String,
    pub(crate) is_egress: bool,
    /// `tcp`, `udp`, `icmp` or `-1` for all.
    pub(crate) ip_protocol: String,
    pub(crate) from_port: Option<i64>,
    pub(crate) to_port: Option<i64>,
    pub(crate) cidr_ipv4: Option<String>,
    pub(crate) cidr_ipv6: Option<String>,
    pub(crate) referenced_group_id: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) tags: Tags,
}

/// A network interface of a task or a load balancer. It keeps its subnet and security groups in use.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct NetworkInterface {
    pub(crate) id: String,
    pub(crate) subnet_id: String,
    pub(crate) vpc_id: String,
    pub(crate) private_ip_address: String,
    pub(crate) public_ip_address: Option<String>,
    pub(crate) group_ids: Vec<String>,
    pub(crate) description: String,
}

impl Ec2State {
    /// The route table that serves `subnet_id`: its own, or the main one of its VPC.
    pub(crate) fn find_route_table(&self, subnet_id: &str) -> Option<&RouteTable> {
        let associated = self
            .route_tables
            .values()
            .find(|table| table.associations.values().any(|subnet| subnet.as_deref() == Some(subnet_id)));
        let vpc_id = &self.subnets.get(subnet_id)?.vpc_id;
        associated.or_else(|| self.route_tables.values().find(|table| table.main && table.vpc_id == *vpc_id))
    }

    /// Whether the subnet's routes reach an internet gateway, which is what makes an Express service public
    /// (facts, Express section 4).
    pub(crate) fn is_public_subnet(&self, subnet_id: &str) -> bool {
        self.find_route_table(subnet_id)
            .is_some_and(|table| table.routes.iter().any(|route| route.gateway_id.starts_with("igw-")))
    }

    /// A network interface with the next free address of the subnet; `None` if the subnet does not exist.
    pub(crate) fn attach_network_interface(
        &mut self,
        id: String,
        subnet_id: &str,
        group_ids: Vec<String>,
        description: &str,
    ) -> Option<&NetworkInterface> {
        let subnet = self.subnets.get_mut(subnet_id)?;
        // AWS keeps the first four addresses of a subnet.
        let host = subnet.next_host.max(4);
        subnet.next_host = host.saturating_add(1);
        let base: Ipv4Addr = subnet.cidr_block.split('/').next()?.parse().ok()?;
        let interface = NetworkInterface {
            id: id.clone(),
            subnet_id: subnet_id.to_owned(),
            vpc_id: subnet.vpc_id.clone(),
            private_ip_address: Ipv4Addr::from(u32::from(base).wrapping_add(host)).to_string(),
            public_ip_address: None,
            group_ids,
            description: description.to_owned(),
        };
        Some(self.network_interfaces.entry(id).or_insert(interface))
    }
}

/// Executes one EC2 operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let _ = scope;
    Err(unknown_operation(request))
}
