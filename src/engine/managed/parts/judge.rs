//! What is wrong with a service's parts.

use super::looks::{Seen, group_ids};
use crate::aws::autoscaling::{ScalingPolicy, TrackedMetric};
use crate::aws::ec2::SecurityGroup;
use crate::aws::elbv2::Rule;
use crate::service::{
    CHANGED, DEGRADED, MISSING, ManagedKind, ManagedResource, ObservedService, ScalingMetric, ServiceStatus,
};

/// The service with the parts that are missing or changed, and with the status that follows.
pub(super) fn with_faults(mut observed: ObservedService, seen: &Seen) -> ObservedService {
    let faults = faults(&observed, seen);
    for (kind, status) in &faults {
        mark(&mut observed, *kind, status, seen);
    }
    observed.resources.sort_by_key(|resource| resource.kind);
    if faults.iter().any(|(kind, _)| carries_traffic(*kind)) {
        observed.status = ServiceStatus::Other(DEGRADED.to_owned());
    }
    observed
}

/// The service with what Application Auto Scaling holds. Express keeps a copy of its own, which nobody else's changes reach
/// (facts, express in the wild W15). Bounds that scheduled actions change, or may change, are not the service's.
pub(super) fn with_live_scaling(mut observed: ObservedService, seen: &Seen) -> ObservedService {
    let scaling = &mut observed.configuration.scaling_target;
    if let (Some(Some(target)), Some(true)) = (&seen.target, seen.is_unscheduled) {
        scaling.min_task_count = scaling.min_task_count.map(|_| target.min_capacity);
        scaling.max_task_count = scaling.max_task_count.map(|_| target.max_capacity);
    }
    let policies = seen.policies.as_deref().unwrap_or_default();
    let live = tracked_value(policies, scaling.auto_scaling_metric.as_ref());
    if let (Some(live), Some(value)) = (live, &mut scaling.auto_scaling_target_value) {
        *value = live;
    }
    observed
}

/// The value that one of the policies holds of this metric.
pub(super) fn tracked_value(policies: &[ScalingPolicy], metric: Option<&ScalingMetric>) -> Option<i32> {
    policies.iter().find_map(|policy| tracked(policy, metric))
}

/// The whole number that a policy holds of this metric.
fn tracked(policy: &ScalingPolicy, metric: Option<&ScalingMetric>) -> Option<i32> {
    let target = policy.target.as_ref()?;
    let is_of_metric = matches!(
        (&target.metric, metric?),
        (TrackedMetric::AverageCpu, ScalingMetric::AverageCpu)
            | (TrackedMetric::AverageMemory, ScalingMetric::AverageMemory)
    );
    let is_whole = target.target_value.fract() == 0.0 && (0.0..=100.0).contains(&target.target_value);
    #[expect(clippy::cast_possible_truncation, reason = "a whole number up to 100")]
    (is_of_metric && is_whole).then_some(target.target_value as i32)
}

fn faults(observed: &ObservedService, seen: &Seen) -> Vec<(ManagedKind, &'static str)> {
    ManagedKind::ALL.into_iter().filter_map(|kind| Some((kind, fault(kind, observed, seen)?))).collect()
}

fn fault(kind: ManagedKind, observed: &ObservedService, seen: &Seen) -> Option<&'static str> {
    let is_missing = match kind {
        ManagedKind::LoadBalancer => seen.has_load_balancer == Some(false),
        ManagedKind::Listener => seen.has_listener == Some(false),
        ManagedKind::ListenerRule => match seen.rule.as_ref()? {
            Some(rule) => return is_diverted(observed, rule).then_some(CHANGED),
            None => true,
        },
        ManagedKind::TargetGroup => !seen.missing_target_groups.is_empty(),
        ManagedKind::Certificate => seen.has_certificate == Some(false),
        ManagedKind::ListenerCertificate => {
            seen.is_certificate_on_listener == Some(false)
                && seen.has_certificate != Some(false)
                && seen.has_listener != Some(false)
        }
        ManagedKind::ServiceSecurityGroup | ManagedKind::LoadBalancerSecurityGroup => {
            let there = seen.groups.as_ref()?;
            group_ids(observed, kind).iter().any(|id| !there.iter().any(|group| group.id == *id))
        }
        ManagedKind::IngressPermission => lacks_ingress(observed, seen.groups.as_ref()?),
        ManagedKind::ScalableTarget => seen.target == Some(None),
        ManagedKind::ScalingPolicy => seen.policies.as_ref().is_some_and(Vec::is_empty),
        ManagedKind::MetricAlarm => seen.has_alarm == Some(false),
        ManagedKind::LogGroup => seen.has_log_group == Some(false),
        // What ECS itself says of them holds; and Express makes no records and no web ACL.
        ManagedKind::Cluster
        | ManagedKind::Service
        | ManagedKind::TaskDefinition
        | ManagedKind::ValidationRecord
        | ManagedKind::AliasRecord
        | ManagedKind::WebAcl => false,
    };
    is_missing.then_some(MISSING)
}

/// Whether a service without it answers no request under its URL.
fn carries_traffic(kind: ManagedKind) -> bool {
    matches!(
        kind,
        ManagedKind::LoadBalancer
            | ManagedKind::LoadBalancerSecurityGroup
            | ManagedKind::Listener
            | ManagedKind::ListenerRule
            | ManagedKind::TargetGroup
            | ManagedKind::Certificate
            | ManagedKind::ListenerCertificate
            | ManagedKind::ServiceSecurityGroup
            | ManagedKind::IngressPermission
    )
}

/// Whether a rule does not take requests for the service's host name, or sends them nowhere near its target groups.
fn is_diverted(observed: &ObservedService, rule: &Rule) -> bool {
    let host = observed.ingress_paths.first().map(|path| path.hostname.as_str());
    let takes = |pattern: &str| {
        host.is_none_or(|host| pattern.contains(['*', '?']) || pattern.eq_ignore_ascii_case(host))
    };
    let mut hosts = rule.host_names().peekable();
    let is_for_others = hosts.peek().is_some() && !hosts.any(takes);
    let mut groups = observed.arns(ManagedKind::TargetGroup).peekable();
    let has_groups = groups.peek().is_some();
    let leads_here = groups.any(|group| rule.target_groups().any(|one| one.target_group_arn == group));
    is_for_others || has_groups && !leads_here
}

/// Whether nothing at all may reach the container's port. Groups of the user's own may let the load balancer in as well,
/// so with those nothing is said.
fn lacks_ingress(observed: &ObservedService, groups: &[SecurityGroup]) -> bool {
    let own = group_ids(observed, ManagedKind::ServiceSecurityGroup);
    let configuration = &observed.configuration;
    let has_others = configuration.security_groups.as_ref().is_none_or(|others| !others.is_empty());
    let container = configuration.primary_container.as_ref();
    let port = container.and_then(|container| u16::try_from(container.container_port?).ok());
    let Some(port) = port.filter(|_| !has_others && !own.is_empty()) else { return false };
    let of_service: Vec<_> = groups.iter().filter(|group| own.contains(&group.id)).collect();
    let mut ingress = of_service.iter().flat_map(|group| &group.ingress);
    let is_open = ingress.any(|one| one.ports.is_none_or(|(first, last)| (first..=last).contains(&port)));
    !of_service.is_empty() && !is_open
}

/// Marks the parts of a kind, or adds one that ECS does not list by itself.
fn mark(observed: &mut ObservedService, kind: ManagedKind, status: &str, seen: &Seen) {
    let is_meant = |resource: &&mut ManagedResource| {
        resource.kind == kind
            && (kind != ManagedKind::TargetGroup
                || resource.arn.as_ref().is_some_and(|arn| seen.missing_target_groups.contains(arn)))
    };
    let mut is_listed = false;
    for resource in observed.resources.iter_mut().filter(is_meant) {
        is_listed = true;
        status.clone_into(&mut resource.status);
        if status == MISSING {
            resource.arn = None;
        }
    }
    if !is_listed {
        observed.resources.push(ManagedResource {
            kind,
            arn: None,
            status: status.to_owned(),
            status_reason: None,
            name: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::aws::autoscaling::ScalableTarget;
    use crate::aws::ec2::{Peer, Permission};
    use crate::aws::elbv2::{Action, Condition, TargetGroupWeight};
    use crate::service::{Configuration, IngressPath, PrimaryContainer, ScalingTarget};

    fn observed() -> ObservedService {
        let row = |kind, arn: &str| ManagedResource {
            kind,
            arn: Some(arn.to_owned()),
            status: "ACTIVE".to_owned(),
            status_reason: None,
            name: None,
        };
        ObservedService {
            configuration: Configuration {
                primary_container: Some(PrimaryContainer {
                    container_port: Some(80),
                    ..PrimaryContainer::default()
                }),
                security_groups: Some(BTreeSet::new()),
                scaling_target: ScalingTarget {
                    min_task_count: Some(1),
                    max_task_count: Some(2),
                    ..ScalingTarget::default()
                },
                ..Configuration::default()
            },
            ingress_paths: vec![IngressPath::new("PUBLIC", "own.on.aws")],
            resources: vec![
                row(ManagedKind::ListenerRule, "rule"),
                row(ManagedKind::TargetGroup, "a"),
                row(ManagedKind::TargetGroup, "b"),
                row(ManagedKind::ServiceSecurityGroup, "arn:aws:ec2:r:1:security-group/sg-1"),
                row(ManagedKind::MetricAlarm, "alarm"),
            ],
            ..ObservedService::gone(
                "arn:aws:ecs:r:1:service/default/api".parse().expect("valid"),
                ServiceStatus::Active,
            )
        }
    }

    fn rule(hosts: &[&str], group: &str) -> Rule {
        let weight = TargetGroupWeight { target_group_arn: group.to_owned(), weight: 100 };
        Rule {
            arn: "rule".to_owned(),
            conditions: vec![Condition::hosts(hosts.iter().copied())],
            actions: vec![Action::forward(vec![weight])],
            ..Rule::default()
        }
    }

    fn told(seen: &Seen) -> (String, Vec<String>) {
        let judged = with_faults(observed(), seen);
        let faulty = judged.resources.iter().filter(|one| one.status != "ACTIVE");
        let names = faulty.map(|one| format!("{} {}", one.kind.as_str(), one.status)).collect();
        (judged.status.as_str().to_owned(), names)
    }

    #[test]
    fn what_aws_does_not_say_is_no_fault() {
        assert_eq!(told(&Seen::default()), ("ACTIVE".to_owned(), Vec::new()));
    }

    #[test]
    fn a_missing_rule_degrades_the_service_and_a_missing_alarm_does_not() {
        let seen = Seen { rule: Some(None), ..Seen::default() };
        assert_eq!(told(&seen), ("DEGRADED".to_owned(), vec!["listener_rule MISSING".to_owned()]));
        let seen = Seen { has_alarm: Some(false), ..Seen::default() };
        assert_eq!(told(&seen), ("ACTIVE".to_owned(), vec!["metric_alarm MISSING".to_owned()]));
    }

    #[test]
    fn a_rule_counts_as_changed_when_it_no_longer_leads_from_the_host_to_the_target_groups() {
        let judged = |rule| told(&Seen { rule: Some(Some(rule)), ..Seen::default() }).1;
        assert!(judged(rule(&["own.on.aws", "mine.example.com"], "b")).is_empty());
        assert!(judged(rule(&["*.on.aws"], "a")).is_empty());
        assert_eq!(judged(rule(&["mine.example.com"], "a")), ["listener_rule CHANGED"]);
        assert_eq!(judged(rule(&["own.on.aws"], "elsewhere")), ["listener_rule CHANGED"]);
    }

    #[test]
    fn a_group_that_lets_nobody_in_is_told_unless_the_user_has_groups_too() {
        let group = |ingress| SecurityGroup {
            id: "sg-1".to_owned(),
            name: String::new(),
            description: String::new(),
            vpc_id: String::new(),
            ingress,
            egress: Vec::new(),
            tags: std::collections::BTreeMap::new(),
        };
        let open = Permission::tcp(80, Peer::SecurityGroup("sg-2".to_owned()), "");
        assert!(!lacks_ingress(&observed(), &[group(vec![open])]));
        assert!(lacks_ingress(&observed(), &[group(Vec::new())]));
        let mut with_own = observed();
        with_own.configuration.security_groups = Some(BTreeSet::from(["sg-3".to_owned()]));
        assert!(!lacks_ingress(&with_own, &[group(Vec::new())]));
        assert_eq!(
            told(&Seen { groups: Some(Vec::new()), ..Seen::default() }).1,
            ["service_security_group MISSING"]
        );
    }

    #[test]
    fn the_bounds_are_those_of_application_auto_scaling() {
        let target = ScalableTarget { arn: None, min_capacity: 3, max_capacity: 9 };
        let bounds = |is_unscheduled| {
            let seen = Seen { target: Some(Some(target.clone())), is_unscheduled, ..Seen::default() };
            let scaling = with_live_scaling(observed(), &seen).configuration.scaling_target;
            (scaling.min_task_count, scaling.max_task_count)
        };
        assert_eq!(bounds(Some(true)), (Some(3), Some(9)));
        assert_eq!(bounds(Some(false)), (Some(1), Some(2)), "a scheduled action set them");
        assert_eq!(bounds(None), (Some(1), Some(2)), "nobody may say whether one did");
    }
}
