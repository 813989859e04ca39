//! Zones and attributes of the account.

use serde_json::{Value, json};

use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text, texts};
use crate::sandbox::world::region::{RegionState, zone_prefix};

/// The zones of every region: name suffix and number.
pub(super) const ZONES: [(&str, u32); 3] = [("a", 1), ("b", 2), ("c", 3)];

/// Name and id of a zone, for example `eu-west-1a` and `euw1-az1`.
pub(super) fn zone(region: &str, (suffix, number): (&str, u32)) -> (String, String) {
    (format!("{region}{suffix}"), format!("{}-az{number}", zone_prefix(region)))
}

/// `DescribeAvailabilityZones`.
pub(super) fn availability_zones(region: &RegionState, input: &Value) -> Result<Value, ApiError> {
    let (names, ids) = (texts(input, "ZoneNames"), texts(input, "ZoneIds"));
    let zones: Vec<(String, String)> = ZONES.map(|known| zone(&region.region, known)).into();
    if let Some(missing) = names.iter().find(|name| zones.iter().all(|(known, _)| known != **name)) {
        return Err(super::invalid(format!("Invalid availability zone: [{missing}]")));
    }
    let mut described = Vec::new();
    for (name, id) in zones {
        let is_named = names.is_empty() || names.contains(&name.as_str());
        let is_identified = ids.is_empty() || ids.contains(&id.as_str());
        if is_named && is_identified && is_admitted(&name, &id, list(input, "Filters"), region)? {
            described.push(json!({
                "ZoneName": name,
                "ZoneId": id,
                "RegionName": region.region,
                "State": "available",
                "ZoneType": "availability-zone",
                "OptInStatus": "opt-in-not-required",
                "GroupName": format!("{}-zg-1", region.region),
                "NetworkBorderGroup": region.region,
                "Messages": [],
            }));
        }
    }
    Ok(json!({"AvailabilityZones": described}))
}

fn is_admitted(name: &str, id: &str, filters: &[Value], region: &RegionState) -> Result<bool, ApiError> {
    for filter in filters {
        let present = match text(filter, "Name").unwrap_or_default() {
            "zone-name" => name,
            "zone-id" => id,
            "region-name" => &region.region,
            "state" => "available",
            "zone-type" => "availability-zone",
            "opt-in-status" => "opt-in-not-required",
            other => return Err(super::invalid(format!("The filter '{other}' is invalid"))),
        };
        if !texts(filter, "Values").contains(&present) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `DescribeAccountAttributes`.
pub(super) fn attributes(region: &RegionState, input: &Value) -> Value {
    let default_vpc = region.ec2.vpcs.values().find(|vpc| vpc.is_default).map(|vpc| vpc.id.clone());
    let known = [
        ("supported-platforms", "VPC".to_owned()),
        ("default-vpc", default_vpc.unwrap_or_else(|| "none".to_owned())),
        ("vpc-max-security-groups-per-interface", "5".to_owned()),
    ];
    let asked = texts(input, "AttributeNames");
    let attributes = known.iter().filter(|(name, _)| asked.is_empty() || asked.contains(name));
    let attributes = attributes
        .map(|(name, value)| json!({"AttributeName": name, "AttributeValues": [{"AttributeValue": value}]}));
    json!({"AccountAttributes": attributes.collect::<Vec<Value>>()})
}
