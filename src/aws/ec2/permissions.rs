//! `AuthorizeSecurityGroupIngress`, `AuthorizeSecurityGroupEgress`, `RevokeSecurityGroupIngress`,
//! `RevokeSecurityGroupEgress`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::parameters::Parameters;
use super::{Done, Ec2, Items};
use crate::aws::AwsError;

/// Which way a permission lets traffic through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the members of the group.
    Ingress,
    /// From the members of the group.
    Egress,
}

/// One permission: one protocol, one range of ports, one peer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// `tcp`, `udp`, `icmp` or `-1` for all.
    pub protocol: String,
    /// First and last port; `None`: all.
    pub ports: Option<(u16, u16)>,
    /// The other side.
    pub peer: Peer,
    /// What it is for.
    pub description: Option<String>,
}

/// The other side of a permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// The members of a security group.
    SecurityGroup(String),
    /// IPv4 addresses.
    CidrIpv4(String),
    /// IPv6 addresses.
    CidrIpv6(String),
    /// A managed prefix list, which this provider never makes.
    PrefixList(String),
}

impl Permission {
    /// TCP at one port.
    pub fn tcp(port: u16, peer: Peer, description: impl Into<String>) -> Self {
        let description = Some(description.into());
        Self { protocol: "tcp".to_owned(), ports: Some((port, port)), peer, description }
    }

    /// Whether the other lets the same traffic through; descriptions do not count, as in AWS.
    pub fn is_same_traffic(&self, other: &Self) -> bool {
        (&self.protocol, self.ports, &self.peer) == (&other.protocol, other.ports, &other.peer)
    }

    fn add_to(&self, parameters: Parameters, number: usize) -> Parameters {
        let prefix = format!("IpPermissions.{number}");
        let mut parameters = parameters.with(format!("{prefix}.IpProtocol"), &self.protocol);
        if let Some((from, to)) = self.ports {
            parameters = parameters
                .with(format!("{prefix}.FromPort"), from.to_string())
                .with(format!("{prefix}.ToPort"), to.to_string());
        }
        let (list, member, value) = match &self.peer {
            Peer::SecurityGroup(id) => ("Groups", "GroupId", id),
            Peer::CidrIpv4(cidr) => ("IpRanges", "CidrIp", cidr),
            Peer::CidrIpv6(cidr) => ("Ipv6Ranges", "CidrIpv6", cidr),
            Peer::PrefixList(id) => ("PrefixListIds", "PrefixListId", id),
        };
        let parameters = parameters.with(format!("{prefix}.{list}.1.{member}"), value);
        match &self.description {
            Some(description) => parameters.with(format!("{prefix}.{list}.1.Description"), description),
            None => parameters,
        }
    }
}

impl Ec2 {
    /// Adds permissions to a group, all or none. `InvalidPermission.Duplicate`: one of them is there already.
    pub async fn authorize(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[Permission],
        tags: &BTreeMap<String, String>,
    ) -> Result<(), AwsError> {
        let action = match direction {
            Direction::Ingress => "AuthorizeSecurityGroupIngress",
            Direction::Egress => "AuthorizeSecurityGroupEgress",
        };
        let parameters = to_input(group_id, permissions).with_tag_specification("security-group-rule", tags);
        let _: Done = self.client.call(action, &parameters.0).await?;
        Ok(())
    }

    /// Removes permissions from a group. They, or the group, may be gone already; several are removed one by one,
    /// since a missing one fails the whole call.
    pub async fn revoke(
        &self,
        group_id: &str,
        direction: Direction,
        permissions: &[Permission],
    ) -> Result<(), AwsError> {
        let action = match direction {
            Direction::Ingress => "RevokeSecurityGroupIngress",
            Direction::Egress => "RevokeSecurityGroupEgress",
        };
        for permission in permissions {
            let parameters = to_input(group_id, std::slice::from_ref(permission));
            let result = self.client.call::<Done>(action, &parameters.0).await;
            let codes =
                ["InvalidPermission.NotFound", "InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound"];
            AwsError::optional(result, &codes)?;
        }
        Ok(())
    }
}

fn to_input(group_id: &str, permissions: &[Permission]) -> Parameters {
    let parameters = Parameters::default().with("GroupId", group_id);
    (1..).zip(permissions).fold(parameters, |parameters, (number, it)| it.add_to(parameters, number))
}

/// A permission as the API describes it: one protocol and range, many peers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PermissionItem {
    ip_protocol: String,
    from_port: Option<i64>,
    to_port: Option<i64>,
    groups: Items<PeerItem>,
    ip_ranges: Items<PeerItem>,
    ipv6_ranges: Items<PeerItem>,
    prefix_list_ids: Items<PeerItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PeerItem {
    group_id: Option<String>,
    cidr_ip: Option<String>,
    cidr_ipv6: Option<String>,
    prefix_list_id: Option<String>,
    description: Option<String>,
}

impl PermissionItem {
    /// One permission for each peer.
    pub(super) fn flatten(self) -> Vec<Permission> {
        let port = |port: Option<i64>| port.and_then(|port| u16::try_from(port).ok());
        let ports = port(self.from_port).zip(port(self.to_port)).filter(|_| self.ip_protocol != "-1");
        let peers = [self.groups, self.ip_ranges, self.ipv6_ranges, self.prefix_list_ids];
        let permission = |item: PeerItem| {
            let group = item.group_id.map(Peer::SecurityGroup);
            let cidr = || item.cidr_ip.map(Peer::CidrIpv4).or(item.cidr_ipv6.map(Peer::CidrIpv6));
            let peer = group.or_else(cidr).or(item.prefix_list_id.map(Peer::PrefixList))?;
            let protocol = self.ip_protocol.clone();
            Some(Permission { protocol, ports, peer, description: item.description })
        };
        peers.into_iter().flat_map(|peers| peers.item).filter_map(permission).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_between_groups_is_written_in_awss_form() {
        let peer = Peer::SecurityGroup("sg-2".to_owned());
        let permission = Permission::tcp(8080, peer, "from the load balancer");
        let text: Vec<String> = to_input("sg-1", &[permission])
            .0
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            text,
            [
                "GroupId=sg-1",
                "IpPermissions.1.IpProtocol=tcp",
                "IpPermissions.1.FromPort=8080",
                "IpPermissions.1.ToPort=8080",
                "IpPermissions.1.Groups.1.GroupId=sg-2",
                "IpPermissions.1.Groups.1.Description=from the load balancer",
            ]
        );
    }

    #[test]
    fn each_peer_of_a_described_permission_is_one_permission() {
        let text = "<item><ipProtocol>tcp</ipProtocol><fromPort>80</fromPort><toPort>81</toPort>\
            <groups><item><groupId>sg-2</groupId><userId>1</userId></item></groups>\
            <ipRanges><item><cidrIp>0.0.0.0/0</cidrIp><description>all</description></item></ipRanges>\
            <ipv6Ranges/><prefixListIds/></item>";
        let item: PermissionItem = quick_xml::de::from_str(text).expect("readable");
        let [group, cidr] = &item.flatten()[..] else { panic!("two permissions") };
        assert_eq!((group.ports, &group.peer), (Some((80, 81)), &Peer::SecurityGroup("sg-2".to_owned())));
        assert_eq!(cidr.peer, Peer::CidrIpv4("0.0.0.0/0".to_owned()));
        assert_eq!(cidr.description.as_deref(), Some("all"));
    }
}
