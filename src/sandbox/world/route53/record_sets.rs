//! Record sets, their order and `ListResourceRecordSets`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::normalized;
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list as elements, text};
use crate::sandbox::world::{Scope, Timestamp};

/// Largest page of record sets.
const PAGE_SIZE: usize = 300;

/// Between the labels of a reversed name, and between the parts of a key: both sort before every label.
const LABEL_SEPARATOR: &str = "\u{2}";
const PART_SEPARATOR: &str = "\u{1}";

/// A record set in API form, and when it was last changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RecordSet {
    pub(super) body: Value,
    pub(crate) changed_at: Timestamp,
}

impl RecordSet {
    /// A record set as Route 53 keeps it: names in lower case with a dot at the end.
    pub(super) fn new(mut body: Value, now: Timestamp) -> Self {
        body["Name"] = normalized(text(&body, "Name").unwrap_or_default()).into();
        if body["AliasTarget"].is_object() {
            let target = normalized(text(&body["AliasTarget"], "DNSName").unwrap_or_default());
            body["AliasTarget"]["DNSName"] = target.into();
        }
        Self { body, changed_at: now }
    }

    pub(super) fn name(&self) -> &str {
        text(&self.body, "Name").unwrap_or_default()
    }

    pub(super) fn record_type(&self) -> &str {
        text(&self.body, "Type").unwrap_or_default()
    }

    pub(super) fn set_identifier(&self) -> &str {
        text(&self.body, "SetIdentifier").unwrap_or_default()
    }

    /// Its values, if it is no alias.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        elements(&self.body, "ResourceRecords").iter().filter_map(|record| text(record, "Value"))
    }

    pub(super) fn key(&self) -> String {
        key(self.name(), self.record_type(), self.set_identifier())
    }

    /// Whether both say the same: the order of values does not count.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let without_values = |set: &Self| {
            let mut body = set.body.clone();
            if let Some(object) = body.as_object_mut() {
                object.remove("ResourceRecords");
                object.retain(|_, value| !value.is_null());
            }
            body
        };
        let sorted = |set: &Self| {
            let mut values: Vec<String> = set.values().map(str::to_owned).collect();
            values.sort_unstable();
            values
        };
        without_values(self) == without_values(other) && sorted(self) == sorted(other)
    }

    /// Whether it is one of the two records that make a zone.
    pub(super) fn is_of_zone_itself(&self, zone_name: &str) -> bool {
        self.name() == zone_name && matches!(self.record_type(), "NS" | "SOA")
    }
}

/// Where a record set stands in its zone: by the labels of its name from the right, its type and its set identifier.
pub(super) fn key(name: &str, record_type: &str, set_identifier: &str) -> String {
    [reversed(name).as_str(), record_type, set_identifier].join(PART_SEPARATOR)
}

/// The labels of a name from the right.
pub(super) fn reversed(name: &str) -> String {
    let name = normalized(name);
    let labels: Vec<&str> = name.trim_end_matches('.').rsplit('.').collect();
    labels.join(LABEL_SEPARATOR)
}

/// `ListResourceRecordSets`: from a name, type and identifier on.
pub(super) fn list(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let zone = scope.account.route53.find_zone(input, "HostedZoneId")?;
    let start_type = text(input, "StartRecordType").unwrap_or_default();
    let start = match text(input, "StartRecordName") {
        Some(name) => key(name, start_type, text(input, "StartRecordIdentifier").unwrap_or_default()),
        None if start_type.is_empty() => String::new(),
        None => {
            return Err(super::invalid("The StartRecordType parameter needs the StartRecordName parameter."));
        }
    };
    let asked = text(input, "MaxItems").and_then(|size| size.parse::<usize>().ok());
    let size = asked.unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE);
    let mut sets = zone.records.range(start..).map(|(_, set)| set);
    let page: Vec<Value> = sets.by_ref().take(size).map(described).collect();
    let next = sets.next();
    Ok(json!({
        "ResourceRecordSets": page,
        "IsTruncated": next.is_some(),
        "NextRecordName": next.map(RecordSet::name),
        "NextRecordType": next.map(RecordSet::record_type),
        "NextRecordIdentifier": next.map(RecordSet::set_identifier).filter(|id| !id.is_empty()),
        "MaxItems": size.to_string(),
    }))
}

/// The API writes `*` as `\052`.
fn described(set: &RecordSet) -> Value {
    let mut body = set.body.clone();
    body["Name"] = set.name().replace('*', "\\052").into();
    body
}
