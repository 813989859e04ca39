//! Application Auto Scaling of ECS services.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Scope, Tags, Timestamp, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// Application Auto Scaling of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AutoScalingState {
    /// Keyed by resource id, `service/<cluster>/<service>`.
    pub(crate) scalable_targets: BTreeMap<String, ScalableTarget>,
    /// Keyed by ARN.
    pub(crate) policies: BTreeMap<String, ScalingPolicy>,
}

/// A scalable target of dimension `ecs:service:DesiredCount`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ScalableTarget {
    pub(crate) arn: String,
    pub(crate) resource_id: String,
    pub(crate) min_capacity: i64,
    pub(crate) max_capacity: i64,
    pub(crate) role_arn: String,
    pub(crate) created_at: Timestamp,
    pub(crate) tags: Tags,
}

/// A target-tracking policy.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ScalingPolicy {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) resource_id: String,
    pub(crate) policy_type: String,
    /// `TargetTrackingScalingPolicyConfiguration` in API form.
    pub(crate) target_tracking: Value,
    pub(crate) created_at: Timestamp,
}

/// Executes one Application Auto Scaling operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let _ = scope;
    Err(unknown_operation(request))
}
