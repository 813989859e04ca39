//! What a change of subnets or of the load balancer's settings means: the service stays on its load balancer, moves to
//! another one, or cannot without an outage and is replaced (facts, composition section 4).

use std::collections::BTreeSet;

use super::plan::open_load_balancer;
use crate::aws::AwsError;
use crate::aws::ec2::{Subnet, SubnetKind};
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::handle::Configured;
use crate::provider::resources::express_gateway_service::known::is_composed;
use crate::provider::resources::express_gateway_service::model::ServiceModel;
use crate::provider::resources::express_gateway_service::subnets::{find_all, known_subnets};

/// What becomes of the service's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    Moves,
    Replaced(&'static str),
}

const OTHER_VPC: &str = "Target groups and security groups belong to one VPC, and so does the service.";
const NO_COMMON_ZONES: &str = "A load balancer reaches tasks in its own zones only, and neither are the new subnets of \
the tasks in the zones of the present load balancer, nor the present ones in those of the new load balancer. So there is \
no order in which both could change without a moment in which nobody answers. Two applies that change one after the \
other, with a zone in common, would do it.";

/// Plans a change of place of an existing service. What may not be read is left for the apply to find out.
pub(in crate::provider::resources::express_gateway_service) async fn plan_place(
    configured: &Configured,
    plan: &mut Plan<ServiceModel>,
) -> Vec<Diagnostic> {
    let Some(prior) = plan.prior.clone().filter(|prior| is_composed(prior) && is_composed(&plan.planned))
    else {
        return Vec::new();
    };
    let path = if known_subnets(&prior) == known_subnets(&plan.planned) {
        Path::attribute("load_balancer")
    } else {
        Path::attribute("network_configuration").then("subnets")
    };
    match judge(configured, &prior, &plan.planned).await {
        Fate::Stays => Vec::new(),
        Fate::Replaced(reason) => {
            plan.requires_replace.push(path.clone());
            let summary = "The service is replaced, because it cannot move without an outage";
            vec![Diagnostic::warning(summary, reason).at(path)]
        }
        Fate::Moves => {
            open(plan, &prior);
            warn_about_address(plan, &prior).into_iter().collect()
        }
    }
}

async fn judge(configured: &Configured, prior: &ServiceModel, planned: &ServiceModel) -> Fate {
    let has_other_settings =
        prior.load_balancer != planned.load_balancer || prior.web_acl_arn != planned.web_acl_arn;
    let (before, after) = (known_subnets(prior), known_subnets(planned));
    if !has_other_settings && before == after {
        return Fate::Stays;
    }
    let (Some(before), Some(after), Some(own)) = (before, after, own_subnets(planned)) else {
        // Subnets that are known only after apply: they may be anywhere.
        return Fate::Moves;
    };
    match look(configured, prior, &before, &after, &own).await {
        Ok(Some(place)) => place.fate(has_other_settings),
        Ok(None) => Fate::Moves,
        Err(error) => {
            tracing::info!(error = %error, "the subnets cannot be looked at, the apply will find out");
            Fate::Moves
        }
    }
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

/// Where tasks and load balancer are, and where they are to be.
struct Place {
    tasks_before: Vec<Subnet>,
    tasks_after: Vec<Subnet>,
    balancer_before: Vec<Subnet>,
    /// Empty: wherever the tasks are.
    balancer_after: Vec<Subnet>,
}

async fn look(
    configured: &Configured,
    prior: &ServiceModel,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
    own: &BTreeSet<String>,
) -> Result<Option<Place>, AwsError> {
    let arn =
        prior.infrastructure.known().and_then(|infrastructure| infrastructure.load_balancer_arn.known());
    let Some(arn) = arn else { return Ok(None) };
    let Some(balancer) = configured.elbv2.find_load_balancer(arn).await? else { return Ok(None) };
    let live: BTreeSet<String> = balancer.subnet_ids.into_iter().collect();
    let all: BTreeSet<String> = [before, after, own, &live].into_iter().flatten().cloned().collect();
    let Some(subnets) = find_all(configured, &all).await else { return Ok(None) };
    let of = |ids: &BTreeSet<String>| {
        subnets.iter().filter(|subnet| ids.contains(&subnet.id)).cloned().collect::<Vec<_>>()
    };
    Ok(Some(Place {
        tasks_before: of(before),
        tasks_after: of(after),
        balancer_before: of(&live),
        balancer_after: of(own),
    }))
}

impl Place {
    fn fate(&self, has_other_settings: bool) -> Fate {
        let vpcs =
            |subnets: &[Subnet]| subnets.iter().map(|subnet| subnet.vpc_id.clone()).collect::<BTreeSet<_>>();
        if vpcs(&self.tasks_before) != vpcs(&self.tasks_after) {
            return Fate::Replaced(OTHER_VPC);
        }
        let is_fit = self.balancer_after.is_empty()
            && kinds(&self.balancer_before) == kinds(&self.tasks_after)
            && zones(&self.tasks_after).is_subset(&zones(&self.balancer_before));
        if is_fit && !has_other_settings {
            return Fate::Stays;
        }
        let balancer_after =
            if self.balancer_after.is_empty() { &self.tasks_after } else { &self.balancer_after };
        let can_tasks_go_first = zones(&self.tasks_after).is_subset(&zones(&self.balancer_before));
        let can_balancer_go_first = zones(&self.tasks_before).is_subset(&zones(balancer_after));
        if can_tasks_go_first || can_balancer_go_first {
            Fate::Moves
        } else {
            Fate::Replaced(NO_COMMON_ZONES)
        }
    }
}

fn zones(subnets: &[Subnet]) -> BTreeSet<&str> {
    subnets.iter().map(|subnet| subnet.availability_zone.as_str()).collect()
}

fn kinds(subnets: &[Subnet]) -> BTreeSet<SubnetKind> {
    subnets.iter().map(|subnet| subnet.kind).collect()
}

/// Another load balancer has other parts, and without a domain another address.
fn open(plan: &mut Plan<ServiceModel>, prior: &ServiceModel) {
    if let Attr::Known(infrastructure) = &mut plan.planned.infrastructure {
        open_load_balancer(infrastructure);
    }
    if prior.domain.is_null() {
        plan.planned.url = Attr::Unknown;
        plan.planned.hostname = Attr::Unknown;
    }
}

/// Whoever keeps the address elsewhere must follow: the old load balancer answers for minutes only.
fn warn_about_address(plan: &Plan<ServiceModel>, prior: &ServiceModel) -> Option<Diagnostic> {
    let has_records = plan.config.domain.known().is_some_and(|domain| !domain.hosted_zone.is_null())
        || prior.domain.known().is_some_and(|domain| !domain.hosted_zone.is_null());
    if has_records {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn subnets(vpc_id: &str, kind: SubnetKind, zones: &[&str]) -> Vec<Subnet> {
        let subnet = |zone: &&str| Subnet {
            id: format!("subnet-{zone}"),
            vpc_id: vpc_id.to_owned(),
            availability_zone: (*zone).to_owned(),
            available_address_count: 100,
            kind,
            has_way_out: true,
            leads_to_endpoint: false,
        };
        zones.iter().map(subnet).collect()
    }

    fn place(before: &[&str], after: &[&str], balancer: &[&str]) -> Place {
        Place {
            tasks_before: subnets("vpc-1", SubnetKind::Public, before),
            tasks_after: subnets("vpc-1", SubnetKind::Public, after),
            balancer_before: subnets("vpc-1", SubnetKind::Public, balancer),
            balancer_after: Vec::new(),
        }
    }

    #[test]
    fn tasks_that_stay_in_the_zones_of_their_load_balancer_keep_it() {
        assert_eq!(place(&["a", "b"], &["a"], &["a", "b"]).fate(false), Fate::Stays);
        assert_eq!(place(&["a", "b"], &["a", "b"], &["a", "b"]).fate(true), Fate::Moves);
    }

    #[test]
    fn another_zone_or_another_kind_needs_another_load_balancer() {
        assert_eq!(place(&["a", "b"], &["a", "b", "c"], &["a", "b"]).fate(false), Fate::Moves);
        let private = Place {
            tasks_after: subnets("vpc-1", SubnetKind::Private, &["a", "b"]),
            ..place(&["a", "b"], &[], &["a", "b"])
        };
        assert_eq!(private.fate(false), Fate::Moves);
    }

    #[test]
    fn without_a_zone_in_common_or_in_another_vpc_the_service_is_replaced() {
        let moved = place(&["a", "b"], &["b", "c"], &["a", "b"]);
        assert_eq!(moved.fate(false), Fate::Replaced(NO_COMMON_ZONES));
        let elsewhere = Place {
            tasks_after: subnets("vpc-2", SubnetKind::Public, &["a", "b"]),
            ..place(&["a", "b"], &[], &["a", "b"])
        };
        assert_eq!(elsewhere.fate(true), Fate::Replaced(OTHER_VPC));
    }
}
