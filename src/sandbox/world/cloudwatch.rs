//! Amazon CloudWatch alarms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Scope, Tags, Timestamp, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// CloudWatch of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CloudWatchState {
    /// Keyed by alarm name.
    pub(crate) metric_alarms: BTreeMap<String, MetricAlarm>,
}

/// A metric alarm.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MetricAlarm {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// The `PutMetricAlarm` input as given: threshold, metrics, periods.
    pub(crate) definition: Value,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub(crate) state: String,
    pub(crate) state_reason: String,
    pub(crate) state_updated_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) tags: Tags,
}

/// Executes one CloudWatch operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let _ = scope;
    Err(unknown_operation(request))
}
