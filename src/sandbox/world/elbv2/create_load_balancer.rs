//! `CreateLoadBalancer`: subnets in two zones with room, and a name that is free or has these settings.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::hosted_zones::hosted_zone_of;
use super::{LoadBalancer, names, output, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text, texts};
use crate::sandbox::world::{Scope, tag_list, timing};

/// Application load balancers of a region (an ELB quota).
const MAX_LOAD_BALANCERS: usize = 50;
/// Addresses that each subnet must have free.
const MIN_FREE_ADDRESSES: u64 = 8;
/// Most security groups.
const MAX_SECURITY_GROUPS: usize = 5;
/// What was asked for, checked.
struct Settings {
    scheme: String,
    ip_address_type: String,
    vpc_id: String,
    subnet_ids: Vec<String>,
    security_group_ids: Vec<String>,
}

/// `CreateLoadBalancer`. A load balancer of the name with the same settings is answered as it is; tags are no
/// settings.
pub(super) fn call(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = text(input, "Name").unwrap_or_default();
    names::check("Load balancer", name)?;
    if !matches!(text(input, "Type"), None | Some("application")) {
        return Err(validation("The sandbox knows load balancers of type 'application' only"));
    }
    let settings = checked(scope, input)?;
    let known = scope.region.elbv2.load_balancers.values().find(|balancer| balancer.name == name);
    if let Some(known) = known {
        if !is_same(known, &settings) {
            let message =
                format!("A load balancer with the same name '{name}' exists, but with different settings");
            return Err(ApiError::client("DuplicateLoadBalancerName", message));
        }
        return Ok(json!({"LoadBalancers": [output::load_balancer(known, &scope.region.ec2, scope.now)]}));
    }
    if scope.region.elbv2.load_balancers.len() >= MAX_LOAD_BALANCERS {
        let message = "The maximum number of application load balancers has been reached";
        return Err(ApiError::client("TooManyLoadBalancers", message));
    }
    check_free_addresses(scope, &settings.subnet_ids)?;
    let balancer = made(scope, name, settings, input);
    let answer = output::load_balancer(&balancer, &scope.region.ec2, scope.now);
    scope.region.elbv2.load_balancers.insert(balancer.arn.clone(), balancer);
    Ok(json!({"LoadBalancers": [answer]}))
}

fn is_same(known: &LoadBalancer, settings: &Settings) -> bool {
    let set = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<String>>();
    known.scheme == settings.scheme
        && known.ip_address_type == settings.ip_address_type
        && set(&known.subnet_ids) == set(&settings.subnet_ids)
        && set(&known.security_group_ids) == set(&settings.security_group_ids)
}

fn made(scope: &mut Scope<'_>, name: &str, settings: Settings, input: &Value) -> LoadBalancer {
    let path = format!("app/{name}/{}", scope.ids.hex(16));
    let mut network_interface_ids = Vec::new();
    for subnet in &settings.subnet_ids {
        let id = scope.ids.ec2_id("eni");
        let groups = settings.security_group_ids.clone();
        let ec2 = &mut scope.region.ec2;
        if ec2.attach_network_interface(id.clone(), subnet, groups, &format!("ELB {path}")).is_some() {
            network_interface_ids.push(id);
        }
    }
    let prefix = if settings.scheme == "internal" { "internal-" } else { "" };
    let number = scope.ids.bits() % 10_000_000_000;
    LoadBalancer {
        arn: scope.region.arn("elasticloadbalancing", &format!("loadbalancer/{path}")),
        name: name.to_owned(),
        dns_name: format!("{prefix}{name}-{number}.{}.elb.amazonaws.com", scope.region.region),
        canonical_hosted_zone_id: hosted_zone_of(&scope.region.region),
        scheme: settings.scheme,
        ip_address_type: settings.ip_address_type,
        vpc_id: settings.vpc_id,
        subnet_ids: settings.subnet_ids,
        security_group_ids: settings.security_group_ids,
        network_interface_ids,
        created_at: scope.now,
        active_at: scope.now.after(timing::LOAD_BALANCER_ACTIVE),
        tags: tag_list::from_list(list(input, "Tags")),
        ..LoadBalancer::default()
    }
}

fn checked(scope: &Scope<'_>, input: &Value) -> Result<Settings, ApiError> {
    let scheme = text(input, "Scheme").unwrap_or("internet-facing").to_owned();
    if scheme != "internet-facing" && scheme != "internal" {
        return Err(validation(format!("Load balancer scheme '{scheme}' is not valid")));
    }
    let mapped = list(input, "SubnetMappings").iter().filter_map(|mapping| text(mapping, "SubnetId"));
    let subnet_ids: Vec<String> =
        texts(input, "Subnets").into_iter().chain(mapped).map(str::to_owned).collect();
    let vpc_id = checked_subnets(scope, &subnet_ids)?;
    if scheme == "internet-facing" && !has_internet_gateway(scope, &vpc_id) {
        let message = format!("VPC {vpc_id} has no internet gateway");
        return Err(ApiError::client("InvalidSubnet", message));
    }
    let security_group_ids = checked_security_groups(scope, &vpc_id, texts(input, "SecurityGroups"))?;
    let ip_address_type = text(input, "IpAddressType").unwrap_or("ipv4").to_owned();
    Ok(Settings { scheme, ip_address_type, vpc_id, subnet_ids, security_group_ids })
}

/// The VPC of the subnets: one, with a subnet in each of at least two zones.
fn checked_subnets(scope: &Scope<'_>, subnet_ids: &[String]) -> Result<String, ApiError> {
    let ec2 = &scope.region.ec2;
    let mut zones = BTreeSet::new();
    let mut vpc_ids = BTreeSet::new();
    for id in subnet_ids {
        let missing = || ApiError::client("SubnetNotFound", format!("The subnet ID '{id}' does not exist"));
        let subnet = ec2.subnets.get(id).ok_or_else(missing)?;
        vpc_ids.insert(subnet.vpc_id.clone());
        if !zones.insert(subnet.availability_zone.clone()) {
            let message =
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone";
            return Err(ApiError::client("InvalidConfigurationRequest", message));
        }
    }
    if vpc_ids.len() > 1 {
        let vpc_ids = vpc_ids.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!("All subnets must belong to the same VPC: '{vpc_ids}'");
        return Err(ApiError::client("InvalidConfigurationRequest", message));
    }
    if zones.len() < 2 {
        return Err(validation("At least two subnets in two different Availability Zones must be specified"));
    }
    Ok(vpc_ids.pop_first().unwrap_or_default())
}

fn has_internet_gateway(scope: &Scope<'_>, vpc_id: &str) -> bool {
    scope.region.ec2.internet_gateways.values().any(|gateway| gateway.vpc_id.as_deref() == Some(vpc_id))
}

/// The groups that were asked for, or else the VPC's default one.
fn checked_security_groups(
    scope: &Scope<'_>,
    vpc_id: &str,
    asked: Vec<&str>,
) -> Result<Vec<String>, ApiError> {
    let groups = &scope.region.ec2.security_groups;
    if asked.is_empty() {
        let is_default = |group: &&crate::sandbox::world::ec2::SecurityGroup| {
            group.vpc_id == vpc_id && group.name == "default"
        };
        return Ok(groups.values().find(is_default).map(|group| group.id.clone()).into_iter().collect());
    }
    if asked.len() > MAX_SECURITY_GROUPS {
        let message = format!("The maximum number of security groups is '{MAX_SECURITY_GROUPS}'");
        return Err(ApiError::client("InvalidConfigurationRequest", message));
    }
    for id in &asked {
        if groups.get(*id).is_none_or(|group| group.vpc_id != vpc_id) {
            let message = format!("One or more security groups are invalid: '{id}'");
            return Err(ApiError::client("InvalidSecurityGroup", message));
        }
    }
    Ok(asked.into_iter().map(str::to_owned).collect())
}

fn check_free_addresses(scope: &Scope<'_>, subnet_ids: &[String]) -> Result<(), ApiError> {
    for id in subnet_ids {
        if scope.region.ec2.free_addresses(id) < MIN_FREE_ADDRESSES {
            let message = format!(
                "Not enough IP space available in {id}. ELB requires at least {MIN_FREE_ADDRESSES} free IP \
                 addresses in each subnet."
            );
            return Err(ApiError::client("InvalidSubnet", message));
        }
    }
    Ok(())
}
