//! `security_group_rules`: the load balancer may reach the tasks at the container's port, and nothing else may.

use std::collections::BTreeMap;

use super::super::ground::{Ground, Site, found};
use crate::aws::ec2::{Direction, Peer, Permission};
use crate::engine::EngineError;
use crate::engine::retry::retrying;

const PART: &str = "security_group_rule";

/// The group of the tasks lets the load balancer's in, and the load balancer's lets requests out to it.
///
/// The load balancer reaches nothing but the services on it (facts, express section 2.2).
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let service_group = found(&ground.findings.service_security_group_id);
    let balancer_groups = &found(&ground.findings.joined).security_group_ids;
    let port = ground.blueprint.container_port;
    let tags = ground.blueprint.names.owner().tags(PART, ground.blueprint.generation);
    for balancer_group in balancer_groups {
        let from = Peer::SecurityGroup(balancer_group.clone());
        let to = Peer::SecurityGroup(service_group.clone());
        let ingress = Permission::tcp(port, from, "From the load balancer");
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

/// Takes the service's group and the load balancer's out of each other, so that both can be deleted. What a user
/// wrote into other groups is theirs, and stands in the way of the deletion until they take it out.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let Some(service_group) = &site.composition.service_security_group else { return Ok(()) };
    let Some(balancer) = &site.composition.load_balancer else { return Ok(()) };
    let ec2 = &site.apis.ec2;
    for balancer_group in &balancer.security_group_ids {
        let found = retrying(&site.bounds, || ec2.find_security_group(balancer_group)).await?;
        let Some(found) = found else { continue };
        let service = Peer::SecurityGroup(service_group.id.clone());
        let to_service: Vec<_> =
            found.egress.into_iter().filter(|permission| permission.peer == service).collect();
        retrying(&site.bounds, || ec2.revoke(balancer_group, Direction::Egress, &to_service)).await?;
        let from = Peer::SecurityGroup(balancer_group.clone());
        let from_balancer: Vec<_> =
            service_group.ingress.iter().filter(|permission| permission.peer == from).cloned().collect();
        retrying(&site.bounds, || ec2.revoke(&service_group.id, Direction::Ingress, &from_balancer)).await?;
    }
    Ok(())
}
