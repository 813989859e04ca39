//! AWS Certificate Manager.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Scope, Tags, Timestamp, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// ACM of one account and region, keyed by ARN.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AcmState {
    pub(crate) certificates: BTreeMap<String, Certificate>,
}

/// A certificate. Its status is `PENDING_VALIDATION` before `issued_at`, then `ISSUED`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Certificate {
    pub(crate) arn: String,
    pub(crate) domain_name: String,
    pub(crate) subject_alternative_names: Vec<String>,
    pub(crate) created_at: Timestamp,
    /// Absent while nothing has proved ownership of the domain.
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) tags: Tags,
}

/// Executes one ACM operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let _ = scope;
    Err(unknown_operation(request))
}
