//! Whether the load balancer faces the internet, and what a plan says when that changes.
//!
//! Both engines go by the routes of the load balancer's subnets, unless the composed one is told. A service that leaves
//! the internet, or comes to it, must not do so in silence.

use std::collections::BTreeSet;

use super::known::is_composed;
use super::model::{InfrastructureModel, ServiceModel};
use super::subnets::{find_all, known_subnets};
use crate::aws::ec2::SubnetKind;
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::handle::Configured;
use crate::service::LoadBalancerScheme;

/// Plans the scheme that a change of place leads to, as far as the plan and the routes say it, and tells a change of it.
pub(super) async fn plan_scheme(
    configured: &Configured,
    plan: &mut Plan<ServiceModel>,
) -> Option<Diagnostic> {
    let is_create_half = plan.prior.is_none() && plan.replaces_live;
    if !is_create_half && !plan.prior.as_ref().is_some_and(|prior| has_other_place(prior, &plan.planned)) {
        return None;
    }
    let scheme = planned_scheme(configured, &plan.planned).await?;
    let known = Attr::Known(scheme.as_str().to_owned());
    match &mut plan.planned.infrastructure {
        Attr::Known(infrastructure) if infrastructure.load_balancer_scheme.is_unknown() => {
            infrastructure.load_balancer_scheme = known;
        }
        infrastructure if infrastructure.is_unknown() => {
            let unknown = InfrastructureModel::unknown();
            *infrastructure = Attr::Known(InfrastructureModel { load_balancer_scheme: known, ..unknown });
        }
        _ => {}
    }
    let before = plan.prior.as_ref()?.infrastructure.known()?.load_balancer_scheme.known()?;
    (before != scheme.as_str()).then(|| warn(before, scheme, plan))
}

fn has_other_place(prior: &ServiceModel, planned: &ServiceModel) -> bool {
    prior.engine != planned.engine
        || prior.load_balancer != planned.load_balancer
        || known_subnets(prior) != known_subnets(planned)
}

/// `None`: not known yet, not to be seen, or the subnets do not agree.
async fn planned_scheme(configured: &Configured, planned: &ServiceModel) -> Option<LoadBalancerScheme> {
    let mut ids = None;
    if is_composed(planned) && !planned.load_balancer.is_null() {
        let load_balancer = planned.load_balancer.known()?;
        if !load_balancer.scheme.is_null() {
            return load_balancer.scheme.known()?.parse().ok();
        }
        if !load_balancer.subnets.is_null() {
            let own = load_balancer.subnets.known()?;
            ids = Some(own.0.iter().map(Attr::cloned).collect::<Option<BTreeSet<_>>>()?);
        }
    }
    let ids = ids.or_else(|| known_subnets(planned)).filter(|ids| !ids.is_empty())?;
    let kinds: BTreeSet<_> =
        find_all(configured, &ids).await?.into_iter().map(|subnet| subnet.kind).collect();
    match kinds.into_iter().collect::<Vec<_>>()[..] {
        [SubnetKind::Public] => Some(LoadBalancerScheme::InternetFacing),
        [SubnetKind::Private] => Some(LoadBalancerScheme::Internal),
        _ => None,
    }
}

fn warn(before: &str, scheme: LoadBalancerScheme, plan: &Plan<ServiceModel>) -> Diagnostic {
    let change = format!("`load_balancer_scheme` changes: \"{before}\" -> \"{}\".", scheme.as_str());
    let is_of_subnets = plan.prior.as_ref().map(known_subnets) != Some(known_subnets(&plan.planned));
    let path = if is_of_subnets {
        Path::attribute("network_configuration").then("subnets")
    } else {
        Path::attribute("load_balancer")
    };
    let diagnostic = match scheme {
        LoadBalancerScheme::Internal => Diagnostic::warning(
            "The service leaves the internet",
            format!(
                "{change} From then on it answers inside of its VPC only, and not to the internet any more."
            ),
        )
        .hint("to stay public, name subnets with a route to an internet gateway"),
        LoadBalancerScheme::InternetFacing => Diagnostic::warning(
            "The service becomes reachable from the internet",
            format!("{change} From then on everybody can call it, and not only its VPC."),
        )
        .hint("to stay private, name subnets without a route to an internet gateway"),
    };
    diagnostic.at(path)
}
