//! Amazon CloudWatch Logs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Scope, Tags, Timestamp, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// CloudWatch Logs of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LogsState {
    /// Keyed by log group name.
    pub(crate) log_groups: BTreeMap<String, LogGroup>,
}

/// A log group with its streams.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LogGroup {
    pub(crate) name: String,
    /// Without the trailing `:*`.
    pub(crate) arn: String,
    pub(crate) created_at: Timestamp,
    pub(crate) retention_in_days: Option<i64>,
    /// Stream name to its events, oldest first.
    pub(crate) streams: BTreeMap<String, Vec<LogEvent>>,
    pub(crate) tags: Tags,
}

/// One line of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LogEvent {
    pub(crate) timestamp: Timestamp,
    pub(crate) message: String,
}

/// Executes one CloudWatch Logs operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let _ = scope;
    Err(unknown_operation(request))
}
