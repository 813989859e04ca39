//! What Application Auto Scaling does to a service, and its record: `DescribeScalingActivities`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{DIMENSION, find_service, paged};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::ecs::task_lifecycle;
use crate::sandbox::world::input::text;
use crate::sandbox::world::{Scope, Timestamp};

/// Activities that are remembered in a region.
const ACTIVITIES_KEPT: usize = 200;

/// One change of a desired count.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ScalingActivity {
    id: String,
    resource_id: String,
    count: usize,
    cause: String,
    at: Timestamp,
}

/// `DescribeScalingActivities`: the newest first.
pub(super) fn describe(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let resource_id = text(input, "ResourceId");
    let activities = scope.region.autoscaling.activities.iter().rev();
    let activities = activities.filter(|one| resource_id.is_none_or(|id| one.resource_id == id));
    let output = |one: &ScalingActivity| {
        json!({
            "ActivityId": one.id,
            "ServiceNamespace": "ecs",
            "ResourceId": one.resource_id,
            "ScalableDimension": DIMENSION,
            "Description": format!("Setting desired count to {}.", one.count),
            "Cause": one.cause,
            "StartTime": one.at.epoch_seconds(),
            "EndTime": one.at.epoch_seconds(),
            "StatusCode": "Successful",
            "StatusMessage": format!("Successfully set desired count to {}.", one.count),
        })
    };
    paged("ScalingActivities", activities.map(output).collect(), input)
}

/// Brings the service's desired count within the target's bounds.
pub(super) fn keep_bounds(scope: &mut Scope<'_>, resource_id: &str) {
    let Some(target) = scope.region.autoscaling.scalable_targets.get(resource_id) else { return };
    let Some(desired) = find_service(scope, resource_id).map(|service| service.desired_count) else { return };
    let bounded = target.bounded(desired);
    let cause = if bounded > desired {
        format!("minimum capacity was set to {}", target.min_capacity)
    } else {
        format!("maximum capacity was set to {}", target.max_capacity)
    };
    set_desired_count(scope, resource_id, desired, bounded, &cause);
}

/// A policy's alarm has gone off: one task more, or one less, within the bounds. While a deployment runs nothing is
/// scaled in (facts, composition section 1.4).
pub(crate) fn on_alarm(scope: &mut Scope<'_>, alarm: &str) {
    let mut policies = scope.region.autoscaling.policies.values();
    let Some(policy) = policies.find(|policy| policy.alarms.iter().any(|name| name == alarm)) else { return };
    let (resource_id, policy_name) = (policy.resource_id.clone(), policy.name.clone());
    let Some(target) = scope.region.autoscaling.scalable_targets.get(&resource_id) else { return };
    let Some(service) = find_service(scope, &resource_id) else { return };
    let is_high = alarm.contains("-AlarmHigh-");
    if !is_high && service.current_deployment.is_some() {
        return;
    }
    let desired = service.desired_count;
    let wanted = if is_high { desired.saturating_add(1) } else { desired.saturating_sub(1) };
    let bounded = target.bounded(wanted);
    let cause = format!("monitor alarm {alarm} in state ALARM triggered policy {policy_name}");
    set_desired_count(scope, &resource_id, desired, bounded, &cause);
}

fn set_desired_count(scope: &mut Scope<'_>, resource_id: &str, before: usize, count: usize, cause: &str) {
    let Some(arn) = find_service(scope, resource_id).map(|service| service.arn.clone()) else { return };
    if before == count {
        return;
    }
    if let Some(service) = scope.region.ecs.services.get_mut(&arn) {
        service.desired_count = count;
    }
    task_lifecycle::start_missing(scope, &arn);
    let activity = ScalingActivity {
        id: scope.ids.uuid(),
        resource_id: resource_id.to_owned(),
        count,
        cause: cause.to_owned(),
        at: scope.now,
    };
    let activities = &mut scope.region.autoscaling.activities;
    activities.push(activity);
    let excess = activities.len().saturating_sub(ACTIVITIES_KEPT);
    activities.drain(..excess);
}
