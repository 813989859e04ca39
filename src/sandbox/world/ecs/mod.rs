//! Amazon ECS: clusters, services, deployments, tasks, and Express Mode.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Scope, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// ECS of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EcsState {
    clusters: BTreeMap<String, Value>,
}

/// Executes one ECS operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let _ = scope;
    Err(unknown_operation(request))
}
