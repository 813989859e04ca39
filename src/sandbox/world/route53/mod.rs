//! Amazon Route 53: hosted zones, their records and health checks. No name is ever resolved.

mod changes;
mod health_checks;
mod hosted_zones;
mod output;
mod record_sets;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use self::record_sets::RecordSet;
use super::input::text;
use super::{Scope, Tags, Timestamp, timing, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// Name of the public hosted zone that every account begins with.
pub(crate) const FIRST_ZONE_NAME: &str = "example.com.";

/// Route 53 of one account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Route53State {
    /// Keyed by id, without `/hostedzone/`.
    hosted_zones: BTreeMap<String, HostedZone>,
    /// Id of a change to its time.
    changes: BTreeMap<String, Timestamp>,
    health_checks: BTreeMap<String, health_checks::HealthCheck>,
    /// Keyed by `<resource type>/<id>`.
    tags: BTreeMap<String, Tags>,
}

/// A hosted zone.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct HostedZone {
    id: String,
    /// In lower case, with a dot at the end.
    name: String,
    caller_reference: String,
    comment: Option<String>,
    /// VPCs in API form; a zone with some is private.
    vpcs: Vec<Value>,
    /// In Route 53's order, by `record_sets::key`.
    records: BTreeMap<String, RecordSet>,
}

impl Route53State {
    /// An account's first state: a public hosted zone, so that a service can have a name of its own.
    pub(crate) fn new(account_id: &str, now: Timestamp) -> Self {
        let id = format!("Z0EXAMPLE{account_id}");
        let zone = HostedZone::new(id.clone(), FIRST_ZONE_NAME, "sandbox", now);
        Self { hosted_zones: [(id, zone)].into(), ..Self::default() }
    }

    /// The records of a name and type in any public hosted zone.
    pub(crate) fn find_public(&self, name: &str, record_type: &str) -> Option<&RecordSet> {
        let key = record_sets::key(name, record_type, "");
        let mut zones = self.hosted_zones.values().filter(|zone| zone.vpcs.is_empty());
        zones.find_map(|zone| zone.records.get(&key))
    }

    fn find_zone(&self, input: &Value, member: &str) -> Result<&HostedZone, ApiError> {
        let id = bare_id(text(input, member).unwrap_or_default());
        self.hosted_zones.get(id).ok_or_else(|| no_such_zone(id))
    }

    fn find_zone_mut(&mut self, input: &Value, member: &str) -> Result<&mut HostedZone, ApiError> {
        let id = bare_id(text(input, member).unwrap_or_default());
        self.hosted_zones.get_mut(id).ok_or_else(|| no_such_zone(id))
    }

    /// Notes a change; it is in sync a little later. Changes of yesterday are forgotten.
    fn note_change(&mut self, id: &str, now: Timestamp) -> Value {
        const KNOWN: std::time::Duration = std::time::Duration::from_secs(86_400);
        self.changes.retain(|_, submitted_at| submitted_at.after(KNOWN) > now);
        self.changes.insert(id.to_owned(), now);
        output::change_info(id, now, now)
    }
}

/// Executes one Route 53 operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    match request.operation.as_str() {
        "CreateHostedZone" => hosted_zones::create(scope, input),
        "GetHostedZone" => hosted_zones::get(scope, input),
        "ListHostedZones" => Ok(hosted_zones::list(scope, input)),
        "ListHostedZonesByName" => hosted_zones::list_by_name(scope, input),
        "DeleteHostedZone" => hosted_zones::delete(scope, input),
        "ListResourceRecordSets" => record_sets::list(scope, input),
        "ChangeResourceRecordSets" => changes::call(scope, input),
        "GetChange" => get_change(scope, input),
        "CreateHealthCheck" => health_checks::create(scope, input),
        "GetHealthCheck" => health_checks::get(scope, input),
        "ListHealthChecks" => Ok(health_checks::list(scope)),
        "DeleteHealthCheck" => health_checks::delete(scope, input),
        "ListTagsForResource" => tags::list_for_resource(scope, input),
        "ChangeTagsForResource" => tags::change(scope, input),
        _ => Err(unknown_operation(request)),
    }
}

fn get_change(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let id = bare_id(text(input, "Id").unwrap_or_default());
    let missing = || not_found("NoSuchChange", format!("Could not find resource with ID: {id}"));
    let submitted_at = scope.account.route53.changes.get(id).ok_or_else(missing)?;
    Ok(json!({"ChangeInfo": output::change_info(id, *submitted_at, scope.now)}))
}

/// An id as Route 53 makes them: a letter and capitals and digits.
fn new_id(scope: &mut Scope<'_>, letter: char) -> String {
    format!("{letter}0{}", scope.ids.hex(18).to_uppercase())
}

/// `Z1` of `/hostedzone/Z1`.
fn bare_id(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// In lower case, with a dot at the end; `\052` is `*`.
fn normalized(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.').to_lowercase().replace("\\052", "*"))
}

fn no_such_zone(id: &str) -> ApiError {
    not_found("NoSuchHostedZone", format!("No hosted zone found with ID: {id}"))
}

fn not_found(code: &str, message: String) -> ApiError {
    ApiError { status: 404, ..ApiError::client(code, message) }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidInput", message)
}

/// Whether a change that was submitted then is in sync now.
fn is_in_sync(submitted_at: Timestamp, now: Timestamp) -> bool {
    submitted_at.after(timing::CHANGE_IN_SYNC) <= now
}
