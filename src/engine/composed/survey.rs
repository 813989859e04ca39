//! What has to be asked before a blueprint can be drawn: the network, the hosted zone, a task definition of the user's
//! own. Reads only.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;

use super::blueprint::{Blueprint, CurrentZones, Ingress, Network, Zone};
use super::ground::Apis;
use super::task_definition::container_port;
use super::zone::{ZoneChoice, ZoneWish, choose_zone};
use crate::aws::AwsErrorKind;
use crate::aws::ec2::{Subnet, SubnetKind};
use crate::aws::ecs::task_definitions::TaskDefinition;
use crate::engine::retry::retrying;
use crate::engine::{Bounds, EngineError};
use crate::service::{
    ComposedSettings, Configuration, DEFAULT_CLUSTER_NAME, LoadBalancerScheme, ObjectNames,
};

/// Port of the container where the user names none.
const DEFAULT_CONTAINER_PORT: u16 = 80;

/// What is wanted, before anything is asked.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) names: ObjectNames,
    pub(super) generation: u32,
    pub(super) infrastructure_role_arn: String,
    pub(super) configuration: Configuration,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) wait_for_steady_state: bool,
    /// Where an existing service is.
    pub(super) current: Option<CurrentSubnets>,
    /// Hosted zones that an existing service's records are in.
    pub(super) recorded_zones: Option<BTreeSet<String>>,
}

/// The subnets of an existing service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CurrentSubnets {
    pub(super) of_tasks: BTreeSet<String>,
    pub(super) of_load_balancer: BTreeSet<String>,
}

/// Draws the blueprint of a wish.
pub(super) fn draw<'a>(
    apis: &'a Apis,
    bounds: &'a Bounds,
    wish: Wish,
) -> Pin<Box<dyn Future<Output = Result<Blueprint, EngineError>> + Send + 'a>> {
    Box::pin(draw_now(apis, bounds, wish))
}

async fn draw_now(apis: &Apis, bounds: &Bounds, wish: Wish) -> Result<Blueprint, EngineError> {
    let mut configuration = wish.configuration.with_composed_defaults();
    let (network, zone, port) = tokio::try_join!(
        find_network(apis, bounds, &configuration, wish.current.as_ref()),
        find_zone(apis, bounds, &configuration.composed, wish.recorded_zones.as_ref()),
        find_port(apis, bounds, &configuration),
    )?;
    let ingress = ingress(&wish.names, &configuration, zone);
    configuration.subnets = Some(network.task_subnet_ids.iter().cloned().collect());
    Ok(Blueprint {
        makes_cluster: wish.names.service().cluster() == DEFAULT_CLUSTER_NAME,
        names: wish.names,
        generation: wish.generation,
        infrastructure_role_arn: wish.infrastructure_role_arn,
        configuration,
        container_port: port,
        tags: wish.tags,
        network,
        ingress,
        wait_for_steady_state: wish.wait_for_steady_state,
    })
}

/// HTTPS needs a host name, and somebody who has the certificate: the zone proves it, or the user gives it.
fn ingress(names: &ObjectNames, configuration: &Configuration, zone: Option<Zone>) -> Ingress {
    let settings = &configuration.composed;
    let domain = &settings.domain;
    let first = match &zone {
        Some(zone) => Some(domain.hostname_in_zone(names.service().name(), &zone.name)),
        None => domain.hostname.clone().filter(|_| settings.certificate_arn.is_some()),
    };
    let Some(first) = first else { return Ingress::Http };
    let additional = domain.additional_hostnames.iter().flatten().map(|host| host.to_lowercase());
    let mut hosts = vec![first.to_lowercase()];
    hosts.extend(additional.filter(|host| *host != hosts[0]).collect::<Vec<_>>());
    Ingress::Https { hosts, zone, given_certificate_arn: settings.certificate_arn.clone() }
}

/// The hosted zone of the records. Without any, the user keeps them elsewhere, which takes a certificate of the user's
/// own. Whoever has one, names no zone and may not look for one has it in another account.
async fn find_zone(
    apis: &Apis,
    bounds: &Bounds,
    settings: &ComposedSettings,
    recorded: Option<&BTreeSet<String>>,
) -> Result<Option<Zone>, EngineError> {
    let has_certificate = settings.certificate_arn.is_some();
    let wish = ZoneWish { domain: &settings.domain, has_certificate, recorded };
    let may_be_elsewhere = has_certificate && settings.domain.hosted_zone.is_none();
    let choice = match retrying(bounds, || choose_zone(&apis.route53, wish)).await {
        Err(EngineError::Aws(error)) if may_be_elsewhere && error.kind == AwsErrorKind::AccessDenied => {
            ZoneChoice::Elsewhere
        }
        other => other?,
    };
    match choice {
        ZoneChoice::Found(zone) => Ok(Some(Zone { id: zone.id, name: zone.name })),
        ZoneChoice::Elsewhere => Ok(None),
        ZoneChoice::Refused(refusal) => Err(refusal.into()),
    }
}

async fn find_port(apis: &Apis, bounds: &Bounds, configuration: &Configuration) -> Result<u16, EngineError> {
    if let Some(arn) = &configuration.task_definition_arn {
        let definition = retrying(bounds, || apis.ecs.find_task_definition(arn)).await?;
        return port_of(arn, definition.as_ref());
    }
    let port = configuration.primary_container.as_ref().and_then(|container| container.container_port);
    Ok(port.and_then(|port| u16::try_from(port).ok()).unwrap_or(DEFAULT_CONTAINER_PORT))
}

/// Express Mode's own demand on a task definition (facts, express section 1.2).
fn port_of(arn: &str, definition: Option<&TaskDefinition>) -> Result<u16, EngineError> {
    let Some(definition) = definition else {
        return Err(EngineError::Missing { what: format!("task definition `{arn}`") });
    };
    container_port(&definition.document).ok_or_else(|| EngineError::Unfit {
        reason: format!("Task definition {arn} has no container named `Main` with a TCP port mapping."),
        hint: "name the container that serves `Main` and give it one port mapping".to_owned(),
    })
}

async fn find_network(
    apis: &Apis,
    bounds: &Bounds,
    configuration: &Configuration,
    current: Option<&CurrentSubnets>,
) -> Result<Network, EngineError> {
    let ec2 = &apis.ec2;
    let current = current.cloned().unwrap_or_default();
    let balancer_ids = configuration.composed.load_balancer.subnets.clone().unwrap_or_default();
    let task_ids = configuration.subnets.clone().unwrap_or_default();
    let known: BTreeSet<_> = [&task_ids, &balancer_ids, &current.of_tasks, &current.of_load_balancer]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let known =
        if known.is_empty() { Vec::new() } else { retrying(bounds, || ec2.list_subnets(&known)).await? };
    let of =
        |ids: &BTreeSet<String>| known.iter().filter(|it| ids.contains(&it.id)).cloned().collect::<Vec<_>>();
    let tasks = if task_ids.is_empty() { list_default_subnets(apis, bounds).await? } else { of(&task_ids) };
    let (current_tasks, current_balancer) = (of(&current.of_tasks), of(&current.of_load_balancer));
    let balancer = if !balancer_ids.is_empty() {
        of(&balancer_ids)
    } else if stays_fit(&current_balancer, &tasks) {
        current_balancer.clone()
    } else {
        tasks.clone()
    };
    let current =
        CurrentZones { of_tasks: zones(&current_tasks), of_load_balancer: zones(&current_balancer) };
    network(configuration, &tasks, &balancer, current)
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

async fn list_default_subnets(apis: &Apis, bounds: &Bounds) -> Result<Vec<Subnet>, EngineError> {
    let hint = "name at least two subnets in two zones in `network_configuration.subnets`";
    let Some(vpc_id) = retrying(bounds, || apis.ec2.find_default_vpc()).await? else {
        return Err(EngineError::Unfit {
            reason: "No subnets are named, and this account has no default VPC in this region.".to_owned(),
            hint: hint.to_owned(),
        });
    };
    retrying(bounds, || apis.ec2.list_default_subnets(&vpc_id)).await
}

/// Where tasks and load balancer go. Public or private is what the subnets' routes say, unless the user says more.
fn network(
    configuration: &Configuration,
    tasks: &[Subnet],
    balancer: &[Subnet],
    current: CurrentZones,
) -> Result<Network, EngineError> {
    let unfit = |reason: String, hint: &str| EngineError::Unfit { reason, hint: hint.to_owned() };
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
    let settings = &configuration.composed;
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
        current,
    })
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
mod tests {
    use super::*;

    fn subnet(id: &str, zone: &str, kind: SubnetKind) -> Subnet {
        Subnet {
            id: id.to_owned(),
            vpc_id: "vpc-1".to_owned(),
            availability_zone: zone.to_owned(),
            available_address_count: 100,
            has_way_out: true,
            leads_to_endpoint: false,
            kind,
        }
    }

    #[test]
    fn a_load_balancer_has_one_subnet_of_each_zone() {
        let subnets = [
            subnet("subnet-c", "a", SubnetKind::Public),
            subnet("subnet-a", "a", SubnetKind::Public),
            subnet("subnet-b", "b", SubnetKind::Public),
        ];
        let found = network(&Configuration::default(), &subnets, &subnets, CurrentZones::default())
            .expect("a network");
        assert_eq!(found.load_balancer_subnet_ids, ["subnet-a", "subnet-b"]);
        assert_eq!(found.task_subnet_ids, ["subnet-a", "subnet-b", "subnet-c"]);
        assert!(!found.is_internal && found.assigns_public_ip);
    }

    #[test]
    fn one_zone_is_refused_with_what_to_do() {
        let subnets = [subnet("subnet-a", "a", SubnetKind::Public)];
        let refused = network(&Configuration::default(), &subnets, &subnets, CurrentZones::default())
            .expect_err("one zone");
        assert!(
            matches!(refused, EngineError::Unfit { hint, .. } if hint.contains("another availability zone"))
        );
    }

    #[test]
    fn a_load_balancer_stays_while_it_is_in_every_zone_of_the_tasks_and_of_their_kind() {
        let balancer =
            [subnet("subnet-a", "a", SubnetKind::Public), subnet("subnet-b", "b", SubnetKind::Public)];
        let elsewhere = [subnet("subnet-x", "b", SubnetKind::Public)];
        assert!(stays_fit(&balancer, &elsewhere));
        assert!(!stays_fit(&balancer, &[subnet("subnet-c", "c", SubnetKind::Public)]));
        assert!(!stays_fit(&balancer, &[subnet("subnet-p", "a", SubnetKind::Private)]));
        assert!(!stays_fit(&[], &elsewhere));
    }

    #[test]
    fn a_public_load_balancer_may_stand_before_private_tasks() {
        let public =
            [subnet("subnet-a", "a", SubnetKind::Public), subnet("subnet-b", "b", SubnetKind::Public)];
        let private =
            [subnet("subnet-c", "a", SubnetKind::Private), subnet("subnet-d", "b", SubnetKind::Private)];
        let found = network(&Configuration::default(), &private, &public, CurrentZones::default())
            .expect("a network");
        assert!(!found.is_internal && !found.assigns_public_ip);
    }
}
