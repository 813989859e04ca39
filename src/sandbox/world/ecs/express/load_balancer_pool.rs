//! The load balancers that Express services share: one pool per VPC and scheme, 25 services each
//! (facts, Express section 3).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::network::ServiceNetwork;
use crate::sandbox::api::ApiError;
use crate::sandbox::world::ec2::{SecurityGroup, SecurityGroupRule};
use crate::sandbox::world::ecs::EcsEvent;
use crate::sandbox::world::ecs::errors::invalid_parameter;
use crate::sandbox::world::elbv2::hosted_zones::hosted_zone_of;
use crate::sandbox::world::elbv2::{Listener, LoadBalancer};
use crate::sandbox::world::{Scope, Tags, Timestamp, timing};

/// Express services that one load balancer takes.
const SERVICES_PER_LOAD_BALANCER: usize = 25;

/// A load balancer of Express Mode.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PooledLoadBalancer {
    pub(crate) arn: String,
    pub(crate) listener_arn: String,
    pub(crate) security_group_id: String,
    vpc_id: String,
    is_public: bool,
    /// Subnets and zones are those of the first service.
    subnets: Vec<String>,
    zones: BTreeSet<String>,
    /// ARNs of the services that use it.
    services: BTreeSet<String>,
    /// Priority of the next rule; numbers are handed out upward.
    next_priority: u32,
    is_leaving: bool,
}

/// Tags of everything that ECS makes for an Express service.
pub(crate) fn managed_tags() -> Tags {
    [("AmazonECSManaged".to_owned(), "true".to_owned())].into()
}

/// Gives the service a place on a load balancer; the flag says whether it is a new one, still to be made.
///
/// # Errors
/// `InvalidParameterException` if the service's zones are not among those of the load balancer.
pub(crate) fn join(
    scope: &mut Scope<'_>,
    service_arn: &str,
    network: &ServiceNetwork,
) -> Result<(PooledLoadBalancer, bool), ApiError> {
    let found = scope.region.ecs.load_balancer_pool.values_mut().find(|balancer| {
        balancer.vpc_id == network.vpc_id
            && balancer.is_public == network.is_public
            && !balancer.is_leaving
            && balancer.services.len() < SERVICES_PER_LOAD_BALANCER
    });
    if let Some(balancer) = found {
        if !network.zones.is_subset(&balancer.zones) {
            return Err(invalid_parameter(format!(
                "The subnets are in an Availability Zone that is not enabled for the load balancer {}.",
                balancer.arn
            )));
        }
        balancer.services.insert(service_arn.to_owned());
        return Ok((balancer.clone(), false));
    }
    let mut balancer = plan(scope, network);
    balancer.services.insert(service_arn.to_owned());
    scope.region.ecs.load_balancer_pool.insert(balancer.arn.clone(), balancer.clone());
    Ok((balancer, true))
}

fn plan(scope: &mut Scope<'_>, network: &ServiceNetwork) -> PooledLoadBalancer {
    let path = format!("app/ecs-express-gateway-alb-{}/{}", scope.ids.hex(8), scope.ids.hex(16));
    let listener = scope.ids.hex(16);
    PooledLoadBalancer {
        arn: scope.region.arn("elasticloadbalancing", &format!("loadbalancer/{path}")),
        listener_arn: scope.region.arn("elasticloadbalancing", &format!("listener/{path}/{listener}")),
        security_group_id: scope.ids.ec2_id("sg"),
        vpc_id: network.vpc_id.clone(),
        is_public: network.is_public,
        subnets: network.subnets.clone(),
        zones: network.zones.clone(),
        next_priority: 1,
        ..PooledLoadBalancer::default()
    }
}

/// The priority for a new rule.
pub(crate) fn take_priority(scope: &mut Scope<'_>, load_balancer: &str) -> u32 {
    let Some(balancer) = scope.region.ecs.load_balancer_pool.get_mut(load_balancer) else { return 1 };
    let listener = &balancer.listener_arn;
    let taken: BTreeSet<u32> = scope
        .region
        .elbv2
        .rules
        .values()
        .filter(|rule| rule.listener_arn == *listener)
        .map(|rule| rule.priority)
        .collect();
    while taken.contains(&balancer.next_priority) {
        balancer.next_priority += 1;
    }
    balancer.next_priority += 1;
    balancer.next_priority - 1
}

/// Makes the load balancer's security group. The public one is open; the internal one is closed until the
/// customer opens it (facts, Express section 2.2).
pub(crate) fn create_security_group(scope: &mut Scope<'_>, load_balancer: &str) {
    let Some(balancer) = scope.region.ecs.load_balancer_pool.get(load_balancer).cloned() else { return };
    let id = balancer.security_group_id;
    let mut rules = vec![SecurityGroupRule {
        id: scope.ids.ec2_id("sgr"),
        is_egress: true,
        ip_protocol: "-1".to_owned(),
        referenced_group_id: Some(id.clone()),
        description: Some("Placeholder rule to reserve capacity".to_owned()),
        ..SecurityGroupRule::default()
    }];
    for (port, name) in [(80, "HTTP"), (443, "HTTPS")].into_iter().filter(|_| balancer.is_public) {
        for (cidr_ipv4, cidr_ipv6, version) in
            [(Some("0.0.0.0/0"), None, "IPv4"), (None, Some("::/0"), "IPv6")]
        {
            rules.push(SecurityGroupRule {
                id: scope.ids.ec2_id("sgr"),
                ip_protocol: "tcp".to_owned(),
                from_port: Some(port),
                to_port: Some(port),
                cidr_ipv4: cidr_ipv4.map(str::to_owned),
                cidr_ipv6: cidr_ipv6.map(str::to_owned),
                description: Some(format!("{name} access from anywhere ({version})")),
                ..SecurityGroupRule::default()
            });
        }
    }
    let group = SecurityGroup {
        id: id.clone(),
        name: format!("ecs-express-gateway-alb-sg-{}", scope.now.epoch_millis()),
        description:
            "ECS Express Gateway security group - allows HTTP/HTTPS inbound with managed outbound rules"
                .to_owned(),
        vpc_id: balancer.vpc_id,
        rules,
        tags: managed_tags(),
    };
    scope.region.ec2.security_groups.insert(id, group);
}

/// Makes the load balancer itself with its network interfaces; `active_at` as scheduled.
pub(crate) fn create(scope: &mut Scope<'_>, load_balancer: &str, active_at: Timestamp) {
    let Some(balancer) = scope.region.ecs.load_balancer_pool.get(load_balancer).cloned() else { return };
    let name = balancer.arn.split('/').nth(2).unwrap_or_default().to_owned();
    let mut interfaces = Vec::new();
    for subnet in &balancer.subnets {
        let id = scope.ids.ec2_id("eni");
        let path = balancer.arn.split_once("loadbalancer/").map(|(_, path)| path).unwrap_or_default();
        let groups = vec![balancer.security_group_id.clone()];
        let made =
            scope.region.ec2.attach_network_interface(id.clone(), subnet, groups, &format!("ELB {path}"));
        if made.is_some() {
            interfaces.push(id);
        }
    }
    let prefix = if balancer.is_public { "" } else { "internal-" };
    let number = scope.ids.bits() % 10_000_000_000;
    let region = &scope.region.region;
    let entity = LoadBalancer {
        dns_name: format!("{prefix}{name}-{number}.{region}.elb.amazonaws.com"),
        canonical_hosted_zone_id: hosted_zone_of(region),
        scheme: if balancer.is_public { "internet-facing" } else { "internal" }.to_owned(),
        ip_address_type: "ipv4".to_owned(),
        vpc_id: balancer.vpc_id,
        subnet_ids: balancer.subnets,
        security_group_ids: vec![balancer.security_group_id],
        network_interface_ids: interfaces,
        created_at: scope.now,
        active_at,
        attributes: BTreeMap::new(),
        tags: managed_tags(),
        arn: balancer.arn.clone(),
        name,
    };
    scope.region.elbv2.load_balancers.insert(balancer.arn, entity);
}

/// Makes the HTTPS listener; whatever no rule matches gets a 404.
pub(crate) fn create_listener(scope: &mut Scope<'_>, load_balancer: &str, certificate_arn: &str) {
    let Some(balancer) = scope.region.ecs.load_balancer_pool.get(load_balancer).cloned() else { return };
    let listener = Listener {
        arn: balancer.listener_arn.clone(),
        load_balancer_arn: balancer.arn,
        port: 443,
        protocol: "HTTPS".to_owned(),
        ssl_policy: Some("ELBSecurityPolicy-TLS-1-2-2017-01".to_owned()),
        certificate_arns: vec![certificate_arn.to_owned()],
        default_actions: vec![json!({
            "Type": "fixed-response",
            "Order": 1,
            "FixedResponseConfig": {"MessageBody": "Not Found", "StatusCode": "404", "ContentType": "text/plain"},
        })],
        attributes: BTreeMap::new(),
        tags: managed_tags(),
    };
    scope.region.elbv2.listeners.insert(balancer.listener_arn, listener);
}

/// Takes a service off its load balancer. The load balancer goes with its last service, a little later;
/// answers whether it goes.
pub(crate) fn leave(scope: &mut Scope<'_>, load_balancer: &str, service_arn: &str) -> bool {
    let Some(balancer) = scope.region.ecs.load_balancer_pool.get_mut(load_balancer) else { return false };
    balancer.services.remove(service_arn);
    if !balancer.services.is_empty() {
        return false;
    }
    balancer.is_leaving = true;
    let event = EcsEvent::LoadBalancerRemoved { load_balancer: load_balancer.to_owned() };
    let delay = timing::DELETE_REMOVES + timing::LOAD_BALANCER_REMOVED;
    scope.schedule(delay, crate::sandbox::world::agenda::Event::Ecs(event));
    true
}

/// Removes a load balancer with its listener, interfaces and security group.
pub(crate) fn remove(scope: &mut Scope<'_>, load_balancer: &str) {
    let Some(balancer) = scope.region.ecs.load_balancer_pool.remove(load_balancer) else { return };
    let region = &mut *scope.region;
    region.elbv2.listeners.retain(|_, listener| listener.load_balancer_arn != load_balancer);
    let listeners = &region.elbv2.listeners;
    region.elbv2.rules.retain(|_, rule| listeners.contains_key(&rule.listener_arn));
    if let Some(entity) = region.elbv2.load_balancers.remove(load_balancer) {
        for interface in &entity.network_interface_ids {
            region.ec2.network_interfaces.remove(interface);
        }
    }
    region.ec2.security_groups.remove(&balancer.security_group_id);
}
