//! Amazon EC2 as this provider uses it: which subnets lead to the internet (`DescribeSubnets`, `DescribeRouteTables`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::aws::query::{QueryClient, QueryService};
use crate::aws::{AwsError, Clients};

const EC2: QueryService =
    QueryService { name: "EC2", signing_name: "ec2", endpoint_name: "ec2", version: "2016-11-15" };

/// The EC2 API.
pub(crate) struct Ec2 {
    client: QueryClient,
}

/// A subnet and what its routes make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subnet {
    pub(crate) id: String,
    pub(crate) vpc_id: String,
    pub(crate) kind: SubnetKind,
}

/// Whether a subnet leads to the internet. ECS makes the load balancer of a service in public subnets public, in
/// private ones internal (facts, express section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SubnetKind {
    /// An active route leads to an internet gateway.
    Public,
    /// None does.
    Private,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Items<T> {
    item: Vec<T>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DescribeSubnetsOutput {
    subnet_set: Items<SubnetItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SubnetItem {
    subnet_id: String,
    vpc_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DescribeRouteTablesOutput {
    route_table_set: Items<RouteTableItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RouteTableItem {
    association_set: Items<AssociationItem>,
    route_set: Items<RouteItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AssociationItem {
    main: bool,
    subnet_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RouteItem {
    gateway_id: Option<String>,
    destination_cidr_block: Option<String>,
    destination_ipv6_cidr_block: Option<String>,
    state: Option<String>,
}

impl Ec2 {
    /// The API through these clients' configuration.
    pub(crate) fn new(clients: Clients) -> Self {
        Self { client: QueryClient::new(clients, EC2) }
    }

    /// The subnets of these ids, each public or private by its own route table or else its VPC's main one.
    pub(crate) async fn list_subnets(&self, ids: &BTreeSet<String>) -> Result<Vec<Subnet>, AwsError> {
        let parameters: Vec<_> = ids
            .iter()
            .enumerate()
            .map(|(index, id)| (format!("SubnetId.{}", index + 1), id.clone()))
            .collect();
        let described: DescribeSubnetsOutput = self.client.call("DescribeSubnets", &parameters).await?;
        let items = described.subnet_set.item;
        let mut tables = BTreeMap::new();
        for vpc_id in items.iter().map(|item| item.vpc_id.clone()).collect::<BTreeSet<_>>() {
            let of_vpc = self.list_route_tables(&vpc_id).await?;
            tables.insert(vpc_id, of_vpc);
        }
        let subnet = |item: SubnetItem| {
            let kind = kind_of(&item.subnet_id, tables.get(&item.vpc_id).map_or(&[], Vec::as_slice));
            Subnet { id: item.subnet_id, vpc_id: item.vpc_id, kind }
        };
        Ok(items.into_iter().map(subnet).collect())
    }

    async fn list_route_tables(&self, vpc_id: &str) -> Result<Vec<RouteTableItem>, AwsError> {
        let parameters = [
            ("Filter.1.Name".to_owned(), "vpc-id".to_owned()),
            ("Filter.1.Value.1".to_owned(), vpc_id.to_owned()),
        ];
        let described: DescribeRouteTablesOutput =
            self.client.call("DescribeRouteTables", &parameters).await?;
        Ok(described.route_table_set.item)
    }
}

/// Composition section 8: the table that is associated explicitly, else the VPC's main one.
fn kind_of(subnet_id: &str, tables: &[RouteTableItem]) -> SubnetKind {
    let is_associated = |table: &&RouteTableItem| {
        table
            .association_set
            .item
            .iter()
            .any(|association| association.subnet_id.as_deref() == Some(subnet_id))
    };
    let is_main =
        |table: &&RouteTableItem| table.association_set.item.iter().any(|association| association.main);
    let table = tables.iter().find(is_associated).or_else(|| tables.iter().find(is_main));
    if table.is_some_and(|table| table.route_set.item.iter().any(leads_to_the_internet)) {
        SubnetKind::Public
    } else {
        SubnetKind::Private
    }
}

fn leads_to_the_internet(route: &RouteItem) -> bool {
    let is_default = route.destination_cidr_block.as_deref() == Some("0.0.0.0/0")
        || route.destination_ipv6_cidr_block.as_deref() == Some("::/0");
    let is_active = route.state.as_deref().is_none_or(|state| state == "active");
    is_default && is_active && route.gateway_id.as_deref().is_some_and(|id| id.starts_with("igw-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = "<DescribeRouteTablesResponse><routeTableSet>\
        <item><associationSet><item><main>true</main></item></associationSet>\
        <routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId>\
        <state>active</state></item></routeSet></item>\
        <item><associationSet><item><main>false</main><subnetId>subnet-private</subnetId></item></associationSet>\
        <routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><natGatewayId>nat-1</natGatewayId>\
        <state>active</state></item></routeSet></item>\
        <item><associationSet><item><main>false</main><subnetId>subnet-hole</subnetId></item></associationSet>\
        <routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId>\
        <state>blackhole</state></item></routeSet></item>\
        </routeTableSet></DescribeRouteTablesResponse>";

    #[test]
    fn a_subnet_is_public_by_its_own_table_or_by_the_main_one() {
        let output: DescribeRouteTablesOutput = quick_xml::de::from_str(TABLES).expect("readable");
        let tables = output.route_table_set.item;
        assert_eq!(kind_of("subnet-any", &tables), SubnetKind::Public);
        assert_eq!(kind_of("subnet-private", &tables), SubnetKind::Private);
        assert_eq!(kind_of("subnet-hole", &tables), SubnetKind::Private);
        assert_eq!(kind_of("subnet-any", &[]), SubnetKind::Private);
    }

    #[test]
    fn an_empty_set_is_readable() {
        let output: DescribeSubnetsOutput = quick_xml::de::from_str("<x><subnetSet/></x>").expect("readable");
        assert!(output.subnet_set.item.is_empty());
    }
}
