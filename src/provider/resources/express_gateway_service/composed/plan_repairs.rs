//! Parts of a service that somebody deleted: the composed engine makes them again, so the plan says so.

use super::plan::open_load_balancer;
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::resources::express_gateway_service::known::is_composed;
use crate::provider::resources::express_gateway_service::model::{InfrastructureModel, ServiceModel};
use crate::provider::resources::express_gateway_service::unfinished::lacks_proof;
use crate::service::{ObjectNames, ServiceArn, ServiceStatus};

/// Plans an update if a part is missing that the service is to have. The state comes from a refresh, so what it lacks
/// is not there.
pub(in crate::provider::resources::express_gateway_service) fn plan_repairs(
    plan: &mut Plan<ServiceModel>,
) -> Option<Diagnostic> {
    let prior = plan.prior.as_ref()?;
    let is_live = prior.status.known().is_some_and(|status| status == ServiceStatus::Active.as_str());
    if !is_live || !is_composed(prior) || !is_composed(&plan.planned) {
        return None;
    }
    let live = prior.infrastructure.known()?;
    let mut missing = list_missing(&plan.planned, live);
    if lacks_proof(&plan.private) {
        missing.push(Missing { name: "record that proves the certificate", is_of_load_balancing: false });
    }
    if missing.is_empty() || !plan.requires_replace.is_empty() {
        return None;
    }
    let has_lost_place = missing.iter().any(|part| part.is_of_load_balancing);
    open(&mut plan.planned, has_lost_place);
    let names: Vec<_> = missing.iter().map(|part| part.name).collect();
    let detail = format!("Not there any more: {}. This apply makes it again.", names.join(", "));
    let diagnostic = Diagnostic::warning("Parts of the service are missing", detail);
    Some(diagnostic.at(Path::attribute("infrastructure")))
}

struct Missing {
    name: &'static str,
    /// Whether requests do not reach the tasks without it.
    is_of_load_balancing: bool,
}

fn list_missing(planned: &ServiceModel, live: &InfrastructureModel) -> Vec<Missing> {
    let is_short =
        |list: &Attr<Vec<String>>, count: usize| list.known().is_some_and(|list| list.len() < count);
    let has_alarm = planned
        .deployment_configuration
        .known()
        .and_then(|deployment| deployment.alarm.known())
        .is_none_or(|alarm| alarm.enable.known() != Some(&false));
    let parts = [
        ("load balancer", live.load_balancer_arn.is_null(), true),
        ("listener rule", live.listener_rule_arn.is_null(), true),
        ("target groups", is_short(&live.target_group_arns, 2), true),
        ("security group of the tasks", is_short(&live.service_security_group_ids, 1), true),
        ("certificate", live.certificate_arn.is_null() && !planned.domain.is_null(), true),
        ("log group", has_lost_log_group(planned, live), false),
        ("scalable target", live.scalable_target_arn.is_null(), false),
        ("scaling policy", is_short(&live.scaling_policy_arns, 1), false),
        ("rollback alarm", is_short(&live.metric_alarm_arns, 1) && has_alarm, false),
    ];
    let missing = parts.into_iter().filter(|(_, is_missing, _)| *is_missing);
    missing.map(|(name, _, is_of_load_balancing)| Missing { name, is_of_load_balancing }).collect()
}

/// Whether the log group that this provider makes is gone. One of the user's own is the user's to make.
fn has_lost_log_group(planned: &ServiceModel, live: &InfrastructureModel) -> bool {
    let arn: Option<ServiceArn> = planned.service_arn.known().and_then(|arn| arn.parse().ok());
    let container = planned.primary_container.known();
    let logs = container.and_then(|container| container.aws_logs_configuration.known());
    let (Some(arn), Some(logs)) = (arn, logs) else { return false };
    live.log_group_arn.is_null() && logs.log_group.known() == Some(&ObjectNames::new(arn).log_group())
}

fn open(planned: &mut ServiceModel, has_lost_place: bool) {
    if has_lost_place {
        planned.deployment = Attr::Unknown;
        planned.service_revision_arn = Attr::Unknown;
        if planned.domain.is_null() {
            planned.url = Attr::Unknown;
            planned.hostname = Attr::Unknown;
        }
    }
    let Attr::Known(infrastructure) = &mut planned.infrastructure else { return };
    if has_lost_place {
        open_load_balancer(infrastructure);
        infrastructure.service_security_group_ids = Attr::Unknown;
    }
    infrastructure.log_group_name = Attr::Unknown;
    infrastructure.log_group_arn = Attr::Unknown;
    infrastructure.scalable_target_arn = Attr::Unknown;
    infrastructure.scaling_policy_arns = Attr::Unknown;
    infrastructure.metric_alarm_arns = Attr::Unknown;
}

#[cfg(test)]
mod tests {
    use super::super::model::DomainModel;
    use super::*;

    fn complete() -> InfrastructureModel {
        let text = || Attr::Known("there".to_owned());
        let list = |count: usize| Attr::Known(vec!["there".to_owned(); count]);
        InfrastructureModel {
            load_balancer_arn: text(),
            listener_rule_arn: text(),
            target_group_arns: list(2),
            service_security_group_ids: list(1),
            log_group_arn: text(),
            scalable_target_arn: text(),
            scaling_policy_arns: list(1),
            metric_alarm_arns: list(1),
            certificate_arn: Attr::Null,
            ..InfrastructureModel::unknown()
        }
    }

    fn names(planned: &ServiceModel, live: &InfrastructureModel) -> Vec<&'static str> {
        list_missing(planned, live).into_iter().map(|part| part.name).collect()
    }

    #[test]
    fn a_whole_service_lacks_nothing_and_without_a_domain_it_needs_no_certificate() {
        let planned = ServiceModel::empty();
        assert_eq!(names(&planned, &complete()), Vec::<&str>::new());
        let on_domain = ServiceModel {
            domain: Attr::Known(DomainModel {
                hostname: Attr::Known("api.example.com".to_owned()),
                hosted_zone: Attr::Null,
                additional_hostnames: Attr::Null,
            }),
            ..planned
        };
        assert_eq!(names(&on_domain, &complete()), ["certificate"]);
    }

    #[test]
    fn what_is_gone_is_named() {
        let live = InfrastructureModel {
            listener_rule_arn: Attr::Null,
            metric_alarm_arns: Attr::Known(Vec::new()),
            ..complete()
        };
        assert_eq!(names(&ServiceModel::empty(), &live), ["listener rule", "rollback alarm"]);
    }
}
