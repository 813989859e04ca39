//! `alias_record`: each host name leads to the load balancer. `CREATE` decides whose a host name is.

use std::time::Duration;

use super::super::composition::Composition;
use super::super::ground::{Apis, Ground, Site, found};
use super::super::plan::Part;
use crate::aws::route53::{AliasTarget, RecordSet, RecordSetChange, ZoneVisibility, normalized_name};
use crate::engine::retry::{retrying, shown_within};
use crate::engine::wait::{Condition, wait_until};
use crate::engine::{Bounds, EngineError};

/// Time for a record to show that Route 53 says exists.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);

/// How often a record that is taken back is looked for.
const LOOKS: u32 = 6;
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Every host name is an alias of the load balancer, made before anybody asks for it, so that no resolver remembers
/// that it does not exist. An alias of the load balancer that a move leaves is changed, and the change waited for.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    for host in ground.blueprint.hosts() {
        ensure_one(ground, host).await?;
    }
    Ok(())
}

async fn ensure_one(ground: &Ground, host: &str) -> Result<(), EngineError> {
    let Some(zone) = ground.blueprint.zone() else { return Ok(()) };
    let joined = found(&ground.findings.joined)?;
    // Not by the load balancer's health: that of other services' target groups would count (composition section 0, fact 6).
    let target = AliasTarget {
        zone_id: joined.zone_id.clone(),
        dns_name: joined.dns_name.to_lowercase(),
        evaluate_target_health: false,
    };
    let record = RecordSet::alias(host, "A", target);
    let create = [RecordSetChange::Create(record.clone())];
    let route53 = &ground.apis.route53;
    let error = match retrying(&ground.bounds, || route53.change_record_sets(&zone.id, &create)).await {
        Err(EngineError::Aws(error)) if error.has_code("InvalidChangeBatch") => error,
        made => {
            ground.findings.note_made(Part::AliasRecord);
            return made.map(drop);
        }
    };
    // One that exists may not show yet.
    let exists = error.says("already exists") || error.says("conflicts");
    let limit = if exists { SHOWN_WITHIN } else { Duration::ZERO };
    let find = || async {
        let sets = route53.list_record_sets(&zone.id, host).await?;
        Ok(sets.into_iter().find(is_address))
    };
    let existing = shown_within(&ground.bounds, limit, find).await?;
    let is_ours = |set: &RecordSet| {
        let target = set.alias_target();
        target.is_some_and(|target| target.is_same_target(&joined.zone_id, &joined.dns_name))
    };
    match &existing {
        Some(set) if is_ours(set) => Ok(()),
        Some(set) if ground.existing.is_own_alias(set) => {
            let upsert = [RecordSetChange::Upsert(record)];
            let change = retrying(&ground.bounds, || route53.change_record_sets(&zone.id, &upsert)).await?;
            wait_until_in_sync(ground, &change, host).await
        }
        Some(_) => Err(EngineError::NotOurs { kind: "DNS record", name: host.to_owned() }),
        None => Err(error.into()),
    }
}

/// All of Route 53's name servers answer with the change: a minute or two.
async fn wait_until_in_sync(ground: &Ground, change_id: &str, host: &str) -> Result<(), EngineError> {
    wait_until(&ground.bounds, || async {
        Ok::<_, EngineError>(if ground.apis.route53.is_change_in_sync(change_id).await? {
            Condition::Ready(())
        } else {
            Condition::Pending(format!("waiting for Route 53 to answer with the new record of {host}"))
        })
    })
    .await?;
    Ok(())
}

/// Whether a set answers where a host is. A CNAME excludes all others of its name.
fn is_address(set: &RecordSet) -> bool {
    matches!(set.record_type.as_str(), "A" | "AAAA" | "CNAME")
}

/// Deletes the aliases of the service's host names that lead to its load balancers. Others are not ours.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let was_made = site.made.as_ref().is_some_and(|made| made.contains(&Part::AliasRecord));
    for host in site.composition.hosts() {
        // One that was just made may not show yet.
        for _ in 0..LOOKS {
            let is_done = delete_aliases(&site.apis, &site.bounds, &host, &site.composition).await?;
            if is_done || !was_made || !site.bounds.sleep(BETWEEN_LOOKS).await {
                break;
            }
        }
    }
    Ok(())
}

/// Deletes the aliases of a host name that lead to the load balancers of a service, and says whether there were any.
pub(super) async fn delete_aliases(
    apis: &Apis,
    bounds: &Bounds,
    host: &str,
    service: &Composition,
) -> Result<bool, EngineError> {
    let route53 = &apis.route53;
    let find = || route53.find_hosted_zone_of(host, ZoneVisibility::Public);
    let Some(zone) = retrying(bounds, find).await? else { return Ok(false) };
    let sets = retrying(bounds, || route53.list_record_sets(&zone.id, host)).await?;
    let name = normalized_name(host);
    let is_ours = |set: &RecordSet| set.name == name && service.is_own_alias(set);
    let delete: Vec<_> = sets.into_iter().filter(is_ours).map(RecordSetChange::Delete).collect();
    if delete.is_empty() {
        return Ok(false);
    }
    match retrying(bounds, || route53.change_record_sets(&zone.id, &delete)).await {
        Err(EngineError::Aws(error)) if error.has_code("InvalidChangeBatch") && error.says("not found") => {}
        other => drop(other?),
    }
    Ok(true)
}
