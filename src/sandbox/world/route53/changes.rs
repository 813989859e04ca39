//! `ChangeResourceRecordSets`: all of a batch, or none of it.

use serde_json::{Value, json};

use super::record_sets::{self, RecordSet};
use super::{HostedZone, invalid, new_id, normalized};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::elbv2::hosted_zones::{hosted_zone_of, region_of_name};
use crate::sandbox::world::input::{list, text};
use crate::sandbox::world::{Scope, Timestamp};

/// Changes of a batch (a Route 53 quota).
const MAX_CHANGES: usize = 1000;

/// `ChangeResourceRecordSets`. The changes take effect in their order; every one that cannot is named in the refusal.
pub(super) fn call(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let now: Timestamp = scope.now;
    scope.account.route53.find_zone(input, "HostedZoneId")?;
    let changes = list(&input["ChangeBatch"], "Changes");
    if changes.is_empty() || changes.len() > MAX_CHANGES {
        return Err(invalid(format!("A change batch must have 1 to {MAX_CHANGES} changes.")));
    }
    let mut asked = Vec::with_capacity(changes.len());
    for change in changes {
        let set = RecordSet::new(checked(&change["ResourceRecordSet"])?, now);
        asked.push((text(change, "Action").unwrap_or_default(), set));
    }
    let guarded = asked.iter().find_map(|(action, set)| find_guardrail(scope, &asked, action, set));
    if let Some(message) = guarded {
        return Err(ApiError::client("InvalidChangeBatch", format!("[{message}]")));
    }
    let zone = scope.account.route53.find_zone_mut(input, "HostedZoneId")?;
    let (mut faults, mut before) = (Vec::new(), Vec::new());
    for (action, set) in asked {
        before.push((set.key(), zone.records.get(&set.key()).cloned()));
        faults.extend(apply(zone, action, set).err());
    }
    if !faults.is_empty() {
        for (key, record) in before.into_iter().rev() {
            match record {
                Some(record) => zone.records.insert(key, record),
                None => zone.records.remove(&key),
            };
        }
        return Err(ApiError::client("InvalidChangeBatch", format!("[{}]", faults.join(", "))));
    }
    let id = new_id(scope, 'C');
    Ok(json!({"ChangeInfo": scope.account.route53.note_change(&id, now)}))
}

/// Why a guardrail of the zone refuses a deletion: the record that goes still receives queries, which every address does
/// here, and nothing takes its place in the batch. The API model has the guardrail (`ACTIVE_RECORD_CHECK`), and no
/// error of its own; the words are a guess.
fn find_guardrail(
    scope: &Scope<'_>,
    batch: &[(&str, RecordSet)],
    action: &str,
    set: &RecordSet,
) -> Option<String> {
    let is_address = matches!(set.record_type(), "A" | "AAAA");
    let is_replaced = batch.iter().any(|(other, known)| *other != "DELETE" && known.key() == set.key());
    let is_guarded = action == "DELETE" && is_address && !is_replaced;
    (is_guarded && scope.scenarios.guards_record(set.name())).then(|| {
        format!(
            "The change guardrail ACTIVE_RECORD_CHECK rejected the change: resource record set [name='{}', type='{}'] \
             still receives DNS queries",
            set.name(),
            set.record_type()
        )
    })
}

/// Refuses what is no record set at all.
fn checked(set: &Value) -> Result<Value, ApiError> {
    if text(set, "Name").is_none_or(str::is_empty) || text(set, "Type").is_none_or(str::is_empty) {
        return Err(invalid("Invalid request: a resource record set needs a name and a type"));
    }
    let has_values = !list(set, "ResourceRecords").is_empty();
    match (set["AliasTarget"].is_object(), has_values) {
        (true, true) => Err(invalid(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found more than one",
        )),
        (false, true) if set["TTL"].is_null() => Err(invalid("Invalid request: Missing field 'TTL'")),
        (false, false) => Err(invalid(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none",
        )),
        (true, false) if !set["TTL"].is_null() => {
            Err(invalid("Invalid request: an alias record has no TTL of its own"))
        }
        _ => Ok(set.clone()),
    }
}

/// One change, or why it cannot be, in Route 53's words.
fn apply(zone: &mut HostedZone, action: &str, set: RecordSet) -> Result<(), String> {
    let (name, record_type, key) = (set.name().to_owned(), set.record_type().to_owned(), set.key());
    if name != zone.name && !name.ends_with(&format!(".{}", zone.name)) {
        return Err(format!("RRSet with DNS name {name} is not permitted in zone {}", zone.name));
    }
    let tried = |verb: &str| {
        let identifier = match set.set_identifier() {
            "" => String::new(),
            id => format!(", set identifier='{id}'"),
        };
        format!("Tried to {verb} resource record set [name='{name}', type='{record_type}'{identifier}]")
    };
    match (action, zone.records.get(&key)) {
        ("CREATE", Some(_)) => return Err(format!("{} but it already exists", tried("create"))),
        ("DELETE", None) => return Err(format!("{} but it was not found", tried("delete"))),
        ("DELETE", Some(known)) if !known.is_same(&set) => {
            return Err(format!(
                "{} but the values provided do not match the current values",
                tried("delete")
            ));
        }
        ("DELETE", Some(known)) if known.is_of_zone_itself(&zone.name) => {
            let name = &zone.name;
            return Err(format!(
                "A HostedZone must contain at least one NS record for the zone itself: {name}"
            ));
        }
        ("DELETE", Some(_)) => {
            zone.records.remove(&key);
            return Ok(());
        }
        ("CREATE" | "UPSERT", _) => {}
        _ => return Err(format!("The action {action} is not valid")),
    }
    check_neighbours(zone, &set)?;
    check_alias(zone, &set)?;
    zone.records.insert(key, set);
    Ok(())
}

/// A CNAME stands alone, and simple sets do not stand beside sets with identifiers.
fn check_neighbours(zone: &HostedZone, set: &RecordSet) -> Result<(), String> {
    let (name, record_type, own_key) = (set.name(), set.record_type(), set.key());
    if record_type == "CNAME" && name == zone.name {
        return Err(format!(
            "RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {}",
            zone.name
        ));
    }
    let start = record_sets::key(name, "", "");
    let neighbours =
        zone.records.range(start..).map(|(_, known)| known).take_while(|known| known.name() == name);
    for known in neighbours.filter(|known| known.key() != own_key) {
        if known.record_type() != record_type && (record_type == "CNAME" || known.record_type() == "CNAME") {
            return Err(format!(
                "RRSet of type {record_type} with DNS name {name} is not permitted as it conflicts with other \
                 records with the same DNS name in zone {}",
                zone.name
            ));
        }
        let is_mixed = known.set_identifier().is_empty() != set.set_identifier().is_empty();
        if known.record_type() == record_type && is_mixed {
            return Err(format!(
                "RRSet with DNS name {name}, type {record_type}, SetIdentifier {} cannot be created as other \
                 RRSets exist with the same name and type.",
                set.set_identifier()
            ));
        }
    }
    Ok(())
}

/// An alias into the own zone needs its target there; one to a load balancer needs a load balancer's name.
fn check_alias(zone: &HostedZone, set: &RecordSet) -> Result<(), String> {
    let target = &set.body["AliasTarget"];
    if !target.is_object() {
        return Ok(());
    }
    let (target_zone, target_name) =
        (text(target, "HostedZoneId").unwrap_or_default(), text(target, "DNSName").unwrap_or_default());
    let record_type = set.record_type();
    let tried = format!(
        "Tried to create an alias that targets {target_name}, type {record_type} in zone {target_zone}"
    );
    if target_zone == zone.id {
        let start = record_sets::key(target_name, record_type, "");
        let found = zone.records.range(start..).next().map(|(_, known)| known);
        let is_there = found.is_some_and(|known| {
            known.name() == normalized(target_name) && known.record_type() == record_type
        });
        return if is_there { Ok(()) } else { Err(format!("{tried}, but that target was not found")) };
    }
    // An alias in another region's zone is refused (harmony-one/harmony-ops #491, barnybug/cli53 #213).
    if let Some(region) = region_of_name(target_name)
        && hosted_zone_of(region) != target_zone
    {
        return Err(format!("{tried}, but the alias target name does not lie within the target zone"));
    }
    if target_name.ends_with(".amazonaws.com.") || target_name.ends_with(".amazonaws.com.cn.") {
        return Ok(());
    }
    Err(format!("{tried}, but the alias target name does not lie within the target zone"))
}
