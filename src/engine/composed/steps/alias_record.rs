//! `alias_record`: each host name leads to the load balancer. `CREATE` decides whose a host name is.

use std::time::Duration;

use super::super::blueprint::Zone;
use super::super::composition::{Composition, leads_to};
use super::super::ground::{Apis, Ground, Site, found};
use super::super::handover::{Tried, once_free};
use super::super::plan::Part;
use super::super::zone::find_record_zones;
use super::anchor::note_zone;
use crate::aws::AwsError;
use crate::aws::route53::{AliasTarget, RecordSet, RecordSetChange, normalized_name};
use crate::engine::retry::{retrying, shown_within};
use crate::engine::wait::{Condition, wait_until};
use crate::engine::{Bounds, EngineError};

/// How often a record that somebody else changes at the same time is read again before it is deleted.
const DELETE_ATTEMPTS: usize = 3;
/// Time for a record to show that Route 53 says exists.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);

/// How often a record that is taken back is looked for.
const LOOKS: u32 = 6;
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Every host name is an alias of the load balancer, made before anybody asks for it, so that no resolver remembers
/// that it does not exist. An alias of the load balancer that a move leaves is changed, and the change waited for.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let Some(zone) = ground.blueprint.zone() else { return Ok(()) };
    note_zone(ground, &zone.id).await?;
    for host in ground.blueprint.hosts() {
        ensure_one(ground, zone, host).await?;
    }
    Ok(())
}

async fn ensure_one(ground: &Ground, zone: &Zone, host: &str) -> Result<(), EngineError> {
    let change = once_free(ground, || try_one(ground, zone, host)).await?;
    match change {
        Some(change) => wait_until_in_sync(ground, &change, host).await,
        None => Ok(()),
    }
}

/// The id of a change that has to spread, if there is one.
async fn try_one(ground: &Ground, zone: &Zone, host: &str) -> Result<Tried<Option<String>>, EngineError> {
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
            return made.map(|_| Tried::Done(None));
        }
    };
    // One that exists may not show yet.
    let exists = error.says("already exists") || error.says("conflicts");
    let limit = if exists { SHOWN_WITHIN } else { Duration::ZERO };
    let find = || async {
        let sets = route53.list_record_sets(&zone.id, host).await?;
        Ok(sets.into_iter().find(is_address))
    };
    let found = shown_within(&ground.bounds, limit, find).await?;
    let Some(set) = found else { return Err(error.into()) };
    let leads_here =
        set.alias_target().is_some_and(|it| it.is_same_target(&joined.zone_id, &joined.dns_name));
    if leads_here {
        return Ok(Tried::Done(None));
    }
    if is_ours(&ground.apis, &ground.bounds, &ground.existing, &set).await? {
        let upsert = [RecordSetChange::Upsert(record)];
        let change = retrying(&ground.bounds, || route53.change_record_sets(&zone.id, &upsert)).await?;
        return Ok(Tried::Done(Some(change)));
    }
    let taken = EngineError::NotOurs { kind: "DNS record", name: host.to_owned() };
    // A service of this provider may be about to give the name up; nobody else is.
    let is_of_a_pool = set.alias_target().is_some_and(|target| target.dns_name.contains("xp-"));
    if is_of_a_pool { Ok(Tried::Taken(taken)) } else { Err(taken) }
}

/// Whether a record leads to a load balancer of the service, or to one of its pools that is gone. A neighbour's is there.
async fn is_ours(
    apis: &Apis,
    bounds: &Bounds,
    service: &Composition,
    set: &RecordSet,
) -> Result<bool, EngineError> {
    if service.load_balancers().any(|balancer| leads_to(set, balancer)) {
        return Ok(true);
    }
    if !service.is_own_alias(set) {
        return Ok(false);
    }
    let balancers = retrying(bounds, || apis.elbv2.list_load_balancers()).await?;
    Ok(!balancers.iter().any(|balancer| leads_to(set, balancer)))
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

/// Deletes the aliases of the service's host names that lead to its load balancers, in every zone that has records of
/// the service. Others are not ours.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let service = &site.composition;
    let hosts = service.hosts();
    if hosts.is_empty() {
        return Ok(());
    }
    let was_made = site.made.as_ref().is_some_and(|made| made.contains(&Part::AliasRecord));
    let zones = find_record_zones(&site.apis, &site.bounds, service).await?;
    // A record that was just made may not show yet: by this operation, or by a change of zone that was cut short.
    let may_be_new = was_made || zones.len() > 1;
    for zone_id in zones {
        for host in &hosts {
            for _ in 0..LOOKS {
                let is_done = delete_aliases(&site.apis, &site.bounds, &zone_id, host, service).await?;
                if is_done || !may_be_new || !site.bounds.sleep(BETWEEN_LOOKS).await {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Deletes the aliases of a host name in one zone that lead to the load balancers of a service, and says whether there
/// were any. One that somebody changes at the same time is looked at again.
pub(super) async fn delete_aliases(
    apis: &Apis,
    bounds: &Bounds,
    zone_id: &str,
    host: &str,
    service: &Composition,
) -> Result<bool, EngineError> {
    let route53 = &apis.route53;
    let name = normalized_name(host);
    let mut refusal = None;
    for _ in 0..DELETE_ATTEMPTS {
        let sets = retrying(bounds, || route53.list_record_sets(zone_id, host)).await?;
        let mut delete = Vec::new();
        for set in sets {
            if set.name == name && is_ours(apis, bounds, service, &set).await? {
                delete.push(RecordSetChange::Delete(set));
            }
        }
        if delete.is_empty() {
            return Ok(refusal.is_some());
        }
        match retrying(bounds, || route53.change_record_sets(zone_id, &delete)).await {
            Err(EngineError::Aws(error)) if is_outdated(&error) => refusal = Some(error),
            other => return other.map(|_| true),
        }
    }
    refusal.map_or(Ok(false), |error| Err(error.into()))
}

/// Whether Route 53 refuses a deletion because the record is not there, or not any more as it was read.
fn is_outdated(error: &AwsError) -> bool {
    error.has_code("InvalidChangeBatch")
        && (error.says("but it was not found") || error.says("do not match the current values"))
}
