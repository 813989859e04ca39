//! Everything about the network of a service.

use super::looks::Looks;
use super::subject::{NetworkUse, SubnetChoice};
use super::{Finding, image_route, subnets};

/// Looks at the subnets of tasks and load balancer.
pub(super) async fn check(looks: &Looks, network: &NetworkUse) -> Vec<Finding> {
    let known = match &network.subnets {
        SubnetChoice::Default => subnets::check_default(looks, &network.path).await,
        SubnetChoice::Named(ids) => subnets::check_named(looks, &network.path, ids).await,
    };
    let (mut findings, tasks) = (known.findings, known.tasks.unwrap_or_default());
    if network.is_new {
        let balancer = match &network.load_balancer {
            Some((path, ids)) => {
                let known = subnets::check_named(looks, path, ids).await;
                findings.extend(known.findings);
                subnets::count_for_load_balancer(path, &known.tasks.unwrap_or_default())
            }
            None => subnets::count_for_load_balancer(&network.path, &tasks),
        };
        findings.extend(balancer);
        findings.extend(image_route::check(looks, network, &tasks).await);
    }
    if !tasks.is_empty() {
        findings.extend(subnets::count_for_tasks(network, &tasks));
    }
    findings
}
