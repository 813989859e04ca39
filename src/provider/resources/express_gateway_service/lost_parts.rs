//! Parts underneath a managed service that somebody deleted or changed: what an update brings back is planned, and what
//! none brings back is told by each refresh.

use serde_json::json;

use super::composed::open_part;
use super::known::is_composed;
use super::memory;
use super::model::{InfrastructureModel, ServiceModel};
use crate::diagnosis;
use crate::framework::resource::{Plan, Private};
use crate::framework::{Attr, Diagnostic};
use crate::service::{DEGRADED, ManagedKind, ObservedService};

/// Member of the bytes beside a state: parts that an update was to bring back, and did not.
const UNMENDED: &str = "unmended";

/// Plans an update where a part is missing that a deployment brings back, and says so. Whether it does is known after it.
pub(super) fn plan_mending(plan: &mut Plan<ServiceModel>) -> Option<Diagnostic> {
    let prior = plan.prior.clone()?;
    if is_composed(&prior) || is_composed(&plan.planned) || !plan.requires_replace.is_empty() {
        return None;
    }
    let faulty = faulty_kinds(&prior);
    let unmended = unmended(&plan.private);
    let is_mended = |kind: &ManagedKind| diagnosis::is_made_again(*kind) && !unmended.contains(kind);
    let mended: Vec<_> = faulty.iter().copied().filter(is_mended).collect();
    if faulty.is_empty() || mended.is_empty() && plan.planned == prior {
        return None;
    }
    let planned = &mut plan.planned;
    if planned.status.known().is_some_and(|status| status == DEGRADED) {
        planned.status = Attr::Unknown;
    }
    if let Attr::Known(infrastructure) = &mut planned.infrastructure {
        infrastructure.to_repair = Attr::Unknown;
        for kind in &faulty {
            open_faulty(infrastructure, *kind);
        }
    }
    if mended.is_empty() {
        return None;
    }
    planned.deployment = Attr::Unknown;
    planned.service_revision_arn = Attr::Unknown;
    Some(diagnosis::explain_mending(&mended))
}

/// Whether an apply has to look at the parts themselves: the plan knows of one that is missing or changed, or changes the
/// auto scaling, of which Express keeps a copy that does not show what somebody else did to it.
pub(super) fn looks_underneath(prior: &ServiceModel, planned: &ServiceModel) -> bool {
    !is_composed(planned)
        && (!faulty_kinds(prior).is_empty() || prior.scaling_target != planned.scaling_target)
}

/// What a refresh has to say of parts that no update brings back.
pub(super) fn explain(
    observed: &ObservedService,
    engine: &ServiceModel,
    private: &Private,
) -> Option<Diagnostic> {
    if is_composed(engine) {
        return None;
    }
    diagnosis::explain_lost_parts(observed, &unmended(private))
}

/// Keeps beside the state what an update was to bring back and did not, so that no later plan tries it again.
pub(super) fn remember_unmended(private: &Private, prior: &ServiceModel, after: &ServiceModel) -> Private {
    let was_faulty = faulty_kinds(prior);
    if was_faulty.is_empty() {
        return private.clone();
    }
    let still: Vec<_> = faulty_kinds(after)
        .into_iter()
        .filter(|kind| diagnosis::is_made_again(*kind) && was_faulty.contains(kind))
        .map(ManagedKind::as_str)
        .collect();
    memory::with_member(private, UNMENDED, (!still.is_empty()).then(|| json!(still)))
}

fn unmended(private: &Private) -> Vec<ManagedKind> {
    let member = memory::member(private, UNMENDED);
    let names: Vec<String> =
        member.and_then(|member| serde_json::from_value(member).ok()).unwrap_or_default();
    names.iter().filter_map(|name| kind_of(name)).collect()
}

/// Kinds of parts that the state tells of, each once.
fn faulty_kinds(state: &ServiceModel) -> Vec<ManagedKind> {
    let told = state.infrastructure.known().and_then(|infrastructure| infrastructure.to_repair.known());
    let names = told.into_iter().flatten().filter_map(|text| text.split(' ').next());
    let mut kinds: Vec<_> = names.filter_map(kind_of).collect();
    kinds.dedup();
    kinds
}

fn kind_of(name: &str) -> Option<ManagedKind> {
    ManagedKind::ALL.into_iter().find(|kind| kind.as_str() == name)
}

/// Opens where the ARN of a part shows.
fn open_faulty(infrastructure: &mut InfrastructureModel, kind: ManagedKind) {
    match kind {
        ManagedKind::LoadBalancer => {
            infrastructure.load_balancer_arn = Attr::Unknown;
            infrastructure.load_balancer_dns_name = Attr::Unknown;
            infrastructure.load_balancer_zone_id = Attr::Unknown;
        }
        ManagedKind::LoadBalancerSecurityGroup => {
            infrastructure.load_balancer_security_group_ids = Attr::Unknown;
        }
        ManagedKind::Listener => infrastructure.listener_arn = Attr::Unknown,
        ManagedKind::ListenerRule => infrastructure.listener_rule_arn = Attr::Unknown,
        ManagedKind::TargetGroup => infrastructure.target_group_arns = Attr::Unknown,
        ManagedKind::ServiceSecurityGroup => infrastructure.service_security_group_ids = Attr::Unknown,
        other => open_part(infrastructure, other),
    }
}

/// What an apply that went through says of a service that is not at its end what the plan counted on: parts are missing, or
/// it is going. Core would call it a defect of the provider.
pub(super) fn explain_loss(
    planned: &ServiceModel,
    state: &ServiceModel,
    observed: &ObservedService,
) -> Option<Diagnostic> {
    let told = |model: &ServiceModel| model.infrastructure.known().and_then(|it| it.to_repair.cloned());
    let is_lost = match (told(planned), told(state)) {
        (Some(planned), Some(found)) => found.iter().any(|part| !planned.contains(part)),
        _ => false,
    };
    let status = state.status.known()?;
    let is_other = planned.status.known().is_some_and(|planned| planned != status);
    let is_registered_anew = has_other_scalable_target(planned, state);
    (is_lost || is_other || is_registered_anew)
        .then(|| diagnosis::explain_loss_during_apply(observed, status, is_registered_anew))
}

/// Whether the scalable target is another one because somebody deleted the service: that takes it along, and what is registered
/// after it has another ARN. Nothing else is held to its plan here, so that what AWS may rename without a loss fails no
/// apply: moto, for one, gives a policy another ARN with every put.
fn has_other_scalable_target(planned: &ServiceModel, state: &ServiceModel) -> bool {
    let arn =
        |model: &ServiceModel| model.infrastructure.known().and_then(|it| it.scalable_target_arn.cloned());
    matches!((arn(planned), arn(state)), (Some(planned), Some(found)) if planned != found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(told: &[&str]) -> ServiceModel {
        let to_repair = Attr::Known(told.iter().map(|text| (*text).to_owned()).collect());
        let infrastructure = InfrastructureModel { to_repair, ..InfrastructureModel::unknown() };
        ServiceModel { infrastructure: Attr::Known(infrastructure), ..ServiceModel::empty() }
    }

    #[test]
    fn what_an_update_did_not_bring_back_is_remembered_until_it_is_back() {
        let prior = state(&["metric_alarm missing", "log_group missing"]);
        let private = remember_unmended(&Private::new(), &prior, &prior);
        assert_eq!(unmended(&private), [ManagedKind::MetricAlarm]);
        assert_eq!(remember_unmended(&private, &state(&[]), &state(&[])), private);
        assert_eq!(unmended(&remember_unmended(&private, &prior, &state(&[]))), []);
    }

    #[test]
    fn a_scalable_target_that_came_out_as_another_is_told() {
        let with = |arn: Attr<String>| ServiceModel {
            infrastructure: Attr::Known(InfrastructureModel {
                scalable_target_arn: arn,
                ..InfrastructureModel::unknown()
            }),
            ..ServiceModel::empty()
        };
        let known = |arn: &str| with(Attr::Known(arn.to_owned()));
        assert!(has_other_scalable_target(&known("a"), &known("b")));
        assert!(!has_other_scalable_target(&known("a"), &known("a")));
        assert!(!has_other_scalable_target(&with(Attr::Unknown), &known("b")));
        assert!(!has_other_scalable_target(&known("a"), &with(Attr::Null)));
    }

    #[test]
    fn an_apply_looks_underneath_only_where_the_plan_has_a_reason() {
        assert!(!looks_underneath(&state(&[]), &state(&[])));
        assert!(looks_underneath(&state(&["listener_rule missing"]), &state(&[])));
    }
}
