//! What has to be asked before a blueprint can be drawn: the network, the hosted zone, a task definition of the user's
//! own. Reads only.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;

use super::blueprint::{Blueprint, Ingress, Network, Zone};
use super::decide::network::{Subnets, network};
use super::ground::Apis;
use super::task_definition::container_port;
use super::zone::{ZoneChoice, ZoneWish, choose_zone};
use crate::aws::AwsErrorKind;
use crate::aws::ec2::Subnet;
use crate::aws::ecs::task_definitions::TaskDefinition;
use crate::engine::retry::retrying;
use crate::engine::{Bounds, EngineError};
use crate::service::{ComposedSettings, Configuration, DEFAULT_CLUSTER_NAME, ObjectNames};

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
    let of_tasks =
        if task_ids.is_empty() { list_default_subnets(apis, bounds).await? } else { of(&task_ids) };
    let subnets = Subnets {
        of_tasks,
        of_load_balancer: of(&balancer_ids),
        current_of_tasks: of(&current.of_tasks),
        current_of_load_balancer: of(&current.of_load_balancer),
    };
    network(&configuration.composed, &subnets)
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
