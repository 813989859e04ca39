//! What subnets decide: ECS makes a service public or private by their routes, and cannot change either, nor the VPC,
//! of an existing service (facts, express section 4; pain A1-28).

use std::collections::BTreeSet;

use super::known::is_composed;
use super::model::ServiceModel;
use crate::aws::ec2::{Subnet, SubnetKind};
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::handle::Configured;

/// Looks at the planned subnets when they are new or changed: refuses a mixture, and plans a replacement where
/// ECS would refuse the change. What may not be read is left for ECS to judge. A service of the composed engine can
/// move, which `composed::plan_place` judges.
pub(super) async fn plan_subnets(
    configured: &Configured,
    plan: &mut Plan<ServiceModel>,
) -> Option<Diagnostic> {
    let planned_ids = known_subnets(&plan.planned)?;
    let prior_ids = plan.prior.as_ref().and_then(known_subnets).unwrap_or_default();
    if planned_ids.is_empty() || planned_ids == prior_ids {
        return None;
    }
    let subnets = find_all(configured, planned_ids.union(&prior_ids)).await?;
    let of =
        |ids: &BTreeSet<String>| subnets.iter().filter(|subnet| ids.contains(&subnet.id)).collect::<Vec<_>>();
    let planned = of(&planned_ids);
    // With a scheme and addresses that the user says, the routes decide nothing.
    let is_said = is_composed(&plan.planned)
        && plan.config.assign_public_ip.known().is_some()
        && plan.config.load_balancer.known().is_some_and(|balancer| balancer.scheme.known().is_some());
    let problem = if is_said { find_scatter(&planned) } else { find_mixture(&planned) };
    if let Some(problem) = problem {
        return Some(problem.at(subnets_path()));
    }
    let prior = of(&prior_ids);
    if !is_composed(&plan.planned) && needs_replacement(&prior, &planned) {
        plan.requires_replace.push(subnets_path());
    }
    None
}

/// The subnets of these ids; `None` if not all of them can be seen, so that nothing can be said of them together.
pub(super) async fn find_all<'a>(
    configured: &Configured,
    ids: impl IntoIterator<Item = &'a String>,
) -> Option<Vec<Subnet>> {
    let looked = configured.looks.find_subnets(ids).await;
    looked.into_iter().map(|(_, looked)| looked.found()).collect()
}

fn subnets_path() -> Path {
    Path::attribute("network_configuration").then("subnets")
}

/// The subnets of a model, if all are known.
pub(super) fn known_subnets(model: &ServiceModel) -> Option<BTreeSet<String>> {
    let subnets = model.network_configuration.known()?.subnets.known()?;
    subnets.0.iter().map(Attr::cloned).collect()
}

/// What subnets of one load balancer can never be together: of several VPCs, or of one zone.
pub(super) fn find_scatter(planned: &[&Subnet]) -> Option<Diagnostic> {
    let vpcs: BTreeSet<_> = planned.iter().map(|subnet| subnet.vpc_id.as_str()).collect();
    if vpcs.len() > 1 {
        let vpcs: Vec<_> = vpcs.into_iter().collect();
        let detail = format!("A service lives in one VPC, but the subnets are in {}.", vpcs.join(" and "));
        return Some(Diagnostic::error("The subnets are in several VPCs", detail));
    }
    find_single_zone(planned)
}

/// What subnets of one load balancer cannot be together where their routes decide: public and private ones, either.
pub(super) fn find_mixture(planned: &[&Subnet]) -> Option<Diagnostic> {
    if let Some(problem) = find_scatter(planned) {
        return Some(problem);
    }
    let names = |kind| {
        let of_kind = planned.iter().filter(|subnet| subnet.kind == kind);
        of_kind.map(|subnet| subnet.id.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (public, private) = (names(SubnetKind::Public), names(SubnetKind::Private));
    if public.is_empty() || private.is_empty() {
        return None;
    }
    let detail = format!(
        "A service is public or private by its subnets' routes, and all must agree. With a route to an internet \
         gateway: {public}. Without: {private}."
    );
    Some(
        Diagnostic::error("The subnets are public and private at once", detail)
            .hint("name subnets of one kind, or check which route table each is associated with"),
    )
}

/// Two subnets of one availability zone are not enough for a load balancer.
fn find_single_zone(planned: &[&Subnet]) -> Option<Diagnostic> {
    let zones: BTreeSet<_> = planned.iter().map(|subnet| subnet.availability_zone.as_str()).collect();
    let zone = zones.first().filter(|_| zones.len() == 1 && planned.len() > 1)?;
    let detail = format!("A load balancer needs subnets in two availability zones; these are all in {zone}.");
    Some(
        Diagnostic::error("The subnets are in one availability zone", detail)
            .hint("name at least one subnet of another availability zone"),
    )
}

fn needs_replacement(prior: &[&Subnet], planned: &[&Subnet]) -> bool {
    let traits = |subnets: &[&Subnet]| {
        subnets.iter().map(|subnet| (subnet.vpc_id.clone(), subnet.kind)).collect::<BTreeSet<_>>()
    };
    !prior.is_empty() && traits(prior) != traits(planned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(id: &str, vpc_id: &str, kind: SubnetKind) -> Subnet {
        let zone = id.trim_start_matches("subnet-").chars().next().expect("a letter");
        let availability_zone = format!("eu-west-1{zone}");
        let (id, vpc_id) = (id.to_owned(), vpc_id.to_owned());
        Subnet {
            id,
            vpc_id,
            availability_zone,
            available_address_count: 4_000,
            kind,
            has_way_out: true,
            leads_to_endpoint: false,
        }
    }

    #[test]
    fn a_mixture_names_the_subnets_of_each_kind() {
        let (public, private) = (
            subnet("subnet-a", "vpc-1", SubnetKind::Public),
            subnet("subnet-b", "vpc-1", SubnetKind::Private),
        );
        let problem = find_mixture(&[&public, &private]).expect("a problem");
        assert!(problem.detail.ends_with("gateway: subnet-a. Without: subnet-b."), "{}", problem.detail);
        assert_eq!(find_mixture(&[&public]), None);
        let elsewhere = subnet("subnet-c", "vpc-2", SubnetKind::Public);
        let problem = find_mixture(&[&public, &elsewhere]).expect("a problem");
        assert_eq!(problem.detail, "A service lives in one VPC, but the subnets are in vpc-1 and vpc-2.");
    }

    #[test]
    fn two_subnets_of_one_availability_zone_are_refused_and_one_alone_is_left_to_the_schema() {
        let first = subnet("subnet-a", "vpc-1", SubnetKind::Public);
        let second = subnet("subnet-a2", "vpc-1", SubnetKind::Public);
        let problem = find_mixture(&[&first, &second]).expect("a problem");
        assert_eq!(
            problem.detail,
            "A load balancer needs subnets in two availability zones; these are all in eu-west-1a."
        );
        let elsewhere = Subnet { availability_zone: "eu-west-1b".to_owned(), ..second };
        assert_eq!(find_mixture(&[&first, &elsewhere]), None);
        assert_eq!(find_mixture(&[&first]), None);
    }

    #[test]
    fn another_kind_or_another_vpc_needs_a_replacement() {
        let public = subnet("subnet-a", "vpc-1", SubnetKind::Public);
        let more = subnet("subnet-a2", "vpc-1", SubnetKind::Public);
        let private = subnet("subnet-c", "vpc-1", SubnetKind::Private);
        let elsewhere = subnet("subnet-d", "vpc-2", SubnetKind::Public);
        assert!(!needs_replacement(&[&public], &[&public, &more]));
        assert!(needs_replacement(&[&public], &[&private]));
        assert!(needs_replacement(&[&public], &[&elsewhere]));
        assert!(!needs_replacement(&[], &[&private]));
    }
}
