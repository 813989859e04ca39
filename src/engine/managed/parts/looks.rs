//! What is there of a service's parts.

#![expect(clippy::option_option, reason = "AWS does not say, there is none, or there is one")]

use std::sync::Arc;
use std::time::SystemTime;

use super::Parts;
use super::judge::tracked_value;
use super::shelf::said;
use crate::aws::autoscaling::{ScalableTarget, ScalingPolicy, resource_id};
use crate::aws::ec2::SecurityGroup;
use crate::aws::elbv2::Rule;
use crate::service::{Arn, ManagedKind, ObservedService};

/// Tag with which ECS marks what it makes (facts, express section 2.1).
const MANAGED_TAG_KEY: &str = "AmazonECSManaged";

/// What was seen. `None` everywhere: AWS does not say, or there was nothing to look for.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) has_load_balancer: Option<bool>,
    pub(super) has_listener: Option<bool>,
    /// The service's rule, or that there is none.
    pub(super) rule: Option<Option<Rule>>,
    /// Target groups that are not there.
    pub(super) missing_target_groups: Vec<String>,
    pub(super) has_certificate: Option<bool>,
    pub(super) is_certificate_on_listener: Option<bool>,
    /// Those of the service's security groups, and of the load balancer's, that are there.
    pub(super) groups: Option<Vec<SecurityGroup>>,
    pub(super) target: Option<Option<ScalableTarget>>,
    /// Whether nobody but the service's own bounds says how many tasks there may be. A scheduled action rewrites the
    /// target's bounds each time, and is no difference.
    pub(super) is_unscheduled: Option<bool>,
    pub(super) policies: Option<Vec<ScalingPolicy>>,
    pub(super) has_alarm: Option<bool>,
    pub(super) has_log_group: Option<bool>,
}

pub(super) async fn look(parts: &Parts, observed: &ObservedService) -> Seen {
    let now = parts.clock.now();
    let (traffic, certificate, groups, scaling, has_alarm, has_log_group) = tokio::join!(
        look_at_traffic(parts, observed, now),
        look_at_certificate(parts, observed, now),
        look_at_groups(parts, observed, now),
        look_at_scaling(parts, observed, now),
        look_at_alarm(parts, observed, now),
        look_at_log_group(parts, observed, now),
    );
    let (is_certificate_on_listener, has_certificate) = certificate;
    let (target, policies, is_unscheduled) = scaling;
    Seen {
        has_certificate,
        is_certificate_on_listener,
        groups,
        target,
        is_unscheduled,
        policies,
        has_alarm,
        has_log_group,
        ..traffic
    }
}

/// The ARN of the first part of a kind that ECS calls active.
fn active(observed: &ObservedService, kind: ManagedKind) -> Option<&str> {
    active_arns(observed, kind).next()
}

pub(super) fn active_arns(observed: &ObservedService, kind: ManagedKind) -> impl Iterator<Item = &str> {
    let of_kind = observed.resources.iter().filter(move |resource| resource.kind == kind);
    of_kind.filter(|resource| resource.status == "ACTIVE").filter_map(|resource| resource.arn.as_deref())
}

/// Load balancer, listener, rule and target groups. A rule that is there has its target groups with it: AWS deletes none
/// that a rule forwards to.
async fn look_at_traffic(parts: &Parts, observed: &ObservedService, now: SystemTime) -> Seen {
    let listener = active(observed, ManagedKind::Listener);
    let (Some(listener), Some(rule_arn)) = (listener, active(observed, ManagedKind::ListenerRule)) else {
        return Seen::default();
    };
    let list = || parts.elbv2.list_rules(listener);
    let Some(rules) = parts.shelf.rules.find(now, listener, list).await else { return Seen::default() };
    let mut seen = Seen { has_listener: Some(!rules.is_empty()), ..Seen::default() };
    let listed = rules.iter().find(|rule| rule.arn == rule_arn).cloned();
    let rule = match listed {
        Some(rule) => Some(rule),
        // It may have been made after the listing.
        None => match said(parts.elbv2.find_rule(rule_arn).await) {
            Some(rule) => rule,
            None => return Seen::default(),
        },
    };
    if seen.has_listener == Some(false) && rule.is_none() {
        let balancer = active(observed, ManagedKind::LoadBalancer);
        if let Some(balancer) = balancer {
            seen.has_load_balancer =
                said(parts.elbv2.find_load_balancer(balancer).await).map(|found| found.is_some());
        }
    } else {
        seen.has_listener = Some(true);
    }
    for group in active_arns(observed, ManagedKind::TargetGroup) {
        let is_forwarded_to =
            rule.as_ref().is_some_and(|rule| rule.target_groups().any(|one| one.target_group_arn == group));
        if !is_forwarded_to && said(parts.elbv2.is_target_group_there(group).await) == Some(false) {
            seen.missing_target_groups.push(group.to_owned());
        }
    }
    seen.rule = Some(rule);
    seen
}

/// Whether the certificate is on the listener, and where it is not, whether it is there at all.
async fn look_at_certificate(
    parts: &Parts,
    observed: &ObservedService,
    now: SystemTime,
) -> (Option<bool>, Option<bool>) {
    let listener = active(observed, ManagedKind::Listener);
    let (Some(listener), Some(certificate)) = (listener, active(observed, ManagedKind::Certificate)) else {
        return (None, None);
    };
    let list = || parts.elbv2.list_all_listener_certificates(listener);
    let Some(listed) = parts.shelf.certificates.find(now, listener, list).await else {
        return (None, None);
    };
    if listed.iter().any(|arn| arn == certificate) {
        return (Some(true), Some(true));
    }
    let Some(listed) = said(list().await) else { return (None, None) };
    if listed.iter().any(|arn| arn == certificate) {
        return (Some(true), Some(true));
    }
    let found = said(parts.acm.find_certificate(certificate).await);
    (Some(false), found.map(|found| found.is_some()))
}

async fn look_at_groups(
    parts: &Parts,
    observed: &ObservedService,
    now: SystemTime,
) -> Option<Vec<SecurityGroup>> {
    let kinds = [ManagedKind::ServiceSecurityGroup, ManagedKind::LoadBalancerSecurityGroup];
    let ids: Vec<String> = kinds.into_iter().flat_map(|kind| group_ids(observed, kind)).collect();
    if ids.is_empty() {
        return None;
    }
    let list = || async {
        let groups = parts.ec2.list_security_groups_tagged(MANAGED_TAG_KEY, "true").await?;
        Ok(groups.into_iter().map(|group| (group.id.clone(), group)).collect())
    };
    let listed = parts.shelf.groups.find(now, MANAGED_TAG_KEY, list).await?;
    let found: Option<Vec<_>> = ids.iter().map(|id| listed.get(id).cloned()).collect();
    match found {
        Some(groups) => Some(groups),
        None => said(parts.ec2.list_existing_security_groups(&ids).await),
    }
}

/// Ids of the security groups of a kind that ECS calls active.
pub(super) fn group_ids(observed: &ObservedService, kind: ManagedKind) -> Vec<String> {
    let arns = active_arns(observed, kind).filter_map(|arn| arn.parse::<Arn>().ok());
    arns.map(|arn| arn.resource_id().to_owned()).collect()
}

async fn look_at_scaling(
    parts: &Parts,
    observed: &ObservedService,
    now: SystemTime,
) -> (Option<Option<ScalableTarget>>, Option<Vec<ScalingPolicy>>, Option<bool>) {
    if active(observed, ManagedKind::ScalableTarget).is_none() {
        return (None, None, None);
    }
    let id = resource_id(observed.arn.cluster(), observed.arn.name());
    let targets = || parts.autoscaling.list_scalable_targets();
    let policies = || parts.autoscaling.list_all_scaling_policies();
    let (targets, policies) = tokio::join!(
        parts.shelf.targets.find(now, "", targets),
        parts.shelf.policies.find(now, "", policies)
    );
    let target = match targets.map(|listed| listed.get(&id).cloned()) {
        Some(Some(target)) if !has_other_bounds(observed, &target) => Some(Some(target)),
        // Gone or changed, or the listing is older than the service's own answer.
        Some(_) => said(parts.autoscaling.find_scalable_target(&id).await),
        None => None,
    };
    let policies = match policies.map(|listed: Arc<_>| listed.get(&id).cloned()) {
        Some(Some(policies)) if !has_other_value(observed, &policies) => Some(policies),
        Some(_) => said(parts.autoscaling.list_scaling_policies(&id).await),
        None => None,
    };
    let has_other_bounds = target.iter().flatten().any(|target| has_other_bounds(observed, target));
    let is_unscheduled = if has_other_bounds {
        said(parts.autoscaling.has_scheduled_actions(&id).await).map(|has_actions| !has_actions)
    } else {
        None
    };
    (target, policies, is_unscheduled)
}

fn has_other_value(observed: &ObservedService, policies: &[ScalingPolicy]) -> bool {
    let own = &observed.configuration.scaling_target;
    let live = tracked_value(policies, own.auto_scaling_metric.as_ref());
    live.is_some() && live != own.auto_scaling_target_value
}

fn has_other_bounds(observed: &ObservedService, target: &ScalableTarget) -> bool {
    let own = &observed.configuration.scaling_target;
    own.min_task_count.is_some_and(|min| min != target.min_capacity)
        || own.max_task_count.is_some_and(|max| max != target.max_capacity)
}

async fn look_at_alarm(parts: &Parts, observed: &ObservedService, now: SystemTime) -> Option<bool> {
    let name = active(observed, ManagedKind::MetricAlarm)?.split_once(":alarm:")?.1;
    // Express names alarms after the cluster (facts, express section 2.1).
    let prefix = name.split_inclusive('/').next().unwrap_or(name);
    let list = || parts.cloudwatch.list_alarm_names(prefix);
    let listed = parts.shelf.alarms.find(now, prefix, list).await?;
    if listed.iter().any(|one| one == name) {
        return Some(true);
    }
    said(parts.cloudwatch.find_alarm(name).await).map(|found| found.is_some())
}

async fn look_at_log_group(parts: &Parts, observed: &ObservedService, now: SystemTime) -> Option<bool> {
    let group = observed.resource(ManagedKind::LogGroup).filter(|group| group.status == "ACTIVE")?;
    let name = group.name.as_deref()?;
    let prefix = name.rfind('/').map_or(name, |end| &name[..=end]);
    let list = || parts.logs.list_log_group_names(prefix);
    let listed = parts.shelf.log_groups.find(now, prefix, list).await?;
    if listed.iter().any(|one| one == name) {
        return Some(true);
    }
    said(parts.logs.find_log_group(name).await).map(|found| found.is_some())
}
