//! Subnets are there, in two zones, with addresses for a load balancer and for a deployment.

use super::Finding;
use super::kept::Looked;
use super::looks::{DefaultNetwork, Looks};
use super::subject::NetworkUse;
use crate::aws::ec2::Subnet;
use crate::framework::Path;

/// Elastic Load Balancing wants so many free addresses in each of its subnets (facts, composition section 8).
const LOAD_BALANCER_ADDRESS_COUNT: u32 = 8;

/// What is known of the subnets of a plan.
#[derive(Debug, Default)]
pub(super) struct KnownSubnets {
    /// Those of the tasks; `None`: not all of them may be seen.
    pub(super) tasks: Option<Vec<Subnet>>,
    pub(super) findings: Vec<Finding>,
}

/// Looks at the subnets that a user names for the tasks.
pub(super) async fn check_named<'a>(
    looks: &Looks,
    path: &Path,
    ids: impl IntoIterator<Item = &'a String>,
) -> KnownSubnets {
    let looked = looks.find_subnets(ids).await;
    let findings = looked.iter().filter(|(_, looked)| *looked == Looked::Missing);
    let findings = findings.map(|(id, _)| missing(looks, path, id)).collect();
    let tasks = looked.into_iter().map(|(_, looked)| looked.found()).collect();
    KnownSubnets { tasks, findings }
}

fn missing(looks: &Looks, path: &Path, id: &str) -> Finding {
    let detail = format!("EC2 has no subnet `{id}` in {}.", looks.region);
    Finding::certain(path, "A subnet does not exist", detail)
        .hint("aws ec2 describe-subnets lists those that do")
        .or_made_here()
}

/// Looks at the default VPC, which a service is in when no subnets are named.
pub(super) async fn check_default(looks: &Looks, path: &Path) -> KnownSubnets {
    match looks.find_default_network().await {
        Looked::Hidden => KnownSubnets::default(),
        Looked::Missing => {
            let detail =
                format!("The account has no default VPC in {}, and no subnets are named.", looks.region);
            let finding = Finding::certain(path, "There is no network for the service", detail)
                .hint("name subnets in `network_configuration.subnets`, or: aws ec2 create-default-vpc");
            KnownSubnets { tasks: None, findings: vec![finding] }
        }
        Looked::Found(network) => {
            let findings = find_lack_of_zones(path, &network).into_iter().collect();
            KnownSubnets { tasks: Some(network.subnets), findings }
        }
    }
}

fn find_lack_of_zones(path: &Path, network: &DefaultNetwork) -> Option<Finding> {
    let mut zones: Vec<_> = network.subnets.iter().map(|subnet| &subnet.availability_zone).collect();
    zones.sort();
    zones.dedup();
    (zones.len() < 2).then(|| {
        let detail = format!(
            "A load balancer needs default subnets in two availability zones; `{}` has them in {}.",
            network.vpc_id,
            zones.len()
        );
        Finding::certain(path, "The default VPC has too few subnets", detail)
            .hint("name subnets in `network_configuration.subnets`, or: aws ec2 create-default-subnet")
    })
}

/// Free addresses of each subnet for a new load balancer. One that is there already needs none.
pub(super) fn count_for_load_balancer(path: &Path, subnets: &[Subnet]) -> Vec<Finding> {
    let is_short = |subnet: &&Subnet| subnet.available_address_count < LOAD_BALANCER_ADDRESS_COUNT;
    let short = subnets.iter().filter(is_short).map(|subnet| {
        let detail = format!(
            "`{}` has {} free addresses; a load balancer needs {LOAD_BALANCER_ADDRESS_COUNT} in each of its subnets.",
            subnet.id, subnet.available_address_count
        );
        Finding::estimate(path, "A subnet is too full for a load balancer", detail)
            .hint("name a larger subnet, or free addresses in this one")
    });
    short.collect()
}

/// Free addresses of all subnets together for a deployment, which runs old and new tasks side by side.
pub(super) fn count_for_tasks(network: &NetworkUse, subnets: &[Subnet]) -> Option<Finding> {
    let free: u64 = subnets.iter().map(|subnet| u64::from(subnet.available_address_count)).sum();
    if free >= u64::from(network.needed_address_count) {
        return None;
    }
    let detail = format!(
        "The subnets have {free} free addresses together. Each task takes one, and a deployment of {} tasks, as many as \
         auto scaling may start, runs as many again: {} more may be needed.",
        network.max_task_count, network.needed_address_count
    );
    Some(
        Finding::estimate(&network.path, "The subnets may run out of addresses", detail)
            .hint("name more or larger subnets, or lower `scaling_target.max_task_count`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ec2::SubnetKind;

    #[test]
    fn a_load_balancer_needs_eight_addresses_in_each_subnet() {
        let subnet = |id: &str, available_address_count| Subnet {
            id: id.to_owned(),
            vpc_id: "vpc-1".to_owned(),
            availability_zone: "eu-west-1a".to_owned(),
            available_address_count,
            kind: SubnetKind::Public,
            has_way_out: true,
            leads_to_endpoint: false,
        };
        let path = Path::attribute("load_balancer").then("subnets");
        let told = count_for_load_balancer(&path, &[subnet("subnet-a", 8), subnet("subnet-b", 7)]);
        let detail = "`subnet-b` has 7 free addresses; a load balancer needs 8 in each of its subnets.";
        let expected = Finding::estimate(&path, "A subnet is too full for a load balancer", detail)
            .hint("name a larger subnet, or free addresses in this one");
        assert_eq!(told, [expected]);
    }
}
