//! `alias_record`: each host name leads to the load balancer. `CREATE` decides whose a host name is.

use super::super::ground::{Ground, Site, found};
use crate::aws::route53::{AliasTarget, RecordSet, RecordSetChange, ZoneVisibility, normalized_name};
use crate::engine::EngineError;
use crate::engine::retry::retrying;

/// Every host name is an alias of the load balancer, made before anybody asks for it, so that no resolver remembers
/// that it does not exist.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    for host in ground.blueprint.hosts() {
        ensure_one(ground, host).await?;
    }
    Ok(())
}

async fn ensure_one(ground: &Ground, host: &str) -> Result<(), EngineError> {
    let Some(zone) = ground.blueprint.zone() else { return Ok(()) };
    let joined = found(&ground.findings.joined);
    // Not by the load balancer's health: that of other services' target groups would count (composition section 0.6).
    let target = AliasTarget {
        zone_id: joined.zone_id.clone(),
        dns_name: joined.dns_name.to_lowercase(),
        evaluate_target_health: false,
    };
    let create = [RecordSetChange::Create(RecordSet::alias(host, "A", target))];
    let route53 = &ground.apis.route53;
    let error = match retrying(&ground.bounds, || route53.change_record_sets(&zone.id, &create)).await {
        Err(EngineError::Aws(error)) if error.has_code("InvalidChangeBatch") => error,
        other => return other.map(drop),
    };
    let sets = retrying(&ground.bounds, || route53.list_record_sets(&zone.id, host)).await?;
    let existing: Vec<_> = sets.into_iter().filter(is_address).collect();
    let is_ours = |set: &RecordSet| {
        let target = set.alias_target();
        target.is_some_and(|target| target.is_same_target(&joined.zone_id, &joined.dns_name))
    };
    match existing.first() {
        Some(set) if is_ours(set) => Ok(()),
        Some(_) => Err(EngineError::NotOurs { kind: "DNS record", name: host.to_owned() }),
        None => Err(error.into()),
    }
}

/// Whether a set answers where a host is. A CNAME excludes all others of its name.
fn is_address(set: &RecordSet) -> bool {
    matches!(set.record_type.as_str(), "A" | "AAAA" | "CNAME")
}

/// Deletes the aliases of the service's host names that lead to its load balancer. Others are not ours.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let Some(balancer) = &site.composition.load_balancer else { return Ok(()) };
    let route53 = &site.apis.route53;
    for host in site.composition.hosts() {
        let find = || route53.find_hosted_zone_of(&host, ZoneVisibility::Public);
        let Some(zone) = retrying(&site.bounds, find).await? else { continue };
        let sets = retrying(&site.bounds, || route53.list_record_sets(&zone.id, &host)).await?;
        let name = normalized_name(&host);
        let is_ours = |set: &RecordSet| {
            let target = set.alias_target();
            set.name == name
                && target.is_some_and(|target| target.is_same_target(&balancer.zone_id, &balancer.dns_name))
        };
        let delete: Vec<_> = sets.into_iter().filter(is_ours).map(RecordSetChange::Delete).collect();
        if delete.is_empty() {
            continue;
        }
        match retrying(&site.bounds, || route53.change_record_sets(&zone.id, &delete)).await {
            Err(EngineError::Aws(error))
                if error.has_code("InvalidChangeBatch") && error.says("not found") => {}
            other => drop(other?),
        }
    }
    Ok(())
}
