//! Each kind as the describing operations filter and show it.

use serde_json::{Value, json};

use super::describe::Described;
use super::security_groups::{self, GroupRule};
use super::{InternetGateway, NetworkInterface, Route, RouteTable, SecurityGroup, Subnet, Vpc};
use crate::sandbox::world::region::RegionState;
use crate::sandbox::world::{Tags, tag_list};

impl Described for Vpc {
    const LIST: &'static str = "Vpcs";
    const IDS: &'static str = "VpcIds";
    const NOT_FOUND: (&'static str, &'static str) = ("InvalidVpcID.NotFound", "vpc ID");

    fn id(&self) -> &str {
        &self.id
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
    fn filter_values(&self, filter: &str, region: &RegionState) -> Option<Vec<String>> {
        let value = match filter {
            "vpc-id" => self.id.clone(),
            "cidr" | "cidr-block-association.cidr-block" => self.cidr_block.clone(),
            "is-default" | "isDefault" => self.is_default.to_string(),
            "state" => "available".to_owned(),
            "owner-id" => region.account_id.clone(),
            _ => return None,
        };
        Some(vec![value])
    }
    fn output(&self, region: &RegionState) -> Value {
        json!({
            "VpcId": self.id,
            "CidrBlock": self.cidr_block,
            "CidrBlockAssociationSet": [{
                "AssociationId": self.id.replacen("vpc-", "vpc-cidr-assoc-", 1),
                "CidrBlock": self.cidr_block,
                "CidrBlockState": {"State": "associated"},
            }],
            "DhcpOptionsId": "default",
            "InstanceTenancy": "default",
            "IsDefault": self.is_default,
            "OwnerId": region.account_id,
            "State": "available",
            "Tags": tag_list::to_list(&self.tags),
        })
    }
}

impl Described for Subnet {
    const LIST: &'static str = "Subnets";
    const IDS: &'static str = "SubnetIds";
    const NOT_FOUND: (&'static str, &'static str) = ("InvalidSubnetID.NotFound", "subnet ID");

    fn id(&self) -> &str {
        &self.id
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
    fn filter_values(&self, filter: &str, region: &RegionState) -> Option<Vec<String>> {
        let value = match filter {
            "subnet-id" => self.id.clone(),
            "vpc-id" => self.vpc_id.clone(),
            "availability-zone" | "availabilityZone" => self.availability_zone.clone(),
            "availability-zone-id" | "availabilityZoneId" => self.availability_zone_id.clone(),
            "cidr-block" | "cidr" | "cidrBlock" => self.cidr_block.clone(),
            "default-for-az" | "defaultForAz" => self.default_for_az.to_string(),
            "map-public-ip-on-launch" => self.map_public_ip_on_launch.to_string(),
            "state" => "available".to_owned(),
            "owner-id" => region.account_id.clone(),
            _ => return None,
        };
        Some(vec![value])
    }
    fn output(&self, region: &RegionState) -> Value {
        json!({
            "SubnetId": self.id,
            "SubnetArn": region.arn("ec2", &format!("subnet/{}", self.id)),
            "VpcId": self.vpc_id,
            "AvailabilityZone": self.availability_zone,
            "AvailabilityZoneId": self.availability_zone_id,
            "AvailableIpAddressCount": region.ec2.free_addresses(&self.id),
            "CidrBlock": self.cidr_block,
            "DefaultForAz": self.default_for_az,
            "MapPublicIpOnLaunch": self.map_public_ip_on_launch,
            "AssignIpv6AddressOnCreation": false,
            "Ipv6CidrBlockAssociationSet": [],
            "Ipv6Native": false,
            "OwnerId": region.account_id,
            "State": "available",
            "Tags": tag_list::to_list(&self.tags),
        })
    }
}

impl Described for RouteTable {
    const LIST: &'static str = "RouteTables";
    const IDS: &'static str = "RouteTableIds";
    const NOT_FOUND: (&'static str, &'static str) = ("InvalidRouteTableID.NotFound", "routeTable ID");

    fn id(&self) -> &str {
        &self.id
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
    fn filter_values(&self, filter: &str, region: &RegionState) -> Option<Vec<String>> {
        let routes = |value: fn(&Route) -> &String| self.routes.iter().map(value).cloned().collect();
        Some(match filter {
            "route-table-id" => vec![self.id.clone()],
            "vpc-id" => vec![self.vpc_id.clone()],
            "association.main" => {
                self.associations.values().map(|subnet| subnet.is_none().to_string()).collect()
            }
            "association.subnet-id" => self.associations.values().flatten().cloned().collect(),
            "association.route-table-association-id" => self.associations.keys().cloned().collect(),
            "route.destination-cidr-block" => routes(|route| &route.destination_cidr_block),
            "route.gateway-id" => routes(|route| &route.gateway_id),
            "owner-id" => vec![region.account_id.clone()],
            _ => return None,
        })
    }
    fn output(&self, region: &RegionState) -> Value {
        let association = |(id, subnet): (&String, &Option<String>)| {
            json!({
                "RouteTableAssociationId": id,
                "RouteTableId": self.id,
                "Main": subnet.is_none(),
                "SubnetId": subnet,
                "AssociationState": {"State": "associated"},
            })
        };
        json!({
            "RouteTableId": self.id,
            "VpcId": self.vpc_id,
            "Associations": self.associations.iter().map(association).collect::<Vec<Value>>(),
            "PropagatingVgws": [],
            "Routes": self.routes.iter().map(route).collect::<Vec<Value>>(),
            "OwnerId": region.account_id,
            "Tags": tag_list::to_list(&self.tags),
        })
    }
}

fn route(route: &Route) -> Value {
    let member = match route.gateway_id.split('-').next() {
        Some("nat") => "NatGatewayId",
        Some("tgw") => "TransitGatewayId",
        Some("eni") => "NetworkInterfaceId",
        Some("pcx") => "VpcPeeringConnectionId",
        _ => "GatewayId",
    };
    let is_local = route.gateway_id == "local";
    json!({
        "DestinationCidrBlock": route.destination_cidr_block,
        member: route.gateway_id,
        "Origin": if is_local { "CreateRouteTable" } else { "CreateRoute" },
        "State": "active",
    })
}

impl Described for InternetGateway {
    const LIST: &'static str = "InternetGateways";
    const IDS: &'static str = "InternetGatewayIds";
    const NOT_FOUND: (&'static str, &'static str) =
        ("InvalidInternetGatewayID.NotFound", "internetGateway ID");

    fn id(&self) -> &str {
        &self.id
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
    fn filter_values(&self, filter: &str, region: &RegionState) -> Option<Vec<String>> {
        Some(match filter {
            "internet-gateway-id" => vec![self.id.clone()],
            "attachment.vpc-id" => self.vpc_id.iter().cloned().collect(),
            "attachment.state" => self.vpc_id.iter().map(|_| "available".to_owned()).collect(),
            "owner-id" => vec![region.account_id.clone()],
            _ => return None,
        })
    }
    fn output(&self, region: &RegionState) -> Value {
        let attachment = |vpc_id: &String| json!({"State": "available", "VpcId": vpc_id});
        json!({
            "InternetGatewayId": self.id,
            "Attachments": self.vpc_id.iter().map(attachment).collect::<Vec<Value>>(),
            "OwnerId": region.account_id,
            "Tags": tag_list::to_list(&self.tags),
        })
    }
}

impl Described for SecurityGroup {
    const LIST: &'static str = "SecurityGroups";
    const IDS: &'static str = "GroupIds";
    const NOT_FOUND: (&'static str, &'static str) = ("InvalidGroup.NotFound", "security group");

    fn id(&self) -> &str {
        &self.id
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
    fn filter_values(&self, filter: &str, region: &RegionState) -> Option<Vec<String>> {
        let (is_egress, permission) = match filter.strip_prefix("egress.ip-permission.") {
            Some(permission) => (true, Some(permission)),
            None => (false, filter.strip_prefix("ip-permission.")),
        };
        if let Some(permission) = permission {
            let rules = self.rules.iter().filter(|rule| rule.is_egress == is_egress);
            return security_groups::permission_values(rules, permission);
        }
        let value = match filter {
            "group-id" => self.id.clone(),
            "group-name" => self.name.clone(),
            "description" => self.description.clone(),
            "vpc-id" => self.vpc_id.clone(),
            "owner-id" => region.account_id.clone(),
            _ => return None,
        };
        Some(vec![value])
    }
    fn output(&self, region: &RegionState) -> Value {
        json!({
            "GroupId": self.id,
            "GroupName": self.name,
            "Description": self.description,
            "VpcId": self.vpc_id,
            "OwnerId": region.account_id,
            "SecurityGroupArn": region.arn("ec2", &format!("security-group/{}", self.id)),
            "IpPermissions": security_groups::permissions(self, false, &region.account_id),
            "IpPermissionsEgress": security_groups::permissions(self, true, &region.account_id),
            "Tags": tag_list::to_list(&self.tags),
        })
    }
}

impl Described for GroupRule<'_> {
    const LIST: &'static str = "SecurityGroupRules";
    const IDS: &'static str = "SecurityGroupRuleIds";
    const NOT_FOUND: (&'static str, &'static str) =
        ("InvalidSecurityGroupRuleId.NotFound", "security group rule ID");

    fn id(&self) -> &str {
        &self.rule.id
    }
    fn tags(&self) -> &Tags {
        &self.rule.tags
    }
    fn filter_values(&self, filter: &str, _region: &RegionState) -> Option<Vec<String>> {
        let value = match filter {
            "group-id" => self.group.id.clone(),
            "security-group-rule-id" => self.rule.id.clone(),
            "is-egress" => self.rule.is_egress.to_string(),
            _ => return None,
        };
        Some(vec![value])
    }
    fn output(&self, region: &RegionState) -> Value {
        let rule = self.rule;
        let referenced =
            |id: &String| json!({"GroupId": id, "UserId": region.account_id, "VpcId": self.group.vpc_id});
        json!({
            "SecurityGroupRuleId": rule.id,
            "SecurityGroupRuleArn": region.arn("ec2", &format!("security-group-rule/{}", rule.id)),
            "GroupId": self.group.id,
            "GroupOwnerId": region.account_id,
            "IsEgress": rule.is_egress,
            "IpProtocol": rule.ip_protocol,
            "FromPort": rule.from_port.unwrap_or(-1),
            "ToPort": rule.to_port.unwrap_or(-1),
            "CidrIpv4": rule.cidr_ipv4,
            "CidrIpv6": rule.cidr_ipv6,
            "ReferencedGroupInfo": rule.referenced_group_id.as_ref().map(referenced),
            "Description": rule.description,
            "Tags": tag_list::to_list(&rule.tags),
        })
    }
}

/// Network interfaces of tasks and load balancers carry no tags of their own.
static NO_TAGS: Tags = Tags::new();

impl Described for NetworkInterface {
    const LIST: &'static str = "NetworkInterfaces";
    const IDS: &'static str = "NetworkInterfaceIds";
    const NOT_FOUND: (&'static str, &'static str) =
        ("InvalidNetworkInterfaceID.NotFound", "networkInterface ID");

    fn id(&self) -> &str {
        &self.id
    }
    fn tags(&self) -> &Tags {
        &NO_TAGS
    }
    fn filter_values(&self, filter: &str, region: &RegionState) -> Option<Vec<String>> {
        let zone = || region.ec2.subnets.get(&self.subnet_id).map(|it| it.availability_zone.clone());
        Some(match filter {
            "network-interface-id" => vec![self.id.clone()],
            "subnet-id" => vec![self.subnet_id.clone()],
            "vpc-id" => vec![self.vpc_id.clone()],
            "group-id" => self.group_ids.clone(),
            "group-name" => self.groups(region).into_iter().map(|group| group.name.clone()).collect(),
            "description" => vec![self.description.clone()],
            "status" => vec!["in-use".to_owned()],
            "attachment.status" => vec!["attached".to_owned()],
            "availability-zone" => zone().into_iter().collect(),
            "private-ip-address" | "addresses.private-ip-address" => vec![self.private_ip_address.clone()],
            "association.public-ip" | "addresses.association.public-ip" => {
                self.public_ip_address.iter().cloned().collect()
            }
            "owner-id" => vec![region.account_id.clone()],
            _ => return None,
        })
    }
    fn output(&self, region: &RegionState) -> Value {
        let group = |group: &SecurityGroup| json!({"GroupId": group.id, "GroupName": group.name});
        let association = |ip: &String| json!({"IpOwnerId": "amazon", "PublicIp": ip});
        let association = self.public_ip_address.as_ref().map(association);
        let zone = region.ec2.subnets.get(&self.subnet_id).map(|subnet| &subnet.availability_zone);
        json!({
            "NetworkInterfaceId": self.id,
            "SubnetId": self.subnet_id,
            "VpcId": self.vpc_id,
            "AvailabilityZone": zone,
            "Description": self.description,
            "Groups": self.groups(region).into_iter().map(group).collect::<Vec<Value>>(),
            "InterfaceType": "interface",
            "PrivateIpAddress": self.private_ip_address,
            "PrivateIpAddresses": [{
                "Primary": true,
                "PrivateIpAddress": self.private_ip_address,
                "Association": association,
            }],
            "Association": association,
            "OwnerId": region.account_id,
            "RequesterManaged": true,
            "SourceDestCheck": true,
            "Status": "in-use",
            "TagSet": [],
        })
    }
}

impl NetworkInterface {
    fn groups<'a>(&self, region: &'a RegionState) -> Vec<&'a SecurityGroup> {
        self.group_ids.iter().filter_map(|id| region.ec2.security_groups.get(id)).collect()
    }
}
