//! Route tables, their associations and routes.

use serde_json::{Value, json};

use super::cidr::Cidr;
use super::describe::Described;
use super::{Route, RouteTable, done, in_use, invalid, not_found, subnet_not_found, tags, vpc_not_found};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::text;

/// Input members that name where a route leads.
const TARGETS: [&str; 6] = [
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "NetworkInterfaceId",
    "VpcPeeringConnectionId",
    "VpcEndpointId",
];

/// `CreateRouteTable`: with the route to the VPC itself.
pub(super) fn create_table(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let vpc_id = text(input, "VpcId").unwrap_or_default();
    let vpc = scope.region.ec2.vpcs.get(vpc_id).ok_or_else(|| vpc_not_found(vpc_id))?;
    let local = Route { destination_cidr_block: vpc.cidr_block.clone(), gateway_id: "local".to_owned() };
    let table = RouteTable {
        id: scope.ids.ec2_id("rtb"),
        vpc_id: vpc_id.to_owned(),
        main: false,
        routes: vec![local],
        tags: tags::specified(input, "route-table"),
        ..RouteTable::default()
    };
    let answer = json!({"RouteTable": table.output(scope.region)});
    scope.region.ec2.route_tables.insert(table.id.clone(), table);
    Ok(answer)
}

/// `DeleteRouteTable`: refused for main tables and while a subnet uses it.
pub(super) fn delete_table(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let table = find(scope, input)?;
    let id = table.id.clone();
    if table.main || !table.associations.is_empty() {
        return Err(in_use("routeTable", &id));
    }
    scope.region.ec2.route_tables.remove(&id);
    Ok(done())
}

/// `AssociateRouteTable`: a subnet has one association at most.
pub(super) fn associate(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let subnet_id = text(input, "SubnetId").unwrap_or_default();
    let ec2 = &scope.region.ec2;
    if !ec2.subnets.contains_key(subnet_id) {
        return Err(subnet_not_found(subnet_id));
    }
    let uses = |table: &RouteTable| table.associations.values().flatten().any(|subnet| subnet == subnet_id);
    if ec2.route_tables.values().any(uses) {
        let message =
            format!("the specified association for subnet {subnet_id} conflicts with an existing one");
        return Err(ApiError::client("Resource.AlreadyAssociated", message));
    }
    let association_id = scope.ids.ec2_id("rtbassoc");
    let table = find(scope, input)?;
    table.associations.insert(association_id.clone(), Some(subnet_id.to_owned()));
    Ok(json!({"AssociationId": association_id, "AssociationState": {"State": "associated"}}))
}

/// `DisassociateRouteTable`: main associations stay.
pub(super) fn disassociate(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let id = text(input, "AssociationId").unwrap_or_default();
    let mut tables = scope.region.ec2.route_tables.values_mut();
    let table = tables.find(|table| table.associations.contains_key(id));
    let table = table.ok_or_else(|| not_found("InvalidAssociationID.NotFound", "association ID", id))?;
    if table.associations[id].is_none() {
        return Err(invalid(format!("cannot disassociate the main route table association {id}")));
    }
    table.associations.remove(id);
    Ok(done())
}

/// `CreateRoute`: IPv4 destinations; an internet gateway must exist, other targets are taken at their word.
pub(super) fn create(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let destination = text(input, "DestinationCidrBlock").unwrap_or_default();
    if Cidr::parse(destination).is_none() {
        return Err(invalid(format!("The destination CIDR block {destination} is invalid.")));
    }
    let Some(target) = TARGETS.iter().find_map(|member| text(input, member)) else {
        let message = "The request must contain exactly one target of the route";
        return Err(ApiError::client("InvalidParameterCombination", message));
    };
    if target.starts_with("igw-") && !scope.region.ec2.internet_gateways.contains_key(target) {
        return Err(not_found("InvalidInternetGatewayID.NotFound", "internetGateway ID", target));
    }
    let table = find(scope, input)?;
    if table.routes.iter().any(|route| route.destination_cidr_block == destination) {
        let message = format!("The route identified by {destination} already exists.");
        return Err(ApiError::client("RouteAlreadyExists", message));
    }
    table
        .routes
        .push(Route { destination_cidr_block: destination.to_owned(), gateway_id: target.to_owned() });
    Ok(done())
}

/// `DeleteRoute`: the route to the VPC itself stays.
pub(super) fn delete(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let destination = text(input, "DestinationCidrBlock").unwrap_or_default();
    let table = find(scope, input)?;
    let position = table.routes.iter().position(|route| route.destination_cidr_block == destination);
    let Some(position) = position else {
        let message = format!("no route with destination-cidr-block {destination} in {}", table.id);
        return Err(ApiError::client("InvalidRoute.NotFound", message));
    };
    if table.routes[position].gateway_id == "local" {
        return Err(invalid(format!("cannot remove local route {destination} in {}", table.id)));
    }
    table.routes.remove(position);
    Ok(done())
}

fn find<'a>(scope: &'a mut Scope<'_>, input: &Value) -> Result<&'a mut RouteTable, ApiError> {
    let id = text(input, "RouteTableId").unwrap_or_default();
    let missing = || not_found("InvalidRouteTableID.NotFound", "routeTable ID", id);
    scope.region.ec2.route_tables.get_mut(id).ok_or_else(missing)
}
