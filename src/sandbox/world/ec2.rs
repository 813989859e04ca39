//! Amazon EC2: the network that Express services run in.

mod account;
mod cidr;
mod describe;
mod gateways;
mod network;
mod output;
mod routes;
mod security_groups;
mod tags;
mod vpc_endpoints;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::cidr::Cidr;
use self::describe::describe;
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
    vpc_endpoints: BTreeMap<String, vpc_endpoints::VpcEndpoint>,
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

    /// Addresses of the subnet that nothing uses; none if it does not exist.
    pub(crate) fn free_addresses(&self, subnet_id: &str) -> u64 {
        let Some(subnet) = self.subnets.get(subnet_id) else { return 0 };
        let in_use = self.network_interfaces.values().filter(|it| it.subnet_id == subnet_id).count();
        let size = Cidr::parse(&subnet.cidr_block).map_or(0, Cidr::size);
        // AWS keeps five addresses of a subnet for itself.
        size.saturating_sub(5).saturating_sub(in_use as u64)
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
    let input = &request.input;
    if input["DryRun"].as_bool() == Some(true) {
        let message = "Request would have succeeded, but DryRun flag is set.";
        return Err(ApiError { status: 412, ..ApiError::client("DryRunOperation", message) });
    }
    let region = &*scope.region;
    let state = &region.ec2;
    match request.operation.as_str() {
        "DescribeVpcs" => describe(region, state.vpcs.values(), input),
        "DescribeSubnets" => describe(region, state.subnets.values(), input),
        "DescribeRouteTables" => describe(region, state.route_tables.values(), input),
        "DescribeInternetGateways" => describe(region, state.internet_gateways.values(), input),
        "DescribeSecurityGroups" => describe(region, state.security_groups.values(), input),
        "DescribeSecurityGroupRules" => describe(region, security_groups::all_rules(state), input),
        "DescribeNetworkInterfaces" => describe(region, state.network_interfaces.values(), input),
        "DescribeVpcEndpoints" => describe(region, state.vpc_endpoints.values(), input),
        "DescribeAvailabilityZones" => account::availability_zones(region, input),
        "DescribeAccountAttributes" => Ok(account::attributes(region, input)),
        "CreateVpc" => network::create_vpc(scope, input),
        "DeleteVpc" => network::delete_vpc(scope, input),
        "CreateSubnet" => network::create_subnet(scope, input),
        "ModifySubnetAttribute" => network::modify_subnet_attribute(scope, input),
        "DeleteSubnet" => network::delete_subnet(scope, input),
        "CreateInternetGateway" => Ok(gateways::create(scope, input)),
        "AttachInternetGateway" => gateways::attach(scope, input),
        "DetachInternetGateway" => gateways::detach(scope, input),
        "DeleteInternetGateway" => gateways::delete(scope, input),
        "CreateRouteTable" => routes::create_table(scope, input),
        "DeleteRouteTable" => routes::delete_table(scope, input),
        "AssociateRouteTable" => routes::associate(scope, input),
        "DisassociateRouteTable" => routes::disassociate(scope, input),
        "CreateRoute" => routes::create(scope, input),
        "DeleteRoute" => routes::delete(scope, input),
        "CreateSecurityGroup" => security_groups::create(scope, input),
        "DeleteSecurityGroup" => security_groups::delete(scope, input),
        "AuthorizeSecurityGroupIngress" => security_groups::authorize(scope, input, false),
        "AuthorizeSecurityGroupEgress" => security_groups::authorize(scope, input, true),
        "RevokeSecurityGroupIngress" => security_groups::revoke(scope, input, false),
        "RevokeSecurityGroupEgress" => security_groups::revoke(scope, input, true),
        "CreateVpcEndpoint" => vpc_endpoints::create(scope, input),
        "DeleteVpcEndpoints" => Ok(vpc_endpoints::delete(&mut scope.region.ec2, input)),
        "CreateTags" => tags::create(scope, input),
        "DeleteTags" => tags::delete(scope, input),
        _ => Err(unknown_operation(request)),
    }
}

/// `InvalidVpcID.NotFound: The vpc ID 'vpc-0' does not exist`, and alike for every kind.
fn not_found(code: &str, noun: &str, id: &str) -> ApiError {
    ApiError::client(code, format!("The {noun} '{id}' does not exist"))
}

fn vpc_not_found(id: &str) -> ApiError {
    not_found("InvalidVpcID.NotFound", "vpc ID", id)
}

fn subnet_not_found(id: &str) -> ApiError {
    not_found("InvalidSubnetID.NotFound", "subnet ID", id)
}

fn group_not_found(id: &str) -> ApiError {
    not_found("InvalidGroup.NotFound", "security group", id)
}

fn in_use(noun: &str, id: &str) -> ApiError {
    let message = format!("The {noun} '{id}' has dependencies and cannot be deleted.");
    ApiError::client("DependencyViolation", message)
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterValue", message)
}

/// The answer of operations that say only that they worked.
fn done() -> Value {
    serde_json::json!({"Return": true})
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::testing::Caller;

    struct Network {
        ec2: Caller,
        vpc: String,
        subnet: String,
    }

    fn id(answer: &Value, thing: &str, member: &str) -> String {
        answer[thing][member].as_str().unwrap().to_owned()
    }

    /// A VPC 10.0.0.0/16 with one subnet 10.0.1.0/24.
    fn network() -> Network {
        let mut ec2 = Caller::of(Service::Ec2);
        let vpc = ec2.call("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})).unwrap();
        let vpc = id(&vpc, "Vpc", "VpcId");
        let subnet = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-1b"});
        let subnet = ec2.call("CreateSubnet", subnet).unwrap();
        let subnet = id(&subnet, "Subnet", "SubnetId");
        Network { ec2, vpc, subnet }
    }

    fn count(answer: &Value, member: &str) -> usize {
        answer[member].as_array().map_or(0, Vec::len)
    }

    #[test]
    fn the_default_subnets_are_found_by_filter_and_page() {
        let mut ec2 = Caller::of(Service::Ec2);
        let filters = json!([{"Name": "default-for-az", "Values": ["true"]}]);
        let all = ec2.call("DescribeSubnets", json!({"Filters": filters})).unwrap();
        assert_eq!(count(&all, "Subnets"), 3);
        let zone = json!([{"Name": "availability-zone", "Values": ["eu-west-1?"]},
            {"Name": "cidr-block", "Values": ["172.31.16.*"]}]);
        assert_eq!(count(&ec2.call("DescribeSubnets", json!({"Filters": zone})).unwrap(), "Subnets"), 1);
        let first = ec2.call("DescribeSubnets", json!({"MaxResults": 2})).unwrap();
        let token = first["NextToken"].clone();
        let second = ec2.call("DescribeSubnets", json!({"MaxResults": 2, "NextToken": token})).unwrap();
        assert_eq!((count(&first, "Subnets"), count(&second, "Subnets")), (2, 1));
        let unknown = json!({"Filters": [{"Name": "colour", "Values": ["red"]}]});
        assert_eq!(ec2.refusal("DescribeSubnets", unknown), "InvalidParameterValue");
    }

    #[test]
    fn identifiers_that_are_not_there_are_refused_by_their_kind() {
        let mut ec2 = Caller::of(Service::Ec2);
        let cases = [
            ("DescribeVpcs", "VpcIds", "InvalidVpcID.NotFound"),
            ("DescribeSubnets", "SubnetIds", "InvalidSubnetID.NotFound"),
            ("DescribeRouteTables", "RouteTableIds", "InvalidRouteTableID.NotFound"),
            ("DescribeSecurityGroups", "GroupIds", "InvalidGroup.NotFound"),
            ("DescribeNetworkInterfaces", "NetworkInterfaceIds", "InvalidNetworkInterfaceID.NotFound"),
        ];
        for (operation, member, code) in cases {
            assert_eq!(ec2.refusal(operation, json!({member: ["x-0"]})), code);
        }
    }

    #[test]
    fn a_security_group_needs_a_plain_name_and_description() {
        let Network { mut ec2, vpc, .. } = network();
        let group = |name: &str, description: &str| json!({"GroupName": name, "Description": description, "VpcId": vpc});
        for input in [group("sg-a", "d"), group("", "d"), group("g", "d\u{e9}"), group("g", "a\"b")] {
            assert_eq!(ec2.refusal("CreateSecurityGroup", input), "InvalidParameterValue");
        }
        ec2.call("CreateSecurityGroup", group("g", "of api (8080/tcp)")).unwrap();
        assert_eq!(ec2.refusal("CreateSecurityGroup", group("g", "d")), "InvalidGroup.Duplicate");
    }

    #[test]
    fn subnets_stay_within_their_vpc_and_apart() {
        let Network { mut ec2, vpc, .. } = network();
        let outside = json!({"VpcId": vpc, "CidrBlock": "10.1.0.0/24"});
        assert_eq!(ec2.refusal("CreateSubnet", outside), "InvalidSubnet.Range");
        let overlapping = json!({"VpcId": vpc, "CidrBlock": "10.0.1.128/25"});
        assert_eq!(ec2.refusal("CreateSubnet", overlapping), "InvalidSubnet.Conflict");
    }

    #[test]
    fn a_subnet_turns_public_with_a_route_to_an_internet_gateway() {
        let Network { mut ec2, vpc, subnet } = network();
        let is_public = |ec2: &mut Caller| ec2.arrange(|scope| scope.region.ec2.is_public_subnet(&subnet));
        assert!(!is_public(&mut ec2));
        let gateway = ec2.call("CreateInternetGateway", json!({})).unwrap();
        let gateway = id(&gateway, "InternetGateway", "InternetGatewayId");
        ec2.call("AttachInternetGateway", json!({"InternetGatewayId": gateway, "VpcId": vpc})).unwrap();
        let table = ec2.call("CreateRouteTable", json!({"VpcId": vpc})).unwrap();
        let table = id(&table, "RouteTable", "RouteTableId");
        let route = json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway});
        ec2.call("CreateRoute", route.clone()).unwrap();
        assert_eq!(ec2.refusal("CreateRoute", route), "RouteAlreadyExists");
        let associate = json!({"RouteTableId": table, "SubnetId": subnet});
        let association = ec2.call("AssociateRouteTable", associate.clone()).unwrap();
        assert_eq!(ec2.refusal("AssociateRouteTable", associate), "Resource.AlreadyAssociated");
        assert!(is_public(&mut ec2));
        assert_eq!(ec2.refusal("DeleteRouteTable", json!({"RouteTableId": table})), "DependencyViolation");
        ec2.call("DisassociateRouteTable", json!({"AssociationId": association["AssociationId"]})).unwrap();
        assert!(!is_public(&mut ec2));
    }

    #[test]
    fn what_is_in_use_cannot_be_deleted() {
        let Network { mut ec2, vpc, subnet } = network();
        let group = json!({"GroupName": "g", "Description": "d", "VpcId": vpc});
        let group = ec2.call("CreateSecurityGroup", group).unwrap()["GroupId"].as_str().unwrap().to_owned();
        ec2.arrange(|scope| {
            let groups = vec![group.clone()];
            scope.region.ec2.attach_network_interface("eni-1".into(), &subnet, groups, "task").unwrap();
        });
        assert_eq!(ec2.refusal("DeleteSubnet", json!({"SubnetId": subnet})), "DependencyViolation");
        assert_eq!(ec2.refusal("DeleteSecurityGroup", json!({"GroupId": group})), "DependencyViolation");
        assert_eq!(ec2.refusal("DeleteVpc", json!({"VpcId": vpc})), "DependencyViolation");
        let filters = json!([{"Name": "group-id", "Values": [group]}]);
        let interfaces = ec2.call("DescribeNetworkInterfaces", json!({"Filters": filters})).unwrap();
        assert_eq!(interfaces["NetworkInterfaces"][0]["PrivateIpAddress"], "10.0.1.4");
        ec2.arrange(|scope| scope.region.ec2.network_interfaces.clear());
        ec2.call("DeleteSecurityGroup", json!({"GroupId": group})).unwrap();
        ec2.call("DeleteSubnet", json!({"SubnetId": subnet})).unwrap();
        ec2.call("DeleteVpc", json!({"VpcId": vpc})).unwrap();
    }

    #[test]
    fn rules_are_shown_grouped_and_single_and_are_not_doubled() {
        let Network { mut ec2, vpc, .. } = network();
        let create = json!({"GroupName": "g", "Description": "d", "VpcId": vpc});
        let group = ec2.call("CreateSecurityGroup", create.clone()).unwrap()["GroupId"].clone();
        assert_eq!(ec2.refusal("CreateSecurityGroup", create), "InvalidGroup.Duplicate");
        let permission = json!({"IpProtocol": "6", "FromPort": 80, "ToPort": 80,
            "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "in"}, {"CidrIp": "192.168.0.0/16"}],
            "UserIdGroupPairs": [{"GroupId": group}]});
        let input = json!({"GroupId": group, "IpPermissions": [permission]});
        let added = ec2.call("AuthorizeSecurityGroupIngress", input.clone()).unwrap();
        assert_eq!(count(&added, "SecurityGroupRules"), 3);
        assert_eq!(
            ec2.refusal("AuthorizeSecurityGroupIngress", input.clone()),
            "InvalidPermission.Duplicate"
        );
        let groups = ec2.call("DescribeSecurityGroups", json!({"GroupIds": [group]})).unwrap();
        let permissions = &groups["SecurityGroups"][0]["IpPermissions"];
        assert_eq!(count(&groups["SecurityGroups"][0], "IpPermissions"), 1);
        assert_eq!(permissions[0]["IpProtocol"], "tcp");
        assert_eq!(permissions[0]["IpRanges"][0], json!({"CidrIp": "10.0.0.0/8", "Description": "in"}));
        let by_id = json!({"GroupId": group, "SecurityGroupRuleIds":
            [added["SecurityGroupRules"][0]["SecurityGroupRuleId"]]});
        ec2.call("RevokeSecurityGroupIngress", by_id).unwrap();
        assert_eq!(ec2.refusal("RevokeSecurityGroupIngress", input), "InvalidPermission.NotFound");
        let filters = json!([{"Name": "group-id", "Values": [group]}]);
        let rules = ec2.call("DescribeSecurityGroupRules", json!({"Filters": filters})).unwrap();
        assert_eq!(count(&rules, "SecurityGroupRules"), 3, "two are left, and egress");
    }

    #[test]
    fn tags_are_filtered_changed_and_removed() {
        let Network { mut ec2, vpc, subnet } = network();
        let tags = json!([{"Key": "tier", "Value": "private"}]);
        ec2.call("CreateTags", json!({"Resources": [vpc, subnet], "Tags": tags})).unwrap();
        let filters = json!([{"Name": "tag:tier", "Values": ["priv*"]}]);
        let tagged = ec2.call("DescribeSubnets", json!({"Filters": filters})).unwrap();
        assert_eq!(tagged["Subnets"][0]["SubnetId"], *subnet);
        let other = json!({"Resources": [subnet], "Tags": [{"Key": "tier", "Value": "public"}]});
        ec2.call("DeleteTags", other).unwrap();
        assert_eq!(count(&ec2.call("DescribeSubnets", json!({"Filters": filters})).unwrap(), "Subnets"), 1);
        ec2.call("DeleteTags", json!({"Resources": [subnet], "Tags": [{"Key": "tier"}]})).unwrap();
        assert_eq!(count(&ec2.call("DescribeSubnets", json!({"Filters": filters})).unwrap(), "Subnets"), 0);
        let missing = json!({"Resources": ["subnet-0"], "Tags": tags});
        assert_eq!(ec2.refusal("CreateTags", missing), "InvalidSubnetID.NotFound");
    }

    #[test]
    fn a_dry_run_changes_nothing() {
        let mut ec2 = Caller::of(Service::Ec2);
        let input = json!({"CidrBlock": "10.0.0.0/16", "DryRun": true});
        assert_eq!(ec2.refusal("CreateVpc", input), "DryRunOperation");
        assert_eq!(count(&ec2.call("DescribeVpcs", json!({})).unwrap(), "Vpcs"), 1);
    }

    #[test]
    fn zones_and_account_attributes_are_those_of_the_region() {
        let mut ec2 = Caller::of(Service::Ec2);
        let zones = ec2.call("DescribeAvailabilityZones", json!({"ZoneNames": ["eu-west-1c"]})).unwrap();
        assert_eq!(zones["AvailabilityZones"][0]["ZoneId"], "euw1-az3");
        let attributes =
            ec2.call("DescribeAccountAttributes", json!({"AttributeNames": ["supported-platforms"]}));
        assert_eq!(
            attributes.unwrap()["AccountAttributes"][0]["AttributeValues"],
            json!([{"AttributeValue": "VPC"}])
        );
    }
}
