//! Making and removing the single resources of an Express service (facts, Express sections 2.1 to 2.4).

use serde_json::json;

use super::ExpressService;
use super::load_balancer_pool::{self, managed_tags};
use super::{alarm, scaling};
use crate::sandbox::world::acm::Certificate;
use crate::sandbox::world::ec2::{SecurityGroup, SecurityGroupRule};
use crate::sandbox::world::ecs::managed_resource::ManagedResourceKind as Kind;
use crate::sandbox::world::ecs::service::Service;
use crate::sandbox::world::elbv2::{HealthCheck, Rule, TargetGroup, WeightedTargetGroup};
use crate::sandbox::world::logs::LogGroup;
use crate::sandbox::world::{Scope, Tags, timing};

/// Makes one resource; answers its ARN, or nothing while something that it needs is not there yet.
pub(crate) fn create(scope: &mut Scope<'_>, service_arn: &str, kind: Kind) -> Option<String> {
    let service = scope.region.ecs.services.get(service_arn)?.clone();
    let express = service.express.as_deref()?.clone();
    let group_arn = |scope: &Scope<'_>, id: &str| scope.region.arn("ec2", &format!("security-group/{id}"));
    match kind {
        Kind::LogGroup => Some(create_log_group(scope, service_arn, &express.log_group_name)),
        Kind::ServiceSecurityGroup => Some(group_arn(scope, &express.service_security_group_id)),
        Kind::LoadBalancerSecurityGroup => {
            load_balancer_pool::create_security_group(scope, &express.load_balancer_arn);
            Some(group_arn(scope, &express.load_balancer_security_group_id))
        }
        Kind::TargetGroup => Some(create_target_group(scope, &service, &express, 0)),
        Kind::AlternateTargetGroup => Some(create_target_group(scope, &service, &express, 1)),
        Kind::LoadBalancer => {
            let active_at = scope.now.after(timing::LOAD_BALANCER_ACTIVE);
            load_balancer_pool::create(scope, &express.load_balancer_arn, active_at);
            Some(express.load_balancer_arn)
        }
        Kind::Certificate => Some(create_certificate(scope, service_arn, &express)),
        Kind::Listener => {
            let balancer = scope.region.elbv2.load_balancers.get(&express.load_balancer_arn)?;
            if balancer.active_at > scope.now {
                return None;
            }
            load_balancer_pool::create_listener(scope, &express.load_balancer_arn, &express.certificate_arn);
            Some(express.listener_arn)
        }
        Kind::Rule => create_rule(scope, &service, &express),
        Kind::ScalableTarget => Some(scaling::create_target(scope, &service)),
        Kind::ScalingPolicy => Some(scaling::create_policy(scope, &service)),
        Kind::MetricAlarm => alarm::put(scope, service_arn),
    }
}

/// Tags of the service's own resources: ECS's and the service's.
fn tags(scope: &Scope<'_>, service_arn: &str) -> Tags {
    let mut tags = scope.region.ecs.tags.get(service_arn).cloned().unwrap_or_default();
    tags.extend(managed_tags());
    tags
}

/// Makes a log group unless it exists; answers its ARN. Logs of customers' groups stay as they are.
pub(crate) fn create_log_group(scope: &mut Scope<'_>, service_arn: &str, name: &str) -> String {
    let arn = scope.region.arn("logs", &format!("log-group:{name}"));
    let group = LogGroup {
        name: name.to_owned(),
        arn: arn.clone(),
        created_at: scope.now,
        tags: tags(scope, service_arn),
        ..LogGroup::default()
    };
    scope.region.logs.log_groups.entry(name.to_owned()).or_insert(group);
    arn
}

/// Makes the service's security group: in from the load balancer on the container's port, out to anywhere.
pub(crate) fn create_service_security_group(
    scope: &mut Scope<'_>,
    service: &Service,
    express: &ExpressService,
    port: u16,
) {
    let id = express.service_security_group_id.clone();
    let ingress = port_rule(scope, port, &express.load_balancer_security_group_id, false);
    let egress = SecurityGroupRule {
        id: scope.ids.ec2_id("sgr"),
        is_egress: true,
        ip_protocol: "-1".to_owned(),
        cidr_ipv4: Some("0.0.0.0/0".to_owned()),
        ..SecurityGroupRule::default()
    };
    let group = SecurityGroup {
        id: id.clone(),
        name: format!("{}-{}-{}", service.cluster, service.name, express.vpc_id),
        description: format!("Security group for ECS service: {}", service.arn),
        vpc_id: express.vpc_id.clone(),
        rules: vec![ingress, egress],
        tags: managed_tags(),
    };
    scope.region.ec2.security_groups.insert(id, group);
}

fn port_rule(scope: &mut Scope<'_>, port: u16, peer: &str, is_egress: bool) -> SecurityGroupRule {
    SecurityGroupRule {
        id: scope.ids.ec2_id("sgr"),
        is_egress,
        ip_protocol: "tcp".to_owned(),
        from_port: Some(i64::from(port)),
        to_port: Some(i64::from(port)),
        referenced_group_id: Some(peer.to_owned()),
        description: is_egress.then(|| "Egress Rule to ECS Service".to_owned()),
        ..SecurityGroupRule::default()
    }
}

/// Opens a container port between the load balancer and the service, if it is not open yet.
pub(crate) fn admit_port(scope: &mut Scope<'_>, service_arn: &str, port: u16) {
    for (group, peer, is_egress) in list_port_rules(scope, service_arn) {
        let rule = port_rule(scope, port, &peer, is_egress);
        let Some(group) = scope.region.ec2.security_groups.get_mut(&group) else { continue };
        let is_open = group.rules.iter().any(|known| {
            known.is_egress == is_egress
                && known.referenced_group_id.as_ref() == Some(&peer)
                && known.from_port == rule.from_port
        });
        if !is_open {
            group.rules.push(rule);
        }
    }
}

/// Closes every container port other than `port` between the load balancer and the service.
pub(crate) fn keep_port(scope: &mut Scope<'_>, service_arn: &str, port: u16) {
    for (group, peer, is_egress) in list_port_rules(scope, service_arn) {
        let Some(group) = scope.region.ec2.security_groups.get_mut(&group) else { continue };
        group.rules.retain(|rule| {
            rule.is_egress != is_egress
                || rule.referenced_group_id.as_ref() != Some(&peer)
                || rule.from_port == Some(i64::from(port))
        });
    }
}

/// The two security groups with the peer that each names: service from load balancer, and back.
fn list_port_rules(scope: &Scope<'_>, service_arn: &str) -> Vec<(String, String, bool)> {
    let express = scope.region.ecs.services.get(service_arn).and_then(|service| service.express.as_ref());
    let Some(express) = express else { return Vec::new() };
    let service_group = express.service_security_group_id.clone();
    let balancer_group = express.load_balancer_security_group_id.clone();
    vec![(service_group.clone(), balancer_group.clone(), false), (balancer_group, service_group, true)]
}

fn create_target_group(
    scope: &mut Scope<'_>,
    service: &Service,
    express: &ExpressService,
    index: usize,
) -> String {
    let arn =
        service.traffic.as_ref().map(|traffic| traffic.target_groups[index].clone()).unwrap_or_default();
    let revision = service.revision_arns().next().and_then(|one| scope.region.ecs.revisions.get(one));
    let configuration = revision.and_then(|revision| revision.express.as_ref());
    let path = configuration.map(|one| one.health_check_path.clone()).unwrap_or_default();
    let port = configuration.map_or(80, super::configuration::ExpressConfiguration::container_port);
    let group = TargetGroup {
        name: arn.split('/').nth(1).unwrap_or_default().to_owned(),
        arn: arn.clone(),
        protocol: "HTTP".to_owned(),
        protocol_version: "HTTP1".to_owned(),
        port: 80,
        vpc_id: express.vpc_id.clone(),
        target_type: "ip".to_owned(),
        ip_address_type: "ipv4".to_owned(),
        health_check: HealthCheck {
            enabled: true,
            protocol: "HTTP".to_owned(),
            port: port.to_string(),
            path,
            interval_seconds: 30,
            timeout_seconds: 5,
            healthy_threshold_count: 5,
            unhealthy_threshold_count: 2,
            matcher_http_code: "200".to_owned(),
        },
        tags: tags(scope, &service.arn),
        ..TargetGroup::default()
    };
    scope.region.elbv2.target_groups.insert(arn.clone(), group);
    arn
}

fn create_certificate(scope: &mut Scope<'_>, service_arn: &str, express: &ExpressService) -> String {
    let certificate = Certificate {
        arn: express.certificate_arn.clone(),
        domain_name: express.endpoint.clone(),
        subject_alternative_names: vec![express.endpoint.clone()],
        created_at: scope.now,
        issued_at: Some(scope.now.after(timing::CERTIFICATE_ISSUED)),
        tags: tags(scope, service_arn),
        ..Certificate::default()
    };
    scope.region.acm.certificates.insert(certificate.arn.clone(), certificate);
    express.certificate_arn.clone()
}

/// Makes the service's rule and attaches its certificate to the listener.
fn create_rule(scope: &mut Scope<'_>, service: &Service, express: &ExpressService) -> Option<String> {
    let issued_at = scope.region.acm.certificates.get(&express.certificate_arn)?.issued_at?;
    let listener = scope.region.elbv2.listeners.get_mut(&express.listener_arn)?;
    if issued_at > scope.now {
        return None;
    }
    if !listener.certificate_arns.contains(&express.certificate_arn) {
        listener.certificate_arns.push(express.certificate_arn.clone());
    }
    let traffic = service.traffic.as_ref()?;
    let weights = [(0, 100), (1, 0)];
    let rule = Rule {
        arn: traffic.rule_arn.clone(),
        listener_arn: express.listener_arn.clone(),
        priority: load_balancer_pool::take_priority(scope, &express.load_balancer_arn),
        conditions: vec![json!({
            "Field": "host-header",
            "Values": [express.endpoint],
            "HostHeaderConfig": {"Values": [express.endpoint]},
        })],
        forward: weights
            .into_iter()
            .map(|(index, weight)| WeightedTargetGroup {
                target_group_arn: traffic.target_groups[index].clone(),
                weight,
            })
            .collect(),
        tags: tags(scope, &service.arn),
        ..Rule::default()
    };
    scope.region.elbv2.rules.insert(rule.arn.clone(), rule);
    let revision = service.revision_arns().next().and_then(|one| scope.region.ecs.revisions.get(one));
    let port = revision.and_then(|revision| revision.target.as_ref()).map(|target| target.container_port);
    admit_port(scope, &service.arn, port?);
    Some(traffic.rule_arn.clone())
}

/// Takes the service off its load balancer: rule, certificate and egress rule; and ends scaling and alarm.
pub(crate) fn detach(scope: &mut Scope<'_>, service: &Service, express: &ExpressService) {
    let region = &mut *scope.region;
    if let Some(traffic) = &service.traffic {
        region.elbv2.rules.remove(&traffic.rule_arn);
    }
    if let Some(listener) = region.elbv2.listeners.get_mut(&express.listener_arn) {
        listener.certificate_arns.retain(|arn| *arn != express.certificate_arn);
    }
    if let Some(group) = region.ec2.security_groups.get_mut(&express.load_balancer_security_group_id) {
        group
            .rules
            .retain(|rule| rule.referenced_group_id.as_ref() != Some(&express.service_security_group_id));
    }
    scaling::remove(scope, service);
    scope.region.cloudwatch.metric_alarms.remove(&alarm::name(service));
}

/// Removes what only this service used. Log group and task definitions stay (facts, Express section 5), and so does the
/// security group while a rule of another group names it, which EC2 would refuse to delete (facts, in the wild, W30: it
/// sometimes stays; that this is why is a guess).
pub(crate) fn remove(scope: &mut Scope<'_>, service: &Service, express: &ExpressService) {
    let region = &mut *scope.region;
    for group in service.traffic.iter().flat_map(|traffic| &traffic.target_groups) {
        region.elbv2.target_groups.remove(group);
    }
    region.acm.certificates.remove(&express.certificate_arn);
    let id = &express.service_security_group_id;
    let names_it = |rule: &SecurityGroupRule| rule.referenced_group_id.as_ref() == Some(id);
    let mut others = region.ec2.security_groups.values().filter(|group| group.id != *id);
    if !others.any(|group| group.rules.iter().any(names_it)) {
        region.ec2.security_groups.remove(id);
    }
}
