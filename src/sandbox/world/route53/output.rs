//! Zones and changes in the form in which the API describes them.

use serde_json::{Value, json};

use super::{HostedZone, is_in_sync};
use crate::sandbox::world::Timestamp;

/// Name servers of every zone.
pub(super) const NAME_SERVERS: [&str; 4] =
    ["ns-1.awsdns-01.com", "ns-2.awsdns-02.net", "ns-3.awsdns-03.org", "ns-4.awsdns-04.co.uk"];

pub(super) fn hosted_zone(zone: &HostedZone) -> Value {
    json!({
        "Id": format!("/hostedzone/{}", zone.id),
        "Name": zone.name,
        "CallerReference": zone.caller_reference,
        "Config": {"Comment": zone.comment, "PrivateZone": !zone.vpcs.is_empty()},
        "ResourceRecordSetCount": zone.records.len(),
    })
}

/// A private zone has no name servers of its own.
pub(super) fn delegation_set(zone: &HostedZone) -> Value {
    if zone.vpcs.is_empty() { json!({"NameServers": NAME_SERVERS}) } else { Value::Null }
}

pub(super) fn change_info(id: &str, submitted_at: Timestamp, now: Timestamp) -> Value {
    json!({
        "Id": format!("/change/{id}"),
        "Status": if is_in_sync(submitted_at, now) { "INSYNC" } else { "PENDING" },
        "SubmittedAt": submitted_at.iso8601(),
    })
}
