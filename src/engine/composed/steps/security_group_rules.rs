//! `security_group_rules`: the load balancer may reach the tasks at the container's port, and nothing else may.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ground::{Apis, Ground, Site, found};
use crate::aws::ec2::{Direction, Peer, Permission, SecurityGroup};
use crate::engine::retry::retrying;
use crate::engine::{Bounds, EngineError};

const PART: &str = "security_group_rule";
/// Description of the rule that lets a load balancer in.
const FROM_LOAD_BALANCER: &str = "From the load balancer";

/// The group of the tasks lets the load balancer's in, and the load balancer's lets requests out to it.
///
/// The load balancer reaches nothing but the services on it (facts, express section 2.2).
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let service_group = found(&ground.findings.service_security_group_id)?;
    let balancer_groups = &found(&ground.findings.joined)?.security_group_ids;
    let port = ground.blueprint.container_port;
    let tags = ground.blueprint.tags_of(PART);
    for balancer_group in balancer_groups {
        let from = Peer::SecurityGroup(balancer_group.clone());
        let to = Peer::SecurityGroup(service_group.clone());
        let ingress = Permission::tcp(port, from, FROM_LOAD_BALANCER);
        let egress = Permission::tcp(port, to, "To the ECS service");
        tokio::try_join!(
            authorize(ground, service_group, Direction::Ingress, ingress, &tags),
            authorize(ground, balancer_group, Direction::Egress, egress, &tags),
        )?;
    }
    Ok(())
}

async fn authorize(
    ground: &Ground,
    group_id: &str,
    direction: Direction,
    permission: Permission,
    tags: &BTreeMap<String, String>,
) -> Result<(), EngineError> {
    let permissions = [permission];
    let call = || ground.apis.ec2.authorize(group_id, direction, &permissions, tags);
    match retrying(&ground.bounds, call).await {
        Err(EngineError::Aws(error)) if error.has_code("InvalidPermission.Duplicate") => Ok(()),
        other => other,
    }
}

/// Takes the service's group and the load balancers' out of each other, so that all can be deleted. What a user wrote
/// into other groups is theirs, and stands in the way of the deletion until they take it out.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let Some(group) = &site.composition.service_security_group else { return Ok(()) };
    let of_balancers = site.composition.load_balancers().flat_map(|balancer| &balancer.security_group_ids);
    let groups: BTreeSet<String> = of_balancers.cloned().chain(list_let_in(group)).collect();
    revoke(&site.apis, &site.bounds, group, &groups.into_iter().collect::<Vec<_>>()).await
}

/// Groups of load balancers that the service's group lets in. Somebody may have deleted the load balancer itself.
pub(super) fn list_let_in(service_group: &SecurityGroup) -> Vec<String> {
    let ours = service_group
        .ingress
        .iter()
        .filter(|permission| permission.description.as_deref() == Some(FROM_LOAD_BALANCER));
    ours.filter_map(|permission| match &permission.peer {
        Peer::SecurityGroup(id) => Some(id.clone()),
        _ => None,
    })
    .collect()
}

/// Takes the service's group and these of a load balancer out of each other.
pub(super) async fn revoke(
    apis: &Apis,
    bounds: &Bounds,
    service_group: &SecurityGroup,
    balancer_groups: &[String],
) -> Result<(), EngineError> {
    let ec2 = &apis.ec2;
    for balancer_group in balancer_groups {
        let found = retrying(bounds, || ec2.find_security_group(balancer_group)).await?;
        let Some(found) = found else { continue };
        let service = Peer::SecurityGroup(service_group.id.clone());
        let to_service: Vec<_> =
            found.egress.into_iter().filter(|permission| permission.peer == service).collect();
        retrying(bounds, || ec2.revoke(balancer_group, Direction::Egress, &to_service)).await?;
        let from = Peer::SecurityGroup(balancer_group.clone());
        let from_balancer: Vec<_> =
            service_group.ingress.iter().filter(|permission| permission.peer == from).cloned().collect();
        retrying(bounds, || ec2.revoke(&service_group.id, Direction::Ingress, &from_balancer)).await?;
    }
    Ok(())
}
