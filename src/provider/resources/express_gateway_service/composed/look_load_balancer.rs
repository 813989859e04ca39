//! The load balancer's subnets, by their routes: together in one VPC with the tasks, and in two zones. Whether the load
//! balancer is public is for the user to say; a word about routes that do not fit is all that is added.

use std::collections::BTreeSet;

use super::model::LoadBalancerModel;
use crate::aws::ec2::{Subnet, SubnetKind};
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::handle::Configured;
use crate::provider::resources::express_gateway_service::model::ServiceModel;
use crate::provider::resources::express_gateway_service::subnets::{
    find_all, find_mixture, find_scatter, known_subnets,
};
use crate::service::LoadBalancerScheme;

/// Looks at the subnets when the load balancer is new or changed. What may not be read is left for the apply.
pub(super) async fn look_at_load_balancer(
    configured: &Configured,
    plan: &Plan<ServiceModel>,
) -> Option<Diagnostic> {
    let none = LoadBalancerModel {
        scheme: Attr::Null,
        subnets: Attr::Null,
        pool: Attr::Null,
        access_logs: Attr::Null,
    };
    let load_balancer = match &plan.planned.load_balancer {
        Attr::Known(load_balancer) => load_balancer,
        Attr::Null => &none,
        Attr::Unknown => return None,
    };
    if load_balancer.scheme.is_unknown() {
        return None;
    }
    let is_same = |prior: &ServiceModel| {
        prior.load_balancer == plan.planned.load_balancer
            && prior.network_configuration == plan.planned.network_configuration
    };
    if plan.prior.as_ref().is_some_and(is_same) {
        return None;
    }
    let own: BTreeSet<String> = match &load_balancer.subnets {
        Attr::Known(subnets) => subnets.0.iter().map(Attr::cloned).collect::<Option<_>>()?,
        Attr::Null => BTreeSet::new(),
        Attr::Unknown => return None,
    };
    let tasks = known_subnets(&plan.planned).unwrap_or_default();
    let ids: BTreeSet<String> = own.union(&tasks).cloned().collect();
    if ids.is_empty() {
        return None;
    }
    let subnets = find_all(configured, &ids).await?;
    let of =
        |ids: &BTreeSet<String>| subnets.iter().filter(|subnet| ids.contains(&subnet.id)).collect::<Vec<_>>();
    let scheme = load_balancer.scheme.known().and_then(|scheme| scheme.parse().ok());
    check(scheme, &of(&own), &of(&tasks))
}

fn check(scheme: Option<LoadBalancerScheme>, own: &[&Subnet], tasks: &[&Subnet]) -> Option<Diagnostic> {
    let path = Path::attribute("load_balancer");
    let problem = if scheme.is_some() { find_scatter(own) } else { find_mixture(own) };
    if let Some(problem) = problem {
        return Some(problem.at(path.then("subnets")));
    }
    if let (Some(own), Some(task)) = (own.first(), tasks.first())
        && own.vpc_id != task.vpc_id
    {
        let detail =
            format!("The tasks are in {} and the load balancer would be in {}.", task.vpc_id, own.vpc_id);
        return Some(
            Diagnostic::error("The load balancer is in another VPC", detail).at(path.then("subnets")),
        );
    }
    let zones = |subnets: &[&Subnet]| {
        subnets.iter().map(|subnet| subnet.availability_zone.clone()).collect::<BTreeSet<_>>()
    };
    let unreached: Vec<_> = zones(tasks).difference(&zones(own)).cloned().collect();
    if !own.is_empty() && !unreached.is_empty() {
        let detail = format!(
            "A load balancer reaches tasks in its own zones only, and `load_balancer.subnets` has none in {}, where \
             tasks may run.",
            unreached.join(", ")
        );
        return Some(
            Diagnostic::error("The load balancer is not in every zone of the tasks", detail)
                .hint("name a subnet of that zone in `load_balancer.subnets`, or keep the tasks out of it")
                .at(path.then("subnets")),
        );
    }
    let of_load_balancer = if own.is_empty() { tasks } else { own };
    let names =
        |subnets: &[&Subnet]| subnets.iter().map(|subnet| subnet.id.clone()).collect::<Vec<_>>().join(", ");
    let is_private = |subnet: &&&Subnet| subnet.kind == SubnetKind::Private;
    let (behind_endpoint, closed): (Vec<_>, Vec<_>) =
        of_load_balancer.iter().filter(is_private).copied().partition(|subnet| subnet.leads_to_endpoint);
    match scheme {
        Some(LoadBalancerScheme::InternetFacing) if !closed.is_empty() => {
            let detail = format!(
                "No route of {} leads to an internet gateway. The load balancer gets public addresses, since `scheme` \
                 says so; clients reach it only if something else brings them there.",
                names(&closed)
            );
            Some(
                Diagnostic::warning(
                    "The public load balancer is in subnets without a route to the internet",
                    detail,
                )
                .hint("name public subnets in `load_balancer.subnets`; the tasks stay where they are")
                .at(path.then("scheme")),
            )
        }
        None if !behind_endpoint.is_empty() => {
            let detail = format!(
                "The default route of {} leads to a VPC endpoint, as in front of AWS Network Firewall. What is behind it \
                 the routes do not say, so the load balancer will be internal: nobody on the internet reaches it.",
                names(&behind_endpoint)
            );
            Some(
                Diagnostic::warning("The load balancer will be internal", detail)
                    .hint("say what it is to be: `load_balancer = { scheme = \"internet-facing\" }` or \"internal\"")
                    .at(path),
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(id: &str, vpc_id: &str, kind: SubnetKind) -> Subnet {
        let availability_zone = format!("eu-west-1{}", &id[id.len() - 1..]);
        Subnet {
            id: id.to_owned(),
            vpc_id: vpc_id.to_owned(),
            availability_zone,
            available_address_count: 100,
            has_way_out: true,
            leads_to_endpoint: false,
            kind,
        }
    }

    fn pair(vpc_id: &str, name: &str, kind: SubnetKind) -> [Subnet; 2] {
        ["a", "b"].map(|zone| subnet(&format!("subnet-{name}-{zone}"), vpc_id, kind))
    }

    #[track_caller]
    fn says(
        scheme: Option<LoadBalancerScheme>,
        own: &[Subnet],
        tasks: &[Subnet],
        expected: Option<(&str, &str)>,
    ) {
        let said = check(scheme, &own.iter().collect::<Vec<_>>(), &tasks.iter().collect::<Vec<_>>());
        let said = said.map(|said| (said.path.map(|path| path.to_string()).unwrap_or_default(), said.detail));
        assert_eq!(said, expected.map(|(path, detail)| (path.to_owned(), detail.to_owned())));
    }

    #[test]
    fn a_public_load_balancer_goes_in_front_of_private_tasks_from_public_subnets() {
        let public = pair("vpc-1", "public", SubnetKind::Public);
        let private = pair("vpc-1", "private", SubnetKind::Private);
        let scheme = Some(LoadBalancerScheme::InternetFacing);
        says(scheme, &public, &private, None);
        says(scheme, &[], &public, None);
        says(Some(LoadBalancerScheme::Internal), &[], &public, None);
        let detail = "No route of subnet-private-a, subnet-private-b leads to an internet gateway. The load balancer gets \
                      public addresses, since `scheme` says so; clients reach it only if something else brings them there.";
        says(scheme, &[], &private, Some(("load_balancer.scheme", detail)));
        says(scheme, &private, &public, Some(("load_balancer.scheme", detail)));
    }

    #[test]
    fn its_subnets_are_of_one_kind_in_two_zones_and_in_the_tasks_vpc() {
        let public = pair("vpc-1", "public", SubnetKind::Public);
        let elsewhere = pair("vpc-2", "other", SubnetKind::Public);
        let detail = "The tasks are in vpc-1 and the load balancer would be in vpc-2.";
        says(None, &elsewhere, &public, Some(("load_balancer.subnets", detail)));
        let twice = [public[0].clone(), Subnet { id: "subnet-x-a".to_owned(), ..public[0].clone() }];
        let detail = "A load balancer needs subnets in two availability zones; these are all in eu-west-1a.";
        says(None, &twice, &public, Some(("load_balancer.subnets", detail)));
    }
}
