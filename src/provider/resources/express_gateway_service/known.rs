//! What the composed engine decides by itself, and a plan therefore knows before the service is made.

use super::model::{InfrastructureModel, ServiceModel};
use crate::engine::composed::Place;
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::handle::COMPOSED_ENGINE;
use crate::service::{DEFAULT_CLUSTER_NAME, ObjectNames, ServiceArn};

/// Whether the provider itself assembles the service.
pub(super) fn is_composed(model: &ServiceModel) -> bool {
    model.engine.known().is_some_and(|engine| engine == COMPOSED_ENGINE)
}

/// Fills in cluster and ARNs, which follow from the names. Silent while a name is not known.
pub(super) fn plan_identity(plan: &mut Plan<ServiceModel>, place: &Place) {
    if plan.prior.is_some() {
        return;
    }
    let planned = &mut plan.planned;
    if plan.config.cluster.is_null() {
        planned.cluster = Attr::Known(DEFAULT_CLUSTER_NAME.to_owned());
    }
    let Some(cluster) = planned.cluster.known() else { return };
    // The cluster's ARN is the same for every service in it.
    let name = planned.service_name.known();
    let Ok(arn) = place.service_arn(Some(cluster), name.map_or("any", String::as_str)) else { return };
    planned.cluster_arn = Attr::Known(arn.cluster_arn());
    if name.is_some() {
        planned.service_arn = Attr::Known(arn.to_string());
    }
}

/// Fills in the log group that the composed engine makes.
pub(super) fn plan_known(plan: &mut Plan<ServiceModel>) {
    if !is_composed(&plan.planned) || plan.prior.is_some() {
        return;
    }
    let planned = &mut plan.planned;
    let Some(arn) = planned.service_arn.known().and_then(|arn| arn.parse::<ServiceArn>().ok()) else {
        return;
    };
    let written = plan.config.primary_container.known();
    let makes_log_group = written.is_some_and(|written| {
        written.aws_logs_configuration.is_null() && written.log_configuration.is_null()
    });
    if makes_log_group && planned.infrastructure.is_unknown() {
        let name = ObjectNames::new(arn).log_group();
        planned.infrastructure = Attr::Known(InfrastructureModel {
            log_group_name: Attr::Known(name),
            ..InfrastructureModel::unknown()
        });
    }
}

/// Without a domain there is no certificate, so the service answers without TLS. Said once: when it comes to that.
pub(super) fn warn_about_plain_http(plan: &Plan<ServiceModel>) -> Option<Diagnostic> {
    let is_plain = |model: &ServiceModel| is_composed(model) && model.domain.is_null();
    let was_plain = plan.prior.as_ref().is_some_and(is_plain);
    (is_plain(&plan.planned) && !was_plain).then(|| {
        Diagnostic::warning(
            "The service will answer over plain HTTP",
            "Without a domain nobody can have a certificate, so the service gets a load balancer of its own and answers \
             under that one's name, unencrypted. With a domain it answers over HTTPS under its own name, and shares the \
             load balancer with up to 24 others.",
        )
        .at(Path::attribute("domain"))
        .hint("set `domain = { hosted_zone = \"example.com\" }`, or `default_domain` in the provider block")
    })
}
