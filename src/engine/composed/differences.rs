//! What of an existing service is not as its blueprint wants it. Pure.

use std::collections::BTreeSet;

use super::blueprint::{Blueprint, Ingress};
use super::composition::Composition;
use super::decide::missing::{faults, is_let_in, mending};
use super::decide::network::{Barrier, Fate, fate};
use super::given_certificate::CertificateFlaw;
use super::ground::{Findings, Ground};
use super::plan::Part;
use super::planner::Differences;
use super::pool::Joined;
use super::service_input::{Underneath, starts_deployment, update_input};
use super::steps::{
    READY, alarm_definition, anchor_tags, desired_attributes, desired_health_check, is_scaling_as_wanted,
    lacks_note, pool_tag, scaling_bounds,
};
use crate::aws::acm::{CertificateStatus, name_covers};
use crate::aws::cloudwatch::alarm::MetricDataQuery;
use crate::aws::ecs::plain_services::PlainService;
use crate::engine::EngineError;
use crate::service::{ManagedKind, PHASE_TAG_KEY};

/// Whether the service has to go to another load balancer, or is on its way.
///
/// # Errors
/// It is on its way to one load balancer and wants yet another, or the move would leave a moment in which nobody answers.
pub(super) fn needs_move(blueprint: &Blueprint, existing: &Composition) -> Result<bool, EngineError> {
    let wanted = pool_tag(blueprint);
    let Some(current) = existing.pool_tag() else { return Ok(false) };
    let unfit = |reason: &str, hint: &str| {
        Err(EngineError::Unfit { reason: reason.to_owned(), hint: hint.to_owned() })
    };
    if existing.departure().is_some() && current != wanted {
        return unfit(
            "An earlier move to another load balancer has not ended, and now yet another load balancer is wanted.",
            "restore the arguments of the move that was cut short and apply; change them again after that",
        );
    }
    match fate(&blueprint.network, existing.departure().is_none() && current == wanted) {
        Fate::Stays => Ok(false),
        Fate::Moves => Ok(true),
        Fate::Barred(Barrier::OtherVpc) => unfit(
            "The new subnets are in another VPC, and target groups and security groups belong to one VPC.",
            "replace the service: terraform apply -replace <address>",
        ),
        Fate::Barred(Barrier::NoCommonZones) => unfit(
            "The old and the new load balancer are in zones between which the tasks cannot move without an outage.",
            "change `network_configuration.subnets` and `load_balancer` in two applies, so that the load balancers and \
             the tasks always share their zones, or replace the service: terraform apply -replace <address>",
        ),
    }
}

/// Host names that the service has and is not to have: its own first one, those of its own certificate, and those that
/// the state knows. What others put on the rule is none of them.
pub(super) fn retired_hosts(
    blueprint: &Blueprint,
    existing: &Composition,
    known: &BTreeSet<String>,
) -> Vec<String> {
    let own = existing.certificate.iter().filter(|it| it.is_ours).flat_map(|it| &it.names);
    let first = existing.hosts().into_iter().next();
    let ours: BTreeSet<_> = own.chain(known).cloned().chain(first).map(|host| host.to_lowercase()).collect();
    let is_there = |host: &String| existing.hosts().iter().any(|live| live.eq_ignore_ascii_case(host));
    ours.into_iter().filter(|host| is_there(host) && !blueprint.hosts().contains(host)).collect()
}

/// Zones that have records of the service and are not to have any.
pub(super) fn retired_zones(blueprint: &Blueprint, record_zones: &BTreeSet<String>) -> BTreeSet<String> {
    let wanted = blueprint.zone().map(|zone| &zone.id);
    record_zones.iter().filter(|id| Some(*id) != wanted).cloned().collect()
}

/// Whether what an earlier attempt left, without a service, is of the same load balancer and host name. A target group
/// belongs to one load balancer, and the rule has its host names from its beginning.
pub(super) fn is_continuable(blueprint: &Blueprint, pool_tag: Option<&str>, host: Option<&str>) -> bool {
    pool_tag.is_none_or(|pool| pool == self::pool_tag(blueprint))
        && host == blueprint.hosts().first().map(String::as_str)
}

/// A certificate that the user gave earlier must be for the host names that come now.
///
/// # Errors
/// It is not.
pub(super) fn check_given_certificate(
    blueprint: &Blueprint,
    existing: &Composition,
) -> Result<(), EngineError> {
    let Ingress::Https { hosts, given_certificate_arn: Some(given), .. } = &blueprint.ingress else {
        return Ok(());
    };
    let Some(certificate) = existing.certificate.as_ref().filter(|certificate| certificate.arn == *given)
    else {
        return Ok(());
    };
    let is_served = |host: &&String| existing.hosts().iter().any(|live| live.eq_ignore_ascii_case(host));
    let is_covered = |host: &&String| certificate.names.iter().any(|name| name_covers(name, host));
    match hosts.iter().find(|host| !is_served(host) && !is_covered(host)) {
        Some(host) => {
            let (arn, names) = (given.clone(), certificate.names.clone());
            Err(CertificateFlaw::OtherNames { arn, names, host: host.clone() }.into())
        }
        None => Ok(()),
    }
}

/// Parts that are not as the blueprint wants them.
pub(super) fn differences(ground: &Ground) -> Differences {
    let (blueprint, existing, change) = (&ground.blueprint, &ground.existing, &ground.change);
    let mut parts = BTreeSet::new();
    let mut note = |part: Part, differs: bool| {
        if differs {
            parts.insert(part);
        }
    };
    // A service that logged elsewhere may never have had a group of its own.
    let is_own_log_group = existing.log_group.as_ref().is_some_and(|group| group.name == blueprint.logs().0);
    let retention = blueprint.settings().log_retention_days;
    let live_retention = existing.log_group.as_ref().and_then(|group| group.retention_in_days);
    let has_other_retention = retention != live_retention && (retention.is_some() || change.frees_log);
    note(Part::LogGroup, blueprint.makes_log_group() && (!is_own_log_group || has_other_retention));
    note(Part::ServiceSecurityGroup, existing.service_security_group.is_none());
    let attributes = desired_attributes(blueprint);
    let has_attributes = existing
        .target_group_attributes
        .iter()
        .all(|live| attributes.iter().all(|(key, value)| live.get(key) == Some(value)));
    note(Part::TargetGroups, existing.target_groups.len() < 2 || !has_attributes);
    let is_idle_other = !change.is_deploying && has_other_health_check(blueprint, existing);
    note(Part::IdleHealthCheck, change.forces_deployment || is_idle_other);
    note_ingress(&mut note, ground);
    note(Part::Alarm, blueprint.has_alarm() && !is_alarm_as_wanted(ground));
    note(Part::Scaling, !has_place(existing) || !is_scaling_as_wanted(blueprint, existing));
    note(Part::Tags, change.tags.is_some());
    note_service(&mut note, ground);
    note_faults(&mut note, ground);
    parts
}

/// What somebody deleted or changed underneath, where the blueprint still wants it.
fn note_faults(note: &mut impl FnMut(Part, bool), ground: &Ground) {
    let blueprint = &ground.blueprint;
    for (kind, _) in faults(&blueprint.names, &ground.existing) {
        let is_wanted = match kind {
            ManagedKind::Certificate | ManagedKind::ListenerCertificate => blueprint.is_https(),
            ManagedKind::MetricAlarm => blueprint.has_alarm(),
            ManagedKind::LogGroup => blueprint.makes_log_group(),
            ManagedKind::WebAcl => blueprint.settings().web_acl_arn.is_some(),
            // Without a rule the service joins its pool anew.
            ManagedKind::ListenerRule => ground.existing.rule.is_some(),
            _ => true,
        };
        note(mending(kind), is_wanted);
    }
}

fn note_ingress(note: &mut impl FnMut(Part, bool), ground: &Ground) {
    let (blueprint, existing) = (&ground.blueprint, &ground.existing);
    let has_place = has_place(existing);
    note(Part::Pool, !has_place);
    let port = blueprint.container_port;
    let is_let_in = existing.load_balancer.as_ref().is_some_and(|it| is_let_in(existing, it, port));
    note(Part::SecurityGroupRules, !has_place || !is_let_in);
    let has_other_zone = !ground.change.retired_zones.is_empty() && blueprint.zone().is_some();
    let has_other_certificate = note_certificate(note, blueprint, existing, has_other_zone);
    note(Part::ListenerCertificate, !has_place && blueprint.is_https());
    let is_on_rule = |host: &String| {
        existing
            .rule
            .iter()
            .flat_map(crate::aws::elbv2::Rule::host_names)
            .any(|live| live.eq_ignore_ascii_case(host))
    };
    let has_new_hosts = existing.rule.is_some() && !blueprint.hosts().iter().all(is_on_rule);
    note(Part::RuleHosts, has_new_hosts);
    // The record of a host name that another service gives up leads here already, and goes with that service.
    let lacks_records = ground.change.lacks_records || has_new_hosts;
    note(Part::AliasRecord, (lacks_records || !has_place) && blueprint.zone().is_some());
    let has_retired = !ground.change.retired_hosts.is_empty() || !ground.change.retired_zones.is_empty();
    note(Part::RetiredHosts, has_retired);
    let is_as_tagged =
        anchor_tags(blueprint).iter().all(|(key, value)| existing.anchor_tag(key) == Some(value));
    let has_anchor = existing.service_security_group.is_some();
    // The service's tag names the certificate that is gone.
    let has_lost_certificate = blueprint.is_https() && existing.certificate.is_none();
    note(
        Part::Anchor,
        has_anchor && (!is_as_tagged || has_retired || has_other_certificate || has_lost_certificate),
    );
}

/// Whether the service has a rule on a load balancer. Somebody may have deleted either.
pub(super) fn has_place(existing: &Composition) -> bool {
    existing.rule.is_some() && existing.load_balancer.is_some() && existing.target_groups.len() == 2
}

/// Says whether another certificate takes the place of the present one.
fn note_certificate(
    note: &mut impl FnMut(Part, bool),
    blueprint: &Blueprint,
    existing: &Composition,
    has_other_zone: bool,
) -> bool {
    let Ingress::Https { hosts, given_certificate_arn, .. } = &blueprint.ingress else {
        note(Part::RetiredCertificate, existing.certificate.is_some());
        return existing.certificate.is_some();
    };
    let certificate = existing.certificate.as_ref();
    let is_fitting = certificate.is_some_and(|certificate| match given_certificate_arn {
        Some(arn) => certificate.arn == *arn,
        None => certificate.is_ours && certificate.is_exactly_for(hosts),
    });
    let is_serving = is_fitting && certificate.is_some_and(|it| it.status == CertificateStatus::Issued);
    note(Part::Certificate, !is_serving);
    // Another zone gets the records that prove the certificate, too: renewals need them.
    let lacks_proof = !existing.missing_proofs.is_empty() || has_other_zone;
    note(Part::CertificateValidation, (!is_serving || lacks_proof) && blueprint.makes_certificate());
    note(Part::ListenerCertificate, !is_serving);
    let is_other = certificate.is_some() && !is_fitting;
    note(Part::RetiredCertificate, is_other);
    is_other
}

fn note_service(note: &mut impl FnMut(Part, bool), ground: &Ground) {
    let (blueprint, existing, change) = (&ground.blueprint, &ground.existing, &ground.change);
    let Some(live) = existing.live_service() else { return };
    let has_other_document = match &blueprint.configuration.task_definition_arn {
        Some(arn) => live.task_definition != *arn,
        None => existing.task_definition.as_ref().map(|it| &it.document) != change.document.as_ref(),
    };
    let lacks_note = existing.task_definition.as_ref().is_some_and(|it| lacks_note(blueprint, it));
    note(Part::TaskDefinition, has_other_document || lacks_note);
    let input = underneath(ground).and_then(|underneath| update_input(blueprint, live, &underneath));
    let lacks_tasks = lacks_tasks(blueprint, live);
    let deploys = has_other_document
        || change.forces_deployment
        || change.has_failed
        || !has_place(existing)
        || input.as_ref().is_some_and(starts_deployment);
    note(Part::EcsService, deploys || lacks_tasks || input.is_some());
    let is_ready = live.tags.get(PHASE_TAG_KEY).is_some_and(|phase| phase == READY);
    note(Part::Phase, !is_ready);
    // A deployment of what is wanted may be on its way already.
    let is_under_way = deploys || lacks_tasks || change.is_deploying || !is_ready;
    note(Part::Deployment, blueprint.wait_for_steady_state && is_under_way);
}

/// Whether ECS is to run no task although the service is to have some: the circuit breaker leaves it so when the first
/// deployment fails (facts, express in the wild W1).
pub(super) fn lacks_tasks(blueprint: &Blueprint, live: &PlainService) -> bool {
    live.desired_count == 0 && scaling_bounds(blueprint).0 > 0
}

/// What lies under the service as it is: a change of these parts is found on its own.
fn underneath(ground: &Ground) -> Option<Underneath> {
    let existing = &ground.existing;
    let [a, b] = &existing.target_groups[..] else { return None };
    Some(Underneath {
        task_definition_arn: existing.live_service()?.task_definition.clone(),
        target_group_arns: [a.arn.clone(), b.arn.clone()],
        rule_arn: existing.rule.as_ref()?.arn.clone(),
        service_security_group_id: existing.service_security_group.as_ref()?.id.clone(),
        certificate_arn: existing.certificate.as_ref().map(|certificate| certificate.arn.clone()),
        live_target_group_arn: ground.change.live_target_group_arn.clone(),
    })
}

/// Whether another health check than the wanted one is on either target group.
fn has_other_health_check(blueprint: &Blueprint, existing: &Composition) -> bool {
    let wanted = desired_health_check(blueprint);
    existing.target_groups.iter().any(|group| group.health_check != wanted)
}

/// Whether another health check than the wanted one is on the target group that serves, or on any where that is not known.
/// It takes a deployment to change it: tasks that serve may not pass the wanted one.
pub(super) fn serves_with_other_health_check(
    blueprint: &Blueprint,
    existing: &Composition,
    live_target_group_arn: Option<&str>,
) -> bool {
    let serving =
        existing.target_groups.iter().find(|group| Some(group.arn.as_str()) == live_target_group_arn);
    match serving {
        Some(group) => group.health_check != desired_health_check(blueprint),
        None => has_other_health_check(blueprint, existing),
    }
}

/// Threshold and metrics: a put that changes nothing would be harmless, but is no update.
fn is_alarm_as_wanted(ground: &Ground) -> bool {
    let existing = &ground.existing;
    let (Some(alarm), Some(balancer), [a, b]) =
        (&existing.alarm, &existing.load_balancer, &existing.target_groups[..])
    else {
        return false;
    };
    let groups = [a.arn.clone(), b.arn.clone()];
    let wanted = alarm_definition(&ground.blueprint, &groups, &balancer.arn, Some(alarm));
    alarm.threshold.is_some_and(|threshold| (threshold - wanted.threshold).abs() < f64::EPSILON)
        && is_same_math(&alarm.metrics.member, &wanted.metrics)
}

/// Expressions and what they are over; the order of queries and dimensions means nothing.
fn is_same_math(live: &[MetricDataQuery], wanted: &[MetricDataQuery]) -> bool {
    let essence = |query: &MetricDataQuery| {
        let metric = query.metric_stat.as_ref().map(|stat| {
            let dimensions = stat.metric.dimensions.member.iter();
            let dimensions: BTreeSet<_> = dimensions.map(|it| (it.name.clone(), it.value.clone())).collect();
            (stat.metric.metric_name.clone(), dimensions)
        });
        (query.id.clone(), query.expression.clone(), metric)
    };
    let set = |queries: &[MetricDataQuery]| queries.iter().map(essence).collect::<BTreeSet<_>>();
    set(live) == set(wanted)
}

impl Findings {
    /// What is there already, for the parts that an update leaves alone.
    pub(super) fn of(existing: &Composition) -> Self {
        let findings = Self::default();
        if let [a, b] = &existing.target_groups[..] {
            let _ = findings.target_group_arns.set([a.arn.clone(), b.arn.clone()]);
        }
        if let Some(group) = &existing.service_security_group {
            let _ = findings.service_security_group_id.set(group.id.clone());
        }
        if let Some(certificate) = &existing.certificate {
            let _ = findings.certificate_arn.set(certificate.arn.clone());
        }
        if let (Some(balancer), Some(rule)) = (&existing.load_balancer, &existing.rule) {
            let _ = findings.joined.set(Joined {
                number: balancer
                    .name
                    .rsplit('-')
                    .next()
                    .and_then(|number| number.parse().ok())
                    .unwrap_or_default(),
                load_balancer_arn: balancer.arn.clone(),
                dns_name: balancer.dns_name.clone(),
                zone_id: balancer.zone_id.clone(),
                security_group_ids: balancer.security_group_ids.clone(),
                listener_arn: existing.listener_arn().unwrap_or_default(),
                rule_arn: rule.arn.clone(),
                priority: rule.priority.unwrap_or_default(),
            });
        }
        findings
    }

    /// Forgets what the step of a part is about to find anew.
    pub(super) fn forget(&mut self, part: Part) {
        match part {
            Part::TargetGroups => drop(self.target_group_arns.take()),
            Part::ServiceSecurityGroup => drop(self.service_security_group_id.take()),
            Part::Certificate => drop(self.certificate_arn.take()),
            Part::Pool => drop(self.joined.take()),
            _ => {}
        }
    }
}
