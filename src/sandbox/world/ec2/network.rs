//! VPCs and subnets of one's own.

use serde_json::{Value, json};

use super::cidr::Cidr;
use super::describe::Described;
use super::{Ec2State, vpc_not_found};
use super::{Route, RouteTable, Subnet, Vpc, account, done, in_use, invalid, subnet_not_found, tags};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::text;
use crate::sandbox::world::region::default_security_group;

/// `CreateVpc`: with its main route table and its group `default`.
pub(super) fn create_vpc(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let cidr_block = text(input, "CidrBlock").unwrap_or_default().to_owned();
    let is_allowed = |cidr: Cidr| (16..=28).contains(&cidr.prefix_length());
    if !Cidr::parse(&cidr_block).is_some_and(is_allowed) {
        let message = format!("The CIDR '{cidr_block}' is invalid.");
        return Err(ApiError::client("InvalidVpc.Range", message));
    }
    let id = scope.ids.ec2_id("vpc");
    let tags = tags::specified(input, "vpc");
    let vpc = Vpc { id: id.clone(), cidr_block: cidr_block.clone(), is_default: false, tags };
    let table = RouteTable {
        id: scope.ids.ec2_id("rtb"),
        vpc_id: id.clone(),
        main: true,
        associations: [(scope.ids.ec2_id("rtbassoc"), None)].into(),
        routes: vec![Route { destination_cidr_block: cidr_block, gateway_id: "local".to_owned() }],
        ..RouteTable::default()
    };
    let group = default_security_group(id.clone(), scope.ids);
    let answer = json!({"Vpc": vpc.output(scope.region)});
    let ec2 = &mut scope.region.ec2;
    ec2.vpcs.insert(id, vpc);
    ec2.route_tables.insert(table.id.clone(), table);
    ec2.security_groups.insert(group.id.clone(), group);
    Ok(answer)
}

/// `DeleteVpc`: refused while anything but its main route table and its group `default` is in it.
pub(super) fn delete_vpc(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let ec2 = &mut scope.region.ec2;
    let id = text(input, "VpcId").unwrap_or_default();
    if !ec2.vpcs.contains_key(id) {
        return Err(vpc_not_found(id));
    }
    if is_vpc_in_use(ec2, id) {
        return Err(in_use("vpc", id));
    }
    ec2.vpcs.remove(id);
    ec2.route_tables.retain(|_, table| table.vpc_id != id);
    ec2.security_groups.retain(|_, group| group.vpc_id != id);
    Ok(done())
}

fn is_vpc_in_use(ec2: &Ec2State, id: &str) -> bool {
    ec2.subnets.values().any(|subnet| subnet.vpc_id == id)
        || ec2.network_interfaces.values().any(|interface| interface.vpc_id == id)
        || ec2.internet_gateways.values().any(|gateway| gateway.vpc_id.as_deref() == Some(id))
        || ec2.route_tables.values().any(|table| table.vpc_id == id && !table.main)
        || ec2.security_groups.values().any(|group| group.vpc_id == id && group.name != "default")
}

/// `CreateSubnet`: within the VPC's range, beside its other subnets, in a zone of the region.
pub(super) fn create_subnet(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let vpc_id = text(input, "VpcId").unwrap_or_default();
    let vpc = scope.region.ec2.vpcs.get(vpc_id).ok_or_else(|| vpc_not_found(vpc_id))?;
    let cidr_block = text(input, "CidrBlock").unwrap_or_default();
    let cidr = Cidr::parse(cidr_block).zip(Cidr::parse(&vpc.cidr_block));
    let Some((cidr, _)) = cidr.filter(|(subnet, vpc)| vpc.contains(*subnet)) else {
        let message = format!("The CIDR '{cidr_block}' is invalid.");
        return Err(ApiError::client("InvalidSubnet.Range", message));
    };
    let mut siblings = scope.region.ec2.subnets.values().filter(|subnet| subnet.vpc_id == vpc_id);
    if siblings.any(|subnet| Cidr::parse(&subnet.cidr_block).is_some_and(|other| other.overlaps(cidr))) {
        let message = format!("The CIDR '{cidr_block}' conflicts with another subnet");
        return Err(ApiError::client("InvalidSubnet.Conflict", message));
    }
    let (availability_zone, availability_zone_id) = asked_zone(&scope.region.region, input)?;
    let subnet = Subnet {
        id: scope.ids.ec2_id("subnet"),
        vpc_id: vpc_id.to_owned(),
        cidr_block: cidr_block.to_owned(),
        availability_zone,
        availability_zone_id,
        tags: tags::specified(input, "subnet"),
        ..Subnet::default()
    };
    let answer = json!({"Subnet": subnet.output(scope.region)});
    scope.region.ec2.subnets.insert(subnet.id.clone(), subnet);
    Ok(answer)
}

fn asked_zone(region: &str, input: &Value) -> Result<(String, String), ApiError> {
    let (name, id) = (text(input, "AvailabilityZone"), text(input, "AvailabilityZoneId"));
    let mut zones = account::ZONES.into_iter().map(|known| account::zone(region, known));
    let zone = zones.find(|(zone_name, zone_id)| {
        name.is_none_or(|name| name == zone_name) && id.is_none_or(|id| id == zone_id)
    });
    let asked = name.or(id).unwrap_or_default();
    zone.ok_or_else(|| invalid(format!("Value ({asked}) for parameter availabilityZone is invalid.")))
}

/// `ModifySubnetAttribute`: of the attributes, `MapPublicIpOnLaunch` only.
pub(super) fn modify_subnet_attribute(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let id = text(input, "SubnetId").unwrap_or_default();
    let subnet = scope.region.ec2.subnets.get_mut(id).ok_or_else(|| subnet_not_found(id))?;
    if let Some(value) = text(&input["MapPublicIpOnLaunch"], "Value") {
        subnet.map_public_ip_on_launch = value == "true";
    }
    Ok(done())
}

/// `DeleteSubnet`: refused while a network interface is in it.
pub(super) fn delete_subnet(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let ec2 = &mut scope.region.ec2;
    let id = text(input, "SubnetId").unwrap_or_default();
    if !ec2.subnets.contains_key(id) {
        return Err(subnet_not_found(id));
    }
    if ec2.network_interfaces.values().any(|interface| interface.subnet_id == id) {
        return Err(in_use("subnet", id));
    }
    ec2.subnets.remove(id);
    for table in ec2.route_tables.values_mut() {
        table.associations.retain(|_, subnet| subnet.as_deref() != Some(id));
    }
    Ok(done())
}
