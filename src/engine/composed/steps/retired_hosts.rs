//! `retired_hosts`: host names that the service gives up lose their record, and then their place on the rule. Those that
//! it keeps lose the record in a zone that it gives up.

use std::time::Duration;

use super::super::ground::{Ground, found};
use super::alias_record::delete_aliases;
use super::drain::pause;
use super::rule_hosts::{find_live_rule, put_hosts};
use crate::engine::EngineError;

/// Until every resolver has the new records (facts, composition section 4).
const NEW_RECORDS_SPREAD: Duration = Duration::from_secs(60);
/// Twice as long as a resolver keeps an alias of a load balancer.
const OLD_RECORDS_EXPIRE: Duration = Duration::from_secs(120);

/// Nobody is led to the old names any more, and the rule has let go of them. Names that others put on the rule stay.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let retired = &ground.change.retired_hosts;
    if !ground.blueprint.hosts().is_empty() {
        pause(ground, NEW_RECORDS_SPREAD, "the new host names become known").await?;
    }
    if delete_retired_records(ground, retired).await? {
        pause(ground, OLD_RECORDS_EXPIRE, "the old host names are forgotten").await?;
    }
    if retired.is_empty() {
        return Ok(());
    }
    let rule = find_live_rule(ground).await?;
    let is_retired = |host: &str| retired.iter().any(|retired| retired.eq_ignore_ascii_case(host));
    let kept: Vec<_> = rule.host_names().filter(|host| !is_retired(host)).map(str::to_owned).collect();
    if kept.is_empty() {
        // A rule needs a condition: without any name of its own the service would answer to every name.
        let rule_arn = &found(&ground.findings.joined)?.rule_arn;
        return Err(EngineError::Unfit {
            reason: format!("No host name would be left on listener rule {rule_arn}."),
            hint: "apply again: the rule was changed by somebody else meanwhile".to_owned(),
        });
    }
    put_hosts(ground, &rule, kept).await
}

/// Deletes the records of these host names wherever the service has any, and those of all of its host names in the zones
/// that it gives up. Says whether there were any.
pub(super) async fn delete_retired_records(ground: &Ground, retired: &[String]) -> Result<bool, EngineError> {
    let change = &ground.change;
    let mut is_any_deleted = false;
    for zone_id in &change.record_zones {
        let kept = ground.blueprint.hosts().iter().filter(|_| change.retired_zones.contains(zone_id));
        for host in retired.iter().chain(kept) {
            let (apis, bounds) = (&ground.apis, &ground.bounds);
            is_any_deleted |= delete_aliases(apis, bounds, zone_id, host, &ground.existing).await?;
        }
    }
    Ok(is_any_deleted)
}
