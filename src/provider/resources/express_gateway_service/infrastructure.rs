//! `infrastructure`: what is underneath a service.

use super::model::InfrastructureModel;
use crate::framework::Attr;
use crate::service::{Arn, CHANGED, MISSING, ManagedKind, ManagedResource, ObservedService};

/// What is underneath, by name. Resources that are gone are left out. The address of a load balancer never changes, so
/// one that could not be read again is as it was known.
pub(super) fn flatten_infrastructure(
    observed: &ObservedService,
    known: &Attr<InfrastructureModel>,
) -> InfrastructureModel {
    let infrastructure = flatten_observed(observed);
    let is_unread = |known: &&InfrastructureModel| {
        observed.load_balancer_address.is_none()
            && known.load_balancer_arn.known().is_some()
            && known.load_balancer_arn == infrastructure.load_balancer_arn
    };
    match known.known().filter(is_unread) {
        Some(known) => InfrastructureModel {
            load_balancer_dns_name: known.load_balancer_dns_name.cloned().into(),
            load_balancer_zone_id: known.load_balancer_zone_id.cloned().into(),
            ..infrastructure
        },
        None => infrastructure,
    }
}

fn flatten_observed(observed: &ObservedService) -> InfrastructureModel {
    let arn = |kind| find_live(observed, kind).and_then(|resource| resource.arn.clone()).into();
    let name = |kind| find_live(observed, kind).and_then(|resource| resource.name.clone()).into();
    let address = observed.load_balancer_address.as_ref();
    InfrastructureModel {
        load_balancer_arn: arn(ManagedKind::LoadBalancer),
        load_balancer_dns_name: address.map(|address| address.dns_name.clone()).into(),
        load_balancer_zone_id: address.map(|address| address.zone_id.clone()).into(),
        load_balancer_scheme: name(ManagedKind::LoadBalancer),
        load_balancer_security_group_ids: Attr::Known(list_ids(
            observed,
            ManagedKind::LoadBalancerSecurityGroup,
        )),
        listener_arn: arn(ManagedKind::Listener),
        listener_rule_arn: arn(ManagedKind::ListenerRule),
        target_group_arns: Attr::Known(list_arns(observed, ManagedKind::TargetGroup)),
        certificate_arn: arn(ManagedKind::Certificate),
        service_security_group_ids: Attr::Known(list_ids(observed, ManagedKind::ServiceSecurityGroup)),
        log_group_name: name(ManagedKind::LogGroup),
        log_group_arn: arn(ManagedKind::LogGroup),
        scalable_target_arn: arn(ManagedKind::ScalableTarget),
        scaling_policy_arns: Attr::Known(list_arns(observed, ManagedKind::ScalingPolicy)),
        metric_alarm_arns: Attr::Known(list_arns(observed, ManagedKind::MetricAlarm)),
        to_repair: Attr::Known(list_to_repair(observed)),
    }
}

/// Parts that the next apply makes again, and why.
fn list_to_repair(observed: &ObservedService) -> Vec<String> {
    let is_faulty = |resource: &&ManagedResource| [MISSING, CHANGED].contains(&resource.status.as_str());
    let faulty = observed.resources.iter().filter(is_faulty);
    faulty.map(|resource| format!("{} {}", resource.kind.as_str(), resource.status.to_lowercase())).collect()
}

fn is_live(resource: &ManagedResource) -> bool {
    !matches!(resource.status.as_str(), "DELETED" | "DEPROVISIONING")
}

fn find_live(observed: &ObservedService, kind: ManagedKind) -> Option<&ManagedResource> {
    observed.resources.iter().find(|resource| resource.kind == kind && is_live(resource))
}

fn list_arns(observed: &ObservedService, kind: ManagedKind) -> Vec<String> {
    let resources = observed.resources.iter().filter(|resource| resource.kind == kind && is_live(resource));
    resources.filter_map(|resource| resource.arn.clone()).collect()
}

fn list_ids(observed: &ObservedService, kind: ManagedKind) -> Vec<String> {
    let arns = list_arns(observed, kind);
    arns.iter().filter_map(|arn| arn.parse::<Arn>().ok()).map(|arn| arn.resource_id().to_owned()).collect()
}
