//! `cluster`: the ECS cluster, given or `default`.

use super::super::ground::{Ground, Site};
use super::super::plan::Part;
use crate::aws::ecs::clusters::{Cluster, ClusterDeletion};
use crate::engine::EngineError;
use crate::engine::retry::retrying;
use crate::engine::wait::{Condition, wait_until};
use crate::service::MANAGED_TAG_KEY;

/// The cluster is ACTIVE. Only `default` is made if it is missing, as Express Mode does (facts, express section 1.1).
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let name = ground.blueprint.service().cluster();
    let found = retrying(&ground.bounds, || ground.apis.ecs.find_cluster(name)).await?;
    if found.as_ref().is_some_and(Cluster::is_active) {
        return Ok(());
    }
    if !ground.blueprint.makes_cluster {
        return Err(EngineError::Missing { what: format!("cluster `{name}`") });
    }
    let tags = ground.blueprint.tags_of("cluster");
    retrying(&ground.bounds, || ground.apis.ecs.create_cluster(name, &tags)).await?;
    ground.findings.note_made(Part::Cluster);
    wait_until(&ground.bounds, || async {
        let cluster = ground.apis.ecs.find_cluster(name).await?;
        Ok::<_, EngineError>(match cluster {
            Some(cluster) if cluster.is_active() => Condition::Ready(()),
            _ => Condition::Pending(format!("waiting for cluster {name} to be ACTIVE")),
        })
    })
    .await?;
    Ok(())
}

/// Deletes the cluster if this engine made it and nothing else is in it. Otherwise it stays.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let name = site.names.service().cluster();
    let found = retrying(&site.bounds, || site.apis.ecs.find_cluster(name)).await?;
    let Some(cluster) = found.filter(Cluster::is_active) else { return Ok(()) };
    if !cluster.tags.contains_key(MANAGED_TAG_KEY) {
        return Ok(());
    }
    if retrying(&site.bounds, || site.apis.ecs.delete_cluster(name)).await? == ClusterDeletion::InUse {
        site.keep(|remains| remains.others.push(format!("cluster {name}, which other services are in")));
    }
    Ok(())
}
