//! `DescribeSubnets`, `DescribeRouteTables`, `DescribeVpcs`: where a service can be, and which subnets lead to the
//! internet.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::future::join_all;
use serde::Deserialize;

use super::parameters::Parameters;
use super::{Ec2, Items};
use crate::aws::AwsError;
use crate::aws::query::QueryClient;

/// Sets of subnets that are read at the same time.
pub(super) const SETS_AT_ONCE: usize = 10;

/// A subnet and what its routes make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// `subnet-...`.
    pub id: String,
    /// Where it is.
    pub vpc_id: String,
    /// Its availability zone, for example `eu-central-1a`.
    pub availability_zone: String,
    /// Addresses that nothing uses.
    pub available_address_count: u32,
    /// Whether it leads to the internet.
    pub kind: SubnetKind,
    /// Whether an active default route leads anywhere: to the internet, a NAT gateway, a transit gateway or the like.
    pub has_way_out: bool,
    /// Whether an active default route leads to a VPC endpoint, as in front of AWS Network Firewall: what is behind it,
    /// an internet gateway or a NAT gateway, the subnet's own routes do not say.
    pub leads_to_endpoint: bool,
}

/// Subnets that are asked for together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum SubnetSet {
    /// Those of these ids.
    OfIds(BTreeSet<String>),
    /// The default ones of a VPC.
    DefaultOf(String),
}

/// Whether a subnet leads to the internet. ECS makes the load balancer of a service in public subnets public, in
/// private ones internal (facts, express section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubnetKind {
    /// An active route leads to an internet gateway.
    Public,
    /// None does.
    Private,
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
    availability_zone: String,
    available_ip_address_count: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DescribeVpcsOutput {
    vpc_set: Items<VpcItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct VpcItem {
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
    /// The subnets of these ids, each public or private by its own route table or else its VPC's main one.
    /// `InvalidSubnetID.NotFound`: one of them does not exist. Read once for all who ask for the same at the same time, as are
    /// the default VPC and its subnets: the services of a configuration are mostly in the same network.
    pub async fn list_subnets(&self, ids: &BTreeSet<String>) -> Result<Vec<Subnet>, AwsError> {
        self.find_subnets(SubnetSet::OfIds(ids.clone())).await
    }

    /// As [`Self::list_subnets`], but what does not exist is left out.
    pub async fn list_existing_subnets(&self, ids: &[String]) -> Result<Vec<Subnet>, AwsError> {
        let parameters = Parameters::default().with("Filter.1.Name", "subnet-id");
        describe_subnets(&self.client, parameters.with_list("Filter.1.Value", ids)).await
    }

    /// The id of the region's default VPC; `None`: the account has deleted it.
    pub async fn find_default_vpc(&self) -> Result<Option<String>, AwsError> {
        self.default_vpc.find(&()).await
    }

    /// The default subnets of a VPC: one for each zone, unless someone deleted some.
    pub async fn list_default_subnets(&self, vpc_id: &str) -> Result<Vec<Subnet>, AwsError> {
        self.find_subnets(SubnetSet::DefaultOf(vpc_id.to_owned())).await
    }

    async fn find_subnets(&self, set: SubnetSet) -> Result<Vec<Subnet>, AwsError> {
        self.subnets.find(&set).await?.unwrap_or_else(|| Ok(Vec::new()))
    }
}

/// The region's default VPC, for whoever asks.
pub(super) async fn describe_default_vpc(client: QueryClient) -> Result<HashMap<(), String>, AwsError> {
    let parameters = Parameters::default().with_filter("is-default", "true");
    let output: DescribeVpcsOutput = client.call("DescribeVpcs", &parameters.0).await?;
    Ok(output.vpc_set.item.into_iter().next().map(|vpc| ((), vpc.vpc_id)).into_iter().collect())
}

/// The subnets of each set, all at the same time. A set that cannot be read has an error of its own.
pub(super) async fn describe_sets(
    client: QueryClient,
    sets: Vec<SubnetSet>,
) -> Result<HashMap<SubnetSet, Result<Vec<Subnet>, AwsError>>, AwsError> {
    let of_each = sets.into_iter().map(async |set| {
        let parameters = match &set {
            SubnetSet::OfIds(ids) => Parameters::default().with_list("SubnetId", ids),
            SubnetSet::DefaultOf(vpc_id) => {
                Parameters::default().with_filter("vpc-id", vpc_id).with_filter("default-for-az", "true")
            }
        };
        let subnets = describe_subnets(&client, parameters).await;
        (set, subnets)
    });
    Ok(join_all(of_each).await.into_iter().collect())
}

async fn describe_subnets(client: &QueryClient, parameters: Parameters) -> Result<Vec<Subnet>, AwsError> {
    let described: DescribeSubnetsOutput = client.call("DescribeSubnets", &parameters.0).await?;
    let items = described.subnet_set.item;
    let mut tables = BTreeMap::new();
    for vpc_id in items.iter().map(|item| item.vpc_id.clone()).collect::<BTreeSet<_>>() {
        let of_vpc = list_route_tables(client, &vpc_id).await?;
        tables.insert(vpc_id, of_vpc);
    }
    let subnet = |item: SubnetItem| {
        let tables = tables.get(&item.vpc_id).map_or(&[][..], Vec::as_slice);
        let routes = routes_of(&item.subnet_id, tables);
        Subnet {
            kind: kind_of(routes),
            has_way_out: routes.iter().any(is_default),
            leads_to_endpoint: routes.iter().any(|route| leads_to(route, "vpce-")),
            id: item.subnet_id,
            vpc_id: item.vpc_id,
            availability_zone: item.availability_zone,
            available_address_count: item.available_ip_address_count,
        }
    };
    Ok(items.into_iter().map(subnet).collect())
}

async fn list_route_tables(client: &QueryClient, vpc_id: &str) -> Result<Vec<RouteTableItem>, AwsError> {
    let parameters = Parameters::default().with_filter("vpc-id", vpc_id);
    let described: DescribeRouteTablesOutput = client.call("DescribeRouteTables", &parameters.0).await?;
    Ok(described.route_table_set.item)
}

/// Composition section 8: the table that is associated explicitly, else the VPC's main one.
fn routes_of<'a>(subnet_id: &str, tables: &'a [RouteTableItem]) -> &'a [RouteItem] {
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
    table.map_or(&[], |table| &table.route_set.item)
}

fn kind_of(routes: &[RouteItem]) -> SubnetKind {
    if routes.iter().any(|route| leads_to(route, "igw-")) { SubnetKind::Public } else { SubnetKind::Private }
}

/// Whether an active default route leads to a gateway, or an endpoint, of this kind.
fn leads_to(route: &RouteItem, prefix: &str) -> bool {
    is_default(route) && route.gateway_id.as_deref().is_some_and(|id| id.starts_with(prefix))
}

/// An active route to everywhere.
fn is_default(route: &RouteItem) -> bool {
    let is_everywhere = route.destination_cidr_block.as_deref() == Some("0.0.0.0/0")
        || route.destination_ipv6_cidr_block.as_deref() == Some("::/0");
    is_everywhere && route.state.as_deref().is_none_or(|state| state == "active")
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
        let of = |id, tables| {
            let routes = routes_of(id, tables);
            (kind_of(routes), routes.iter().any(is_default))
        };
        assert_eq!(of("subnet-any", &tables), (SubnetKind::Public, true));
        assert_eq!(of("subnet-private", &tables), (SubnetKind::Private, true));
        assert_eq!(of("subnet-hole", &tables), (SubnetKind::Private, false));
        assert_eq!(of("subnet-any", &[]), (SubnetKind::Private, false));
    }

    #[test]
    fn an_empty_set_is_readable() {
        let output: DescribeSubnetsOutput = quick_xml::de::from_str("<x><subnetSet/></x>").expect("readable");
        assert!(output.subnet_set.item.is_empty());
    }
}
