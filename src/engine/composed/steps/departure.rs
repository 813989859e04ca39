//! `departure`: the place on the old load balancer of a move is given back.

use super::super::composition::Departure;
use super::super::ground::Ground;
use super::pool::{departure_request, pool_tag};
use super::retired_hosts::delete_retired_records;
use super::security_group_rules::{list_let_in, revoke};
use crate::engine::EngineError;

/// Old rule, old target groups and old permissions are gone, and the old load balancer with the last service that used
/// it. A host name that the service gave up with the move has no record any more. A certificate that the user gave stays
/// on the old listener: other services may serve it too.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let existing = &ground.existing;
    let new = ground.blueprint.names.target_groups(ground.blueprint.generation);
    let old: Vec<_> = existing.all_target_groups().filter(|group| !new.contains(&group.name)).collect();
    let Some(group) = &existing.service_security_group else { return Ok(()) };
    let is_given_up = |host: &&String| !ground.blueprint.hosts().contains(host);
    let given_up: Vec<_> = existing.hosts().iter().filter(is_given_up).cloned().collect();
    delete_retired_records(ground, &given_up).await?;
    let new_groups =
        ground.findings.joined.get().map(|joined| &joined.security_group_ids[..]).unwrap_or_default();
    let old_groups: Vec<_> = list_let_in(group).into_iter().filter(|id| !new_groups.contains(id)).collect();
    revoke(&ground.apis, &ground.bounds, group, &old_groups).await?;
    let departure = existing.departure().or_else(|| {
        let pool_tag = existing.pool_tag()?.to_owned();
        Some(Departure { generation: existing.generation(), pool_tag })
    });
    let Some(departure) = departure.filter(|it| it.pool_tag != pool_tag(&ground.blueprint)) else {
        return Ok(());
    };
    let own = existing.certificate.iter().filter(|certificate| certificate.is_ours);
    let certificates = own.map(|certificate| certificate.arn.clone()).collect();
    let groups = old.into_iter().map(|group| group.arn.clone()).collect();
    let owner = ground.blueprint.names.owner();
    let tags = existing.user_tags();
    if let Some(request) =
        departure_request(&departure.pool_tag, &group.vpc_id, owner, groups, certificates, tags)
    {
        ground.apis.pools.leave(&ground.bounds, &request).await?;
    }
    Ok(())
}
