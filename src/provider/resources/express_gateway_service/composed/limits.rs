//! Limits of AWS that the user's own things share with what the engine adds.

use std::collections::BTreeSet;

use super::model::DomainModel;
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::provider::resources::express_gateway_service::model::ServiceModel;

/// A network interface takes no more security groups; ECS's own API neither (facts, composition section 2.1).
const GROUPS_OF_AN_INTERFACE: usize = 5;
/// The group that the engine makes for the tasks, which is on them as well.
const OWN_GROUPS: usize = 1;
/// A listener rule compares with no more values (an ELB quota).
const VALUES_OF_A_RULE: usize = 5;

/// The user's groups go with ours.
pub(super) fn check_security_groups(model: &ServiceModel) -> Option<Diagnostic> {
    let network = model.network_configuration.known()?;
    let groups = &network.security_groups.known()?.0;
    let known: BTreeSet<_> = groups.iter().filter_map(Attr::known).collect();
    // What is not known yet may be one of the others.
    let count = if known.len() == groups.len() || groups.len() == 1 { groups.len() } else { known.len() };
    let most = GROUPS_OF_AN_INTERFACE - OWN_GROUPS;
    (count > most).then(|| {
        Diagnostic::error(
            "Too many security groups",
            format!(
                "{count} are named. A task takes {GROUPS_OF_AN_INTERFACE}, and one of them is the group that the composed \
                 engine makes to let the load balancer in: {most} are left."
            ),
        )
        .at(Path::attribute("network_configuration").then("security_groups"))
        .hint("put the rules of two groups into one, and name that")
    })
}

/// New host names stand on the rule beside the old ones until resolvers have forgotten those.
pub(in crate::provider::resources::express_gateway_service) fn check_change_of_hosts(
    plan: &Plan<ServiceModel>,
) -> Option<Diagnostic> {
    let before = hosts(plan.prior.as_ref()?.domain.known()?);
    let after = hosts(plan.planned.domain.known()?);
    let together = before.union(&after).count();
    if before == after || !plan.requires_replace.is_empty() || together <= VALUES_OF_A_RULE {
        return None;
    }
    let gone: Vec<_> = before.difference(&after).map(|host| format!("`{host}`")).collect();
    let detail = format!(
        "The new host names answer before the old ones go, so the load balancer's rule would have {together} for a while; \
         AWS takes {VALUES_OF_A_RULE}."
    );
    Some(
        Diagnostic::error("Too many host names change at once", detail)
            .at(Path::attribute("domain").then("additional_hostnames"))
            .hint(format!("in two applies: first without {}, then with the new ones", gone.join(", "))),
    )
}

fn hosts(domain: &DomainModel) -> BTreeSet<String> {
    let additional = domain.additional_hostnames.known().into_iter().flat_map(|names| &names.0);
    domain.hostname.known().into_iter().chain(additional.filter_map(Attr::known)).cloned().collect()
}
