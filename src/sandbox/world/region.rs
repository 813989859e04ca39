//! One account in one region, and the network that AWS gives every new account.

use serde::{Deserialize, Serialize};

use super::acm::AcmState;
use super::autoscaling::AutoScalingState;
use super::cloudwatch::CloudWatchState;
use super::ec2::{
    Ec2State, InternetGateway, Route, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc,
};
use super::ecr::EcrState;
use super::ecs::EcsState;
use super::elbv2::Elbv2State;
use super::ids::IdGenerator;
use super::lateness::Lateness;
use super::logs::LogsState;
use super::secretsmanager::SecretsManagerState;
use super::ssm::SsmState;
use super::wafv2::Wafv2State;

/// Everything that one account owns in one region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RegionState {
    pub(crate) account_id: String,
    pub(crate) region: String,
    pub(crate) ecs: EcsState,
    pub(crate) ec2: Ec2State,
    pub(crate) elbv2: Elbv2State,
    pub(crate) acm: AcmState,
    pub(crate) autoscaling: AutoScalingState,
    pub(crate) cloudwatch: CloudWatchState,
    pub(crate) logs: LogsState,
    pub(crate) wafv2: Wafv2State,
    pub(crate) ecr: EcrState,
    pub(crate) secrets_manager: SecretsManagerState,
    pub(crate) ssm: SsmState,
    pub(crate) lateness: Lateness,
}

impl RegionState {
    /// A fresh account: default VPC 172.31.0.0/16 with one public subnet in each of three zones.
    pub(crate) fn new(account_id: &str, region: &str, ids: &mut IdGenerator) -> Self {
        let mut state =
            Self { account_id: account_id.to_owned(), region: region.to_owned(), ..Self::default() };
        state.create_default_vpc(ids);
        state
    }

    /// The region's key in the world.
    pub(crate) fn key(&self) -> String {
        key(&self.account_id, &self.region)
    }

    /// An ARN of this account and region: `arn:<partition>:<service>:<region>:<account>:<resource>`.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition(), self.region, self.account_id)
    }

    /// The AWS partition of the region.
    pub(crate) fn partition(&self) -> &'static str {
        match self.region.split('-').next() {
            Some("cn") => "aws-cn",
            Some("us") if self.region.starts_with("us-gov") => "aws-us-gov",
            _ => "aws",
        }
    }

    fn create_default_vpc(&mut self, ids: &mut IdGenerator) {
        let vpc_id = ids.ec2_id("vpc");
        let cidr_block = "172.31.0.0/16".to_owned();
        let vpc =
            Vpc { id: vpc_id.clone(), cidr_block: cidr_block.clone(), is_default: true, ..Vpc::default() };
        self.ec2.vpcs.insert(vpc_id.clone(), vpc);
        for (index, zone) in ["a", "b", "c"].into_iter().enumerate() {
            let subnet = Subnet {
                id: ids.ec2_id("subnet"),
                vpc_id: vpc_id.clone(),
                cidr_block: format!("172.31.{}.0/20", index * 16),
                availability_zone: format!("{}{zone}", self.region),
                availability_zone_id: format!("{}-az{}", zone_prefix(&self.region), index + 1),
                default_for_az: true,
                map_public_ip_on_launch: true,
                ..Subnet::default()
            };
            self.ec2.subnets.insert(subnet.id.clone(), subnet);
        }
        let gateway = InternetGateway {
            id: ids.ec2_id("igw"),
            vpc_id: Some(vpc_id.clone()),
            ..InternetGateway::default()
        };
        let table = RouteTable {
            id: ids.ec2_id("rtb"),
            vpc_id: vpc_id.clone(),
            main: true,
            associations: [(ids.ec2_id("rtbassoc"), None)].into(),
            routes: vec![
                Route { destination_cidr_block: cidr_block, gateway_id: "local".to_owned() },
                Route { destination_cidr_block: "0.0.0.0/0".to_owned(), gateway_id: gateway.id.clone() },
            ],
            ..RouteTable::default()
        };
        self.ec2.internet_gateways.insert(gateway.id.clone(), gateway);
        self.ec2.route_tables.insert(table.id.clone(), table);
        let group = default_security_group(vpc_id, ids);
        self.ec2.security_groups.insert(group.id.clone(), group);
    }
}

/// The key of an account and region in the world.
pub(crate) fn key(account_id: &str, region: &str) -> String {
    format!("{account_id}/{region}")
}

/// The group `default` of a VPC: admits itself, lets everything out.
pub(crate) fn default_security_group(vpc_id: String, ids: &mut IdGenerator) -> SecurityGroup {
    let id = ids.ec2_id("sg");
    let all = SecurityGroupRule { ip_protocol: "-1".to_owned(), ..SecurityGroupRule::default() };
    let rules = vec![
        SecurityGroupRule { id: ids.ec2_id("sgr"), referenced_group_id: Some(id.clone()), ..all.clone() },
        SecurityGroupRule {
            id: ids.ec2_id("sgr"),
            is_egress: true,
            cidr_ipv4: Some("0.0.0.0/0".to_owned()),
            ..all
        },
    ];
    let name = "default".to_owned();
    let description = "default VPC security group".to_owned();
    SecurityGroup { id, name, description, vpc_id, rules, ..SecurityGroup::default() }
}

/// `use1` for `us-east-1`: first part, initials of the middle, number.
pub(crate) fn zone_prefix(region: &str) -> String {
    let mut parts = region.split('-');
    let mut prefix = parts.next().unwrap_or_default().to_owned();
    prefix.extend(parts.filter_map(|part| part.chars().next()));
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_account_has_three_public_default_subnets_in_three_zones() {
        let state = RegionState::new("111122223333", "eu-west-1", &mut IdGenerator::new(1));
        let zones: Vec<&str> =
            state.ec2.subnets.values().map(|subnet| subnet.availability_zone.as_str()).collect();
        assert_eq!(zones.len(), 3);
        assert!(zones.contains(&"eu-west-1a") && zones.contains(&"eu-west-1c"));
        assert!(state.ec2.subnets.keys().all(|subnet| state.ec2.is_public_subnet(subnet)));
    }

    #[test]
    fn arns_carry_the_partition_of_the_region() {
        let china = RegionState::new("111122223333", "cn-north-1", &mut IdGenerator::new(1));
        assert_eq!(china.arn("ecs", "cluster/x"), "arn:aws-cn:ecs:cn-north-1:111122223333:cluster/x");
    }
}
