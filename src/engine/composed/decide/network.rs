//! Where tasks and load balancer go, and what becomes of the load balancer that a service has.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::ec2::{Subnet, SubnetKind};
use crate::engine::EngineError;
use crate::engine::composed::blueprint::{CurrentPlace, Network};
use crate::engine::composed::pool::{PoolKey, Sharing};
use crate::service::{ComposedSettings, LoadBalancerScheme, ObjectNames};

/// TLS 1.2 and 1.3, what AWS recommends.
pub(in crate::engine::composed) const SSL_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// Subnets as EC2 describes them: those that are wanted, and those of an existing service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Subnets {
    /// Where the tasks are to be.
    pub(crate) of_tasks: Vec<Subnet>,
    /// Where the user wants the load balancer. Empty: wherever the tasks are.
    pub(crate) of_load_balancer: Vec<Subnet>,
    /// Where the tasks of an existing service are.
    pub(crate) current_of_tasks: Vec<Subnet>,
    /// Where the load balancer of an existing service is.
    pub(crate) current_of_load_balancer: Vec<Subnet>,
}

/// What becomes of a service's place on its load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Stays,
    Moves,
    /// There is no way from here to there in which somebody always answers.
    Barred(Barrier),
}

/// Why a service cannot move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Barrier {
    /// Target groups and security groups belong to one VPC.
    OtherVpc,
    /// The tasks share no zone with the other load balancer, neither before nor after.
    NoCommonZones,
}

/// Where tasks and load balancer go. Public or private is what the subnets' routes say, unless the user says more. A
/// load balancer that can stay in front of the tasks stays where it is.
pub(crate) fn network(settings: &ComposedSettings, subnets: &Subnets) -> Result<Network, EngineError> {
    let unfit = |reason: String, hint: &str| EngineError::Unfit { reason, hint: hint.to_owned() };
    let (tasks, balancer) = (&subnets.of_tasks, subnets.balancer());
    let vpcs: BTreeSet<_> = tasks.iter().chain(balancer).map(|subnet| subnet.vpc_id.as_str()).collect();
    let [vpc_id] = vpcs.iter().copied().collect::<Vec<_>>()[..] else {
        let vpcs = vpcs.into_iter().collect::<Vec<_>>().join(", ");
        return Err(unfit(
            format!("The subnets are not in one VPC, but in: {vpcs}."),
            "name subnets of one VPC",
        ));
    };
    let is_public = |subnets: &[Subnet]| subnets.iter().all(|subnet| subnet.kind == SubnetKind::Public);
    let load_balancer_subnet_ids = one_for_each_zone(balancer);
    if load_balancer_subnet_ids.len() < 2 {
        return Err(unfit(
            "A load balancer needs subnets in at least two zones, but all named ones are in one.".to_owned(),
            "add a subnet of another availability zone",
        ));
    }
    let mut task_subnet_ids: Vec<_> = tasks.iter().map(|subnet| subnet.id.clone()).collect();
    task_subnet_ids.sort();
    Ok(Network {
        vpc_id: vpc_id.to_owned(),
        task_subnet_ids,
        load_balancer_subnet_ids,
        is_internal: match settings.load_balancer.scheme {
            Some(scheme) => scheme == LoadBalancerScheme::Internal,
            None => !is_public(balancer),
        },
        assigns_public_ip: settings.assign_public_ip.unwrap_or_else(|| is_public(tasks)),
        task_zones: zones(tasks),
        load_balancer_zones: zones(balancer),
        current: CurrentPlace {
            vpc_id: subnets.current_of_tasks.first().map(|subnet| subnet.vpc_id.clone()),
            task_zones: zones(&subnets.current_of_tasks),
            load_balancer_zones: zones(&subnets.current_of_load_balancer),
        },
    })
}

/// What becomes of the place of an existing service. `is_same_pool`: the load balancer that it has is of the pool that it
/// is to be in ([`pool_key`]).
pub(crate) fn fate(network: &Network, is_same_pool: bool) -> Fate {
    if is_same_pool {
        Fate::Stays
    } else if network.current.vpc_id.as_ref().is_some_and(|vpc_id| *vpc_id != network.vpc_id) {
        Fate::Barred(Barrier::OtherVpc)
    } else if do_tasks_go_first(network).is_none() {
        Fate::Barred(Barrier::NoCommonZones)
    } else {
        Fate::Moves
    }
}

/// Whether a move changes the tasks' subnets with its first deployment (`true`) or with its second. A load balancer
/// reaches tasks in its own zones only, so tasks in new subnets must be in the old one's zones, or tasks in old
/// subnets in the new one's. `None`: neither.
pub(crate) fn do_tasks_go_first(network: &Network) -> Option<bool> {
    if network.task_zones.is_subset(&network.current.load_balancer_zones) {
        return Some(true);
    }
    network.current.task_zones.is_subset(&network.load_balancer_zones).then_some(false)
}

/// The pool that a service with these settings belongs to.
pub(crate) fn pool_key(
    names: &ObjectNames,
    settings: &ComposedSettings,
    network: &Network,
    is_https: bool,
) -> PoolKey {
    let arn = names.service().arn();
    let load_balancer = &settings.load_balancer;
    let mut attributes = BTreeMap::new();
    if let Some(logs) = &load_balancer.access_logs {
        attributes.insert("access_logs.s3.enabled".to_owned(), "true".to_owned());
        attributes.insert("access_logs.s3.bucket".to_owned(), logs.bucket.clone());
        if let Some(prefix) = &logs.prefix {
            attributes.insert("access_logs.s3.prefix".to_owned(), prefix.clone());
        }
    }
    PoolKey {
        account_id: arn.account_id().to_owned(),
        region: arn.region().to_owned(),
        vpc_id: network.vpc_id.clone(),
        is_internal: network.is_internal,
        subnet_ids: network.load_balancer_subnet_ids.iter().cloned().collect(),
        web_acl_arn: settings.web_acl_arn.clone(),
        pool_name: load_balancer.pool.clone(),
        ssl_policy: SSL_POLICY.to_owned(),
        attributes,
        sharing: if is_https { Sharing::ByHost } else { Sharing::Alone(names.owner().clone()) },
    }
}

impl Subnets {
    /// Where the load balancer goes.
    fn balancer(&self) -> &[Subnet] {
        if !self.of_load_balancer.is_empty() {
            &self.of_load_balancer
        } else if stays_fit(&self.current_of_load_balancer, &self.of_tasks) {
            &self.current_of_load_balancer
        } else {
            &self.of_tasks
        }
    }
}

/// Whether a load balancer can stay where it is, in front of tasks in other subnets: in their VPC, of their kind, and in
/// every zone of theirs.
fn stays_fit(balancer: &[Subnet], tasks: &[Subnet]) -> bool {
    let traits = |subnets: &[Subnet]| {
        subnets.iter().map(|subnet| (subnet.vpc_id.clone(), subnet.kind)).collect::<BTreeSet<_>>()
    };
    !balancer.is_empty() && traits(balancer) == traits(tasks) && zones(tasks).is_subset(&zones(balancer))
}

fn zones(subnets: &[Subnet]) -> BTreeSet<String> {
    subnets.iter().map(|subnet| subnet.availability_zone.clone()).collect()
}

/// A load balancer takes one subnet of a zone: the one with the lowest id, so that every state chooses the same.
fn one_for_each_zone(subnets: &[Subnet]) -> Vec<String> {
    let mut by_zone = BTreeMap::<&str, &str>::new();
    for subnet in subnets {
        let id = by_zone.entry(&subnet.availability_zone).or_insert(&subnet.id);
        *id = (*id).min(&subnet.id);
    }
    let mut ids: Vec<_> = by_zone.into_values().map(str::to_owned).collect();
    ids.sort();
    ids
}

#[cfg(test)]
mod tests;
