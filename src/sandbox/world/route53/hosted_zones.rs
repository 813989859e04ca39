//! `CreateHostedZone`, `GetHostedZone`, `ListHostedZones`, `ListHostedZonesByName`, `DeleteHostedZone`.

use serde_json::{Value, json};

use super::record_sets::{self, RecordSet};
use super::{HostedZone, bare_id, invalid, new_id, no_such_zone, normalized, output};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::text;
use crate::sandbox::world::{Scope, Timestamp};

/// Largest page of zones.
const PAGE_SIZE: usize = 100;

impl HostedZone {
    /// A zone with the two records that every zone has.
    pub(super) fn new(id: String, name: &str, caller_reference: &str, now: Timestamp) -> Self {
        let record = |record_type: &str, ttl: u64, values: Vec<String>| {
            let records: Vec<Value> = values.iter().map(|value| json!({"Value": value})).collect();
            let body = json!({"Name": name, "Type": record_type, "TTL": ttl, "ResourceRecords": records});
            RecordSet::new(body, now)
        };
        let servers = output::NAME_SERVERS.iter().map(|server| format!("{server}.")).collect();
        let authority =
            format!("{}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400", output::NAME_SERVERS[0]);
        let records = [record("NS", 172_800, servers), record("SOA", 900, vec![authority])];
        Self {
            id,
            name: name.to_owned(),
            caller_reference: caller_reference.to_owned(),
            records: records.into_iter().map(|record| (record.key(), record)).collect(),
            ..Self::default()
        }
    }
}

pub(super) fn create(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = normalized(text(input, "Name").unwrap_or_default());
    let reference = text(input, "CallerReference").unwrap_or_default().to_owned();
    if !name.trim_end_matches('.').split('.').all(|label| (1..=63).contains(&label.len())) {
        return Err(ApiError::client("InvalidDomainName", "The domain name is not valid."));
    }
    if scope.account.route53.hosted_zones.values().any(|zone| zone.caller_reference == reference) {
        let message = "A hosted zone has already been created with the specified caller reference.";
        return Err(ApiError { status: 409, ..ApiError::client("HostedZoneAlreadyExists", message) });
    }
    let vpc = &input["VPC"];
    if vpc.is_object() && !scope.region.ec2.vpcs.is_empty() && text(vpc, "VPCId").is_none() {
        return Err(ApiError::client("InvalidVPCId", "The VPC ID is not valid."));
    }
    let id = new_id(scope, 'Z');
    let mut zone = HostedZone::new(id.clone(), &name, &reference, scope.now);
    zone.comment = text(&input["HostedZoneConfig"], "Comment").map(str::to_owned);
    zone.vpcs = if vpc.is_object() { vec![vpc.clone()] } else { Vec::new() };
    let change = new_id(scope, 'C');
    let answer = json!({
        "HostedZone": output::hosted_zone(&zone),
        "ChangeInfo": scope.account.route53.note_change(&change, scope.now),
        "DelegationSet": output::delegation_set(&zone),
    });
    scope.account.route53.hosted_zones.insert(id, zone);
    Ok(answer)
}

pub(super) fn get(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let zone = scope.account.route53.find_zone(input, "Id")?;
    let vpcs = if zone.vpcs.is_empty() { Value::Null } else { json!(zone.vpcs) };
    Ok(json!({
        "HostedZone": output::hosted_zone(zone),
        "DelegationSet": output::delegation_set(zone),
        "VPCs": vpcs,
    }))
}

pub(super) fn list(scope: &Scope<'_>, input: &Value) -> Value {
    let marker = text(input, "Marker").unwrap_or_default();
    let size = page_size(input);
    let mut zones = scope.account.route53.hosted_zones.values().filter(|zone| *zone.id >= *marker);
    let page: Vec<Value> = zones.by_ref().take(size).map(output::hosted_zone).collect();
    let next = zones.next().map(|zone| zone.id.clone());
    json!({
        "HostedZones": page,
        "Marker": text(input, "Marker"),
        "IsTruncated": next.is_some(),
        "NextMarker": next,
        "MaxItems": size.to_string(),
    })
}

/// Zones in the order of their names' labels from the right, then of their ids.
pub(super) fn list_by_name(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let start_name = text(input, "DNSName").map(normalized);
    let start_id = text(input, "HostedZoneId").map(bare_id);
    if start_name.is_none() && start_id.is_some() {
        return Err(invalid("The HostedZoneId parameter needs the DNSName parameter."));
    }
    let order = |name: &str, id: &str| (record_sets::reversed(name), id.to_owned());
    let start = start_name.as_deref().map(|name| order(name, start_id.unwrap_or_default()));
    let mut zones: Vec<&HostedZone> = scope.account.route53.hosted_zones.values().collect();
    zones.retain(|zone| start.as_ref().is_none_or(|start| order(&zone.name, &zone.id) >= *start));
    zones.sort_by_key(|zone| order(&zone.name, &zone.id));
    let size = page_size(input);
    let next = zones.get(size);
    Ok(json!({
        "HostedZones": zones.iter().take(size).map(|zone| output::hosted_zone(zone)).collect::<Vec<Value>>(),
        "DNSName": text(input, "DNSName"),
        "HostedZoneId": text(input, "HostedZoneId"),
        "IsTruncated": next.is_some(),
        "NextDNSName": next.map(|zone| &zone.name),
        "NextHostedZoneId": next.map(|zone| &zone.id),
        "MaxItems": size.to_string(),
    }))
}

/// Refused while the zone has records of its own.
pub(super) fn delete(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let zone = scope.account.route53.find_zone(input, "Id")?;
    if zone.records.values().any(|record| !record.is_of_zone_itself(&zone.name)) {
        let message =
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted.";
        return Err(ApiError::client("HostedZoneNotEmpty", message));
    }
    let id = zone.id.clone();
    scope.account.route53.hosted_zones.remove(&id).ok_or_else(|| no_such_zone(&id))?;
    let change = new_id(scope, 'C');
    Ok(json!({"ChangeInfo": scope.account.route53.note_change(&change, scope.now)}))
}

fn page_size(input: &Value) -> usize {
    let asked = text(input, "MaxItems").and_then(|size| size.parse::<usize>().ok());
    asked.unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE)
}
