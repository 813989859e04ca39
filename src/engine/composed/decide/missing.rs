//! What of a service's parts is not there any more, or not as the engine made it: in one place, for the state that a
//! refresh brings, for the plan that names it and for the update that mends it.
//!
//! What an argument sets is not judged here: the state shows it beside the configuration.

use crate::aws::ec2::Peer;
use crate::aws::elbv2::{LoadBalancer, Rule};
use crate::aws::route53::RecordSet;
use crate::engine::composed::composition::{Composition, leads_to};
use crate::engine::composed::plan::Part;
use crate::service::{ManagedKind, ObjectNames, WEB_ACL_TAG_KEY};

/// What is wrong with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Somebody deleted it, or a create that was cut short never made it.
    Missing,
    /// Somebody changed what the service cannot do without.
    Changed,
}

/// Every part of a service that is missing or changed, in the order of their kinds. Records of host names are judged by
/// [`lacks_record`], since only the configuration says who keeps them.
pub(in crate::engine::composed) fn faults(
    names: &ObjectNames,
    found: &Composition,
) -> Vec<(ManagedKind, Fault)> {
    ManagedKind::ALL.into_iter().filter_map(|kind| Some((kind, fault(kind, names, found)?))).collect()
}

fn fault(kind: ManagedKind, names: &ObjectNames, found: &Composition) -> Option<Fault> {
    let is_missing = match kind {
        ManagedKind::Service => found.live_service().is_none(),
        ManagedKind::LoadBalancer => found.load_balancer.is_none() && !found.is_pool_there.has_load_balancer,
        ManagedKind::Listener => found.rule.is_none() && !found.is_pool_there.has_listener,
        ManagedKind::ListenerRule => match &found.rule {
            Some(rule) => return lacks_own_host(found, rule).then_some(Fault::Changed),
            None => true,
        },
        ManagedKind::TargetGroup => found.target_groups.len() < 2,
        ManagedKind::Certificate => found.is_https() && found.certificate.is_none(),
        ManagedKind::ListenerCertificate => lacks_listener_certificate(found),
        ManagedKind::ValidationRecord => !found.missing_proofs.is_empty(),
        ManagedKind::ServiceSecurityGroup => found.service_security_group.is_none(),
        ManagedKind::IngressPermission => lacks_ingress(found),
        ManagedKind::WebAcl => lacks_web_acl(found),
        ManagedKind::ScalableTarget => found.live_service().is_some() && found.scalable_target.is_none(),
        ManagedKind::ScalingPolicy => found.live_service().is_some() && found.scaling_policies.is_empty(),
        ManagedKind::MetricAlarm => match &found.alarm {
            Some(alarm) => {
                let is_ours = alarm.evaluation_periods == Some(3)
                    && alarm.datapoints_to_alarm == Some(2)
                    && alarm.comparison_operator.as_deref() == Some("GreaterThanThreshold")
                    && alarm.treat_missing_data.as_deref() == Some("notBreaching");
                return (!is_ours).then_some(Fault::Changed);
            }
            None => counts_on_alarm(names, found),
        },
        ManagedKind::LogGroup => found.log_group.is_none() && logs_to_own_group(names, found),
        // AWS deletes none of these while the service uses it, and ECS goes on with a revision that somebody
        // deregistered; a record is the configuration's to want.
        ManagedKind::Cluster
        | ManagedKind::TaskDefinition
        | ManagedKind::LoadBalancerSecurityGroup
        | ManagedKind::AliasRecord => false,
    };
    is_missing.then_some(Fault::Missing)
}

/// The step that makes a part again.
pub(in crate::engine::composed) fn mending(kind: ManagedKind) -> Part {
    match kind {
        ManagedKind::Cluster => Part::Cluster,
        ManagedKind::Service => Part::EcsService,
        ManagedKind::TaskDefinition => Part::TaskDefinition,
        ManagedKind::LoadBalancer
        | ManagedKind::LoadBalancerSecurityGroup
        | ManagedKind::Listener
        | ManagedKind::WebAcl => Part::Pool,
        ManagedKind::ListenerRule => Part::RuleHosts,
        ManagedKind::TargetGroup => Part::TargetGroups,
        ManagedKind::Certificate => Part::Certificate,
        ManagedKind::ListenerCertificate => Part::ListenerCertificate,
        ManagedKind::ValidationRecord => Part::CertificateValidation,
        ManagedKind::AliasRecord => Part::AliasRecord,
        ManagedKind::ServiceSecurityGroup => Part::ServiceSecurityGroup,
        ManagedKind::IngressPermission => Part::SecurityGroupRules,
        ManagedKind::ScalableTarget | ManagedKind::ScalingPolicy => Part::Scaling,
        ManagedKind::MetricAlarm => Part::Alarm,
        ManagedKind::LogGroup => Part::LogGroup,
    }
}

/// Whether no record of a host name leads to the load balancer.
pub(crate) fn lacks_record(sets: &[RecordSet], zone_id: &str, dns_name: &str) -> bool {
    !sets.iter().any(|set| set.alias_target().is_some_and(|target| target.is_same_target(zone_id, dns_name)))
}

/// Whether the rule does not answer to the service's own host name.
fn lacks_own_host(found: &Composition, rule: &Rule) -> bool {
    let host = found.own_host();
    host.is_some_and(|host| !rule.host_names().any(|name| name.eq_ignore_ascii_case(host)))
}

fn lacks_listener_certificate(found: &Composition) -> bool {
    let Some(certificate) = found.certificate.as_ref().filter(|_| found.is_https() && found.rule.is_some())
    else {
        return false;
    };
    !found.listener_certificate_arns.contains(&certificate.arn)
}

/// Whether the load balancer does not reach the tasks at the port that they listen on.
fn lacks_ingress(found: &Composition) -> bool {
    let port = found.live_service().and_then(|service| service.load_balancers.first());
    let port = port.and_then(|one| u16::try_from(one.container_port).ok());
    let (Some(port), Some(balancer)) = (port, &found.load_balancer) else { return false };
    found.service_security_group.is_some() && !is_let_in(found, balancer, port)
}

/// Whether the tasks' security group lets the load balancer in at a port.
pub(in crate::engine::composed) fn is_let_in(
    found: &Composition,
    balancer: &LoadBalancer,
    port: u16,
) -> bool {
    let ingress = || found.service_security_group.iter().flat_map(|own| &own.ingress);
    balancer.security_group_ids.iter().all(|group| {
        ingress().any(|permission| {
            permission.peer == Peer::SecurityGroup(group.clone()) && permission.ports == Some((port, port))
        })
    })
}

fn lacks_web_acl(found: &Composition) -> bool {
    let wanted = found.anchor_tag(WEB_ACL_TAG_KEY).filter(|_| found.load_balancer.is_some());
    wanted.is_some_and(|wanted| found.web_acl_arn.as_deref() != Some(wanted))
}

/// Whether deployments are rolled back by our alarm.
fn counts_on_alarm(names: &ObjectNames, found: &Composition) -> bool {
    let alarms = found.live_service().and_then(|service| service.deployment_configuration.alarms.as_ref());
    alarms.is_some_and(|alarms| alarms.enable && alarms.alarm_names.contains(&names.rollback_alarm()))
}

fn logs_to_own_group(names: &ObjectNames, found: &Composition) -> bool {
    found.live_service().is_some() && found.log_group_name().as_deref() == Some(&names.log_group())
}

/// Whether a record leads to this load balancer.
pub(in crate::engine::composed) fn has_record(sets: &[RecordSet], balancer: &LoadBalancer) -> bool {
    sets.iter().any(|set| leads_to(set, balancer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::elbv2::TargetGroup;
    use crate::engine::composed::service_input::{Underneath, create_input};
    use crate::engine::composed::steps::desired_health_check;
    use crate::engine::composed::testing::{blueprint, live_service};

    fn live() -> Composition {
        let underneath = Underneath {
            task_definition_arn: "td:1".to_owned(),
            target_group_arns: ["tg-a", "tg-b"].map(str::to_owned),
            rule_arn: "rule".to_owned(),
            service_security_group_id: "sg-service".to_owned(),
            certificate_arn: Some("certificate".to_owned()),
            live_target_group_arn: None,
        };
        let input = create_input(&blueprint(), &underneath, 1, String::new(), "ready");
        let group = |name: &str| TargetGroup {
            arn: name.to_owned(),
            name: name.to_owned(),
            port: 80,
            protocol: "HTTP".to_owned(),
            protocol_version: "HTTP1".to_owned(),
            vpc_id: "vpc-1".to_owned(),
            target_type: "ip".to_owned(),
            health_check: desired_health_check(&blueprint()),
            load_balancer_arns: Vec::new(),
        };
        Composition {
            service: Some(live_service(&input)),
            target_groups: ["a", "b"].map(group).to_vec(),
            ..Composition::default()
        }
    }

    fn names_of(found: &Composition) -> Vec<&'static str> {
        faults(&blueprint().names, found).into_iter().map(|(kind, _)| kind.as_str()).collect()
    }

    #[test]
    fn a_rule_that_is_gone_takes_neither_its_listener_nor_the_load_balancer_along() {
        let mut found = live();
        assert!(names_of(&found).starts_with(&["load_balancer", "listener", "listener_rule"]));
        found.is_pool_there.has_load_balancer = true;
        found.is_pool_there.has_listener = true;
        let names = names_of(&found);
        assert!(!names.contains(&"load_balancer") && !names.contains(&"listener"), "{names:?}");
        assert!(names.contains(&"listener_rule"), "{names:?}");
    }

    #[test]
    fn without_a_service_only_what_is_gone_is_named() {
        let found = Composition { service: None, ..live() };
        let names = names_of(&found);
        assert_eq!(names[0], "service");
        assert!(!names.contains(&"target_group") && !names.contains(&"scaling_policy"), "{names:?}");
    }
}
