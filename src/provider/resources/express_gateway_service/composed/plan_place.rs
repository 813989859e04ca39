//! What a change of subnets or of the load balancer's settings means: the service stays on its load balancer, moves to
//! another one, or cannot without an outage and is replaced (facts, composition section 4).

use std::collections::BTreeSet;

use super::expand_settings;
use super::plan::open_load_balancer;
use crate::aws::AwsError;
use crate::engine::composed::decide::network::{Barrier, Fate, Subnets, fate, network, pool_key};
use crate::engine::composed::pool::PoolId;
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Model, Path};
use crate::provider::handle::Configured;
use crate::provider::resources::express_gateway_service::known::is_composed;
use crate::provider::resources::express_gateway_service::model::ServiceModel;
use crate::provider::resources::express_gateway_service::subnets::{find_all, known_subnets};
use crate::service::{ObjectNames, ServiceArn};

const OTHER_VPC: &str = "Target groups and security groups belong to one VPC, and so does the service.";
const NO_COMMON_ZONES: &str = "A load balancer reaches tasks in its own zones only, and neither are the new subnets of \
the tasks in the zones of the present load balancer, nor the present ones in those of the new load balancer. So there is \
no order in which both could change without a moment in which nobody answers. Two applies that change one after the \
other, with a zone in common, would do it.";

/// Plans a change of place of an existing service. What may not be read is left for the apply to find out.
/// `default_zone` is the zone of the provider's `default_domain`.
pub(in crate::provider::resources::express_gateway_service) async fn plan_place(
    configured: &Configured,
    plan: &mut Plan<ServiceModel>,
    default_zone: &Attr<String>,
) -> Vec<Diagnostic> {
    let Some(prior) = plan.prior.clone().filter(|prior| is_composed(prior) && is_composed(&plan.planned))
    else {
        return Vec::new();
    };
    if plan.planned == prior {
        return Vec::new();
    }
    let path = if known_subnets(&prior) == known_subnets(&plan.planned) {
        Path::attribute("load_balancer")
    } else {
        Path::attribute("network_configuration").then("subnets")
    };
    let gets_domain = !plan.config.domain.is_null() || !default_zone.is_null();
    match judge(configured, &prior, &plan.planned, gets_domain).await {
        Some(Fate::Stays) => Vec::new(),
        Some(Fate::Barred(barrier)) => {
            plan.requires_replace.push(path.clone());
            let summary = "The service is replaced, because it cannot move without an outage";
            let reason = match barrier {
                Barrier::OtherVpc => OTHER_VPC,
                Barrier::NoCommonZones => NO_COMMON_ZONES,
            };
            vec![Diagnostic::warning(summary, reason).at(path)]
        }
        Some(Fate::Moves) => {
            open(plan, &prior, gets_domain);
            warn_about_address(plan, &prior, gets_domain).into_iter().collect()
        }
        None => {
            if may_touch_place(&prior, &plan.planned, gets_domain) {
                open(plan, &prior, gets_domain);
            }
            Vec::new()
        }
    }
}

/// Whether an argument changes, or may, that says which load balancer the service is on.
fn may_touch_place(prior: &ServiceModel, planned: &ServiceModel, gets_domain: bool) -> bool {
    prior.load_balancer != planned.load_balancer
        || prior.web_acl_arn != planned.web_acl_arn
        || prior.domain.is_null() == gets_domain
        || known_subnets(prior) != known_subnets(planned)
}

/// What becomes of the service's place: the engine's own decision. `None`: it follows from what is not known yet, or
/// may not be read.
async fn judge(
    configured: &Configured,
    prior: &ServiceModel,
    planned: &ServiceModel,
    gets_domain: bool,
) -> Option<Fate> {
    let (before, after) = (known_subnets(prior)?, known_subnets(planned)?);
    let own = own_subnets(planned)?;
    let is_known = planned.load_balancer.to_value().is_wholly_known() && !planned.web_acl_arn.is_unknown();
    if !is_known || planned.domain.is_unknown() {
        return None;
    }
    let arn: ServiceArn = prior.service_arn.known()?.parse().ok()?;
    let balancer_arn = prior.infrastructure.known()?.load_balancer_arn.known()?;
    let subnets = match look(configured, balancer_arn, &before, &after, &own).await {
        Ok(subnets) => subnets?,
        Err(error) => {
            tracing::info!(error = %error, "the subnets cannot be looked at, the apply will find out");
            return None;
        }
    };
    let settings = expand_settings(planned);
    // What the subnets cannot be together is an error of its own.
    let network = network(&settings, &subnets).ok()?;
    let wanted = pool_key(&ObjectNames::new(arn), &settings, &network, gets_domain).id();
    let current = balancer_arn.split('/').nth(2).and_then(PoolId::of_load_balancer);
    Some(fate(&network, current.as_ref() == Some(&wanted)))
}

/// The load balancer's own subnets, if the user names any; `None`: not known yet.
fn own_subnets(model: &ServiceModel) -> Option<BTreeSet<String>> {
    let load_balancer = match &model.load_balancer {
        Attr::Null => return Some(BTreeSet::new()),
        Attr::Unknown => return None,
        Attr::Known(load_balancer) => load_balancer,
    };
    match &load_balancer.subnets {
        Attr::Null => Some(BTreeSet::new()),
        Attr::Unknown => None,
        Attr::Known(subnets) => subnets.0.iter().map(Attr::cloned).collect(),
    }
}

async fn look(
    configured: &Configured,
    balancer_arn: &str,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
    own: &BTreeSet<String>,
) -> Result<Option<Subnets>, AwsError> {
    let Some(balancer) = configured.elbv2.find_load_balancer(balancer_arn).await? else { return Ok(None) };
    let live: BTreeSet<String> = balancer.subnet_ids.into_iter().collect();
    let all: BTreeSet<String> = [before, after, own, &live].into_iter().flatten().cloned().collect();
    let Some(subnets) = find_all(configured, &all).await else { return Ok(None) };
    let of = |ids: &BTreeSet<String>| {
        subnets.iter().filter(|subnet| ids.contains(&subnet.id)).cloned().collect::<Vec<_>>()
    };
    Ok(Some(Subnets {
        of_tasks: of(after),
        of_load_balancer: of(own),
        current_of_tasks: of(before),
        current_of_load_balancer: of(&live),
    }))
}

/// Another load balancer has other parts, and without a domain another address.
fn open(plan: &mut Plan<ServiceModel>, prior: &ServiceModel, gets_domain: bool) {
    if let Attr::Known(infrastructure) = &mut plan.planned.infrastructure {
        open_load_balancer(infrastructure);
    }
    if prior.domain.is_null() && !gets_domain {
        plan.planned.url = Attr::Unknown;
        plan.planned.hostname = Attr::Unknown;
    }
}

/// Whoever keeps the address elsewhere must follow: the old load balancer answers for minutes only.
fn warn_about_address(
    plan: &Plan<ServiceModel>,
    prior: &ServiceModel,
    gets_domain: bool,
) -> Option<Diagnostic> {
    let has_records = plan.config.domain.known().is_some_and(|domain| !domain.hosted_zone.is_null())
        || prior.domain.known().is_some_and(|domain| !domain.hosted_zone.is_null());
    if has_records || gets_domain == prior.domain.is_null() {
        // The records are ours, or the change of the address is what was asked for.
        return None;
    }
    let detail = if prior.domain.is_null() {
        "The service moves to another load balancer. Without a domain its address is the load balancer's, which changes; \
         the old one stops answering about ten minutes after the new one has begun."
    } else {
        "The service moves to another load balancer, and its DNS records are kept elsewhere. They must lead to \
         `infrastructure.load_balancer_dns_name` as soon as the apply has ended; the old load balancer does not answer \
         any more then."
    };
    Some(
        Diagnostic::warning("The service gets another load balancer", detail)
            .hint("with `domain.hosted_zone` the provider keeps the records, and nobody notices the move"),
    )
}
