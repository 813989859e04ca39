//! Parts of a service that somebody deleted or changed: the composed engine makes them again, so the plan says so.

use super::plan::open_load_balancer;
use crate::diagnosis;
use crate::engine::composed::decide::missing::lacks_record;
use crate::engine::composed::{ZoneChoice, ZoneWish, choose_zone};
use crate::framework::resource::Plan;
use crate::framework::schema::{Attribute, Kind, Mode, Nesting};
use crate::framework::{Attr, Diagnostic, Model, Path, Value};
use crate::provider::handle::Configured;
use crate::provider::resources::express_gateway_service::known::is_composed;
use crate::provider::resources::express_gateway_service::model::{InfrastructureModel, ServiceModel};
use crate::provider::resources::express_gateway_service::schema;
use crate::service::{Domain, INCOMPLETE, MISSING, ManagedKind, ServiceStatus};

/// Plans an update if a part is missing that the service is to have, or is not as it was made. The state comes from a
/// refresh, and so `infrastructure.to_repair` in it says which; only records are looked for here, because only the configuration says
/// who keeps them.
pub(in crate::provider::resources::express_gateway_service) async fn plan_repairs(
    configured: Option<&Configured>,
    plan: &mut Plan<ServiceModel>,
) -> Option<Diagnostic> {
    let prior = plan.prior.clone()?;
    let has_status = |status: &str| prior.status.known().is_some_and(|known| known == status);
    let is_there = has_status(ServiceStatus::Active.as_str()) || has_status(INCOMPLETE);
    if !is_there || !is_composed(&prior) || !is_composed(&plan.planned) {
        return None;
    }
    if !plan.requires_replace.is_empty() {
        return None;
    }
    let mut faulty = list_faulty(&plan.planned, &prior);
    if let Some(configured) = configured
        && lacks_records(configured, &plan.planned, &prior).await
    {
        faulty.push(Faulty { kind: ManagedKind::AliasRecord, is_missing: true });
    }
    if let (Attr::Known(planned), Attr::Known(live)) =
        (&mut plan.planned.infrastructure, &prior.infrastructure)
    {
        let is_told = live.to_repair.known().is_some_and(|told| !told.is_empty());
        planned.to_repair = match (is_told, faulty.is_empty()) {
            (true, _) => Attr::Known(Vec::new()),
            // What only a look at the records tells: the plan must differ from the state, or nothing is applied.
            (false, false) => Attr::Unknown,
            (false, true) => live.to_repair.clone(),
        };
    }
    if faulty.is_empty() {
        return None;
    }
    for one in &faulty {
        open(&mut plan.planned, *one);
    }
    open_absent_results(&mut plan.planned, &prior);
    Some(warn(&faulty).at(Path::attribute("infrastructure")))
}

/// A part that is missing, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Faulty {
    kind: ManagedKind,
    is_missing: bool,
}

/// What the state tells of parts, as far as the plan still wants them.
fn list_faulty(planned: &ServiceModel, prior: &ServiceModel) -> Vec<Faulty> {
    let told = prior.infrastructure.known().and_then(|infrastructure| infrastructure.to_repair.known());
    let faulty = told.into_iter().flatten().filter_map(|text| {
        let (name, status) = text.split_once(' ')?;
        let kind = ManagedKind::ALL.into_iter().find(|kind| kind.as_str() == name)?;
        Some(Faulty { kind, is_missing: status.eq_ignore_ascii_case(MISSING) })
    });
    faulty.filter(|one| is_wanted(one.kind, planned)).collect()
}

fn is_wanted(kind: ManagedKind, planned: &ServiceModel) -> bool {
    match kind {
        ManagedKind::Certificate | ManagedKind::ListenerCertificate | ManagedKind::ValidationRecord => {
            !planned.domain.is_null()
        }
        ManagedKind::WebAcl => !planned.web_acl_arn.is_null(),
        ManagedKind::MetricAlarm => {
            let deployment = planned.deployment_configuration.known();
            let alarm = deployment.and_then(|deployment| deployment.alarm.known());
            alarm.is_none_or(|alarm| alarm.enable.known() != Some(&false))
        }
        _ => true,
    }
}

/// Whether a host name that stays has no record any more that leads to the load balancer, in a zone that the service's
/// records are in. What may not be read is left for the apply to find out.
async fn lacks_records(configured: &Configured, planned: &ServiceModel, prior: &ServiceModel) -> bool {
    let (Some(domain), Some(live)) = (planned.domain.known(), prior.infrastructure.known()) else {
        return false;
    };
    if planned.domain != prior.domain {
        return false;
    }
    let (Some(zone), Some(zone_id), Some(dns_name)) =
        (domain.hosted_zone.known(), live.load_balancer_zone_id.known(), live.load_balancer_dns_name.known())
    else {
        return false;
    };
    let additional = domain.additional_hostnames.known().into_iter().flat_map(|hosts| &hosts.0);
    let hosts = domain.hostname.known().into_iter().chain(additional.filter_map(Attr::known));
    let wished =
        Domain { hosted_zone: Some(zone.clone()), hostname: domain.hostname.cloned(), ..Domain::default() };
    // A zone of another account shows nothing, and is no reason to repair anything.
    let wish = ZoneWish { domain: &wished, has_certificate: true, recorded: None };
    let Ok(ZoneChoice::Found(zone)) = choose_zone(&configured.route53, wish).await else { return false };
    for host in hosts {
        match configured.route53.list_record_sets(&zone.id, host).await {
            Ok(sets) if lacks_record(&sets, zone_id, dns_name) => return true,
            Ok(_) => {}
            Err(error) => {
                tracing::info!(error = %error, "the records cannot be looked at, the apply will find out");
                return false;
            }
        }
    }
    false
}

fn warn(faulty: &[Faulty]) -> Diagnostic {
    let names = |is_missing: bool| {
        let of_kind = faulty.iter().filter(|one| one.is_missing == is_missing);
        of_kind.map(|one| diagnosis::part_name(one.kind)).collect::<Vec<_>>().join(", ")
    };
    let (missing, changed) = (names(true), names(false));
    if changed.is_empty() {
        let detail = format!("Not there any more: {missing}. This apply makes it again.");
        return Diagnostic::warning("Parts of the service are missing", detail);
    }
    let gone = if missing.is_empty() { String::new() } else { format!("Not there any more: {missing}. ") };
    let detail = format!("{gone}Changed by somebody else: {changed}. This apply mends it.");
    Diagnostic::warning("Parts of the service are missing or changed", detail)
}

/// Opens what shows a part that is made again.
fn open(planned: &mut ServiceModel, one: Faulty) {
    let is_of_place = match one.kind {
        ManagedKind::Service => {
            planned.status = Attr::Unknown;
            planned.task_definition_arn = Attr::Unknown;
            planned.infrastructure = Attr::Unknown;
            true
        }
        ManagedKind::LoadBalancer
        | ManagedKind::Listener
        | ManagedKind::TargetGroup
        | ManagedKind::ServiceSecurityGroup => true,
        ManagedKind::ListenerRule => one.is_missing,
        _ => false,
    };
    if is_of_place {
        planned.deployment = Attr::Unknown;
        planned.service_revision_arn = Attr::Unknown;
        // On a domain the address stays, unless the state has lost it with the load balancer.
        if planned.domain.is_null() || planned.url.is_null() {
            planned.url = Attr::Unknown;
            planned.hostname = Attr::Unknown;
        }
    }
    let Attr::Known(infrastructure) = &mut planned.infrastructure else { return };
    if is_of_place {
        open_load_balancer(infrastructure);
        infrastructure.service_security_group_ids = Attr::Unknown;
    }
    open_part(infrastructure, one.kind);
}

/// A service that was not whole has no deployment yet.
fn open_absent_results(planned: &mut ServiceModel, prior: &ServiceModel) {
    if prior.deployment.is_null() {
        planned.deployment = Attr::Unknown;
    }
    if prior.service_revision_arn.is_null() {
        planned.service_revision_arn = Attr::Unknown;
    }
}

/// Opens what the state lacks because a part is missing that would show it: a value that nobody wrote, and that the
/// engine finds or chooses when it makes the part again.
pub(in crate::provider::resources::express_gateway_service) fn open_absent(plan: &mut Plan<ServiceModel>) {
    let infrastructure = plan.prior.as_ref().and_then(|prior| prior.infrastructure.known());
    let told = infrastructure.and_then(|infrastructure| infrastructure.to_repair.known());
    if told.is_none_or(Vec::is_empty) {
        return;
    }
    let value = absent_opened(&schema().attributes, &plan.config.to_value(), &plan.planned.to_value());
    if let Ok(planned) = ServiceModel::from_value(&value, &Path::default()) {
        plan.planned = planned;
    }
}

fn absent_opened(members: &[Attribute], config: &Value, planned: &Value) -> Value {
    let Value::Object(values) = planned else { return planned.clone() };
    let opened = values.iter().map(|(name, value)| {
        let config = config.member(name).unwrap_or(&Value::Null);
        let attribute = members.iter().find(|attribute| attribute.name == name);
        let opened = match attribute {
            Some(attribute)
                if attribute.mode == Mode::OptionalComputed && config.is_null() && value.is_null() =>
            {
                Value::unknown()
            }
            Some(Attribute { kind: Kind::Nested(Nesting::Single, members), mode, .. })
                if *mode != Mode::Computed =>
            {
                absent_opened(members, config, value)
            }
            _ => value.clone(),
        };
        (name.clone(), opened)
    });
    Value::Object(opened.collect())
}

/// Opens what shows a part by its ARN.
pub(in crate::provider::resources::express_gateway_service) fn open_part(
    infrastructure: &mut InfrastructureModel,
    kind: ManagedKind,
) {
    match kind {
        ManagedKind::Certificate => infrastructure.certificate_arn = Attr::Unknown,
        ManagedKind::LogGroup => {
            infrastructure.log_group_name = Attr::Unknown;
            infrastructure.log_group_arn = Attr::Unknown;
        }
        ManagedKind::ScalableTarget | ManagedKind::ScalingPolicy => {
            infrastructure.scalable_target_arn = Attr::Unknown;
            infrastructure.scaling_policy_arns = Attr::Unknown;
        }
        ManagedKind::MetricAlarm => infrastructure.metric_alarm_arns = Attr::Unknown,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{AlarmModel, DeploymentConfigurationModel};
    use super::*;

    fn said(planned: &ServiceModel, told: &[&str]) -> String {
        let told = told.iter().map(|text| (*text).to_owned()).collect();
        let infrastructure =
            InfrastructureModel { to_repair: Attr::Known(told), ..InfrastructureModel::unknown() };
        let prior = ServiceModel { infrastructure: Attr::Known(infrastructure), ..ServiceModel::empty() };
        let faulty = list_faulty(planned, &prior);
        if faulty.is_empty() { String::new() } else { warn(&faulty).detail }
    }

    #[test]
    fn only_what_is_missing_or_changed_is_named() {
        let planned = ServiceModel::empty();
        assert_eq!(said(&planned, &[]), "");
        let told = ["listener_rule missing"];
        assert_eq!(said(&planned, &told), "Not there any more: listener rule. This apply makes it again.");
        let told = ["log_group missing", "metric_alarm changed"];
        assert_eq!(
            said(&planned, &told),
            "Not there any more: log group. Changed by somebody else: rollback alarm. This apply mends it."
        );
    }

    #[test]
    fn what_the_plan_gives_up_is_not_missed() {
        let told = ["listener_certificate missing", "metric_alarm missing"];
        let alarm =
            AlarmModel { enable: Attr::Known(false), threshold_percent: Attr::Null, include_4xx: Attr::Null };
        let deployment = DeploymentConfigurationModel {
            strategy: Attr::Null,
            bake_time_minutes: Attr::Null,
            canary_percent: Attr::Null,
            canary_bake_time_minutes: Attr::Null,
            linear_step_percent: Attr::Null,
            linear_step_bake_time_minutes: Attr::Null,
            maximum_percent: Attr::Null,
            minimum_healthy_percent: Attr::Null,
            alarm: Attr::Known(alarm),
            circuit_breaker: Attr::Null,
        };
        let planned =
            ServiceModel { deployment_configuration: Attr::Known(deployment), ..ServiceModel::empty() };
        assert_eq!(said(&planned, &told), "");
    }
}
