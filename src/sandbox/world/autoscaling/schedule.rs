//! Scheduled actions. They are kept and described; nothing carries them out, so a test changes the bounds by itself.

use serde_json::{Value, json};

use super::{check_dimension, object_not_found, paged, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::{text, texts};

/// `PutScheduledAction`: creates the action, or replaces what the input names of it.
pub(super) fn put(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    check_dimension(input)?;
    let resource_id = text(input, "ResourceId").unwrap_or_default();
    let name = text(input, "ScheduledActionName").unwrap_or_default();
    if !scope.region.autoscaling.scalable_targets.contains_key(resource_id) {
        return Err(object_not_found("scalable target", resource_id));
    }
    if !(1..=256).contains(&name.len()) {
        return Err(validation("ScheduledActionName must have 1 to 256 characters"));
    }
    let key = (resource_id.to_owned(), name.to_owned());
    let actions = &mut scope.region.autoscaling.scheduled_actions;
    let is_known = actions.iter().any(|action| key_of(action) == key);
    if !is_known && text(input, "Schedule").is_none() {
        return Err(validation("Schedule is required for a new scheduled action"));
    }
    actions.retain(|action| key_of(action) != key);
    actions.push(input.clone());
    Ok(json!({}))
}

/// `DeleteScheduledAction`.
pub(super) fn delete(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let key = key_of(input);
    let actions = &mut scope.region.autoscaling.scheduled_actions;
    let count = actions.len();
    actions.retain(|action| key_of(action) != key);
    if actions.len() == count { Err(object_not_found("scheduled action", &key.0)) } else { Ok(json!({})) }
}

/// `DescribeScheduledActions`: all, or those of one target, or of some names.
pub(super) fn describe(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let names = texts(input, "ScheduledActionNames");
    let resource_id = text(input, "ResourceId");
    let actions = scope.region.autoscaling.scheduled_actions.iter().filter(|action| {
        let (of, name) = key_of(action);
        resource_id.is_none_or(|id| id == of) && (names.is_empty() || names.contains(&name.as_str()))
    });
    let output = |action: &Value| {
        let (resource_id, name) = key_of(action);
        json!({
            "ScheduledActionName": name,
            "ScheduledActionARN": scope.region.arn(
                "autoscaling",
                &format!("scheduledAction:1:resource/ecs/{resource_id}:scheduledActionName/{name}"),
            ),
            "ServiceNamespace": "ecs",
            "ResourceId": resource_id,
            "ScalableDimension": super::DIMENSION,
            "Schedule": action["Schedule"],
            "ScalableTargetAction": action["ScalableTargetAction"],
            "CreationTime": scope.now.epoch_seconds(),
        })
    };
    paged("ScheduledActions", actions.map(output).collect(), input)
}

fn key_of(action: &Value) -> (String, String) {
    let member = |name| text(action, name).unwrap_or_default().to_owned();
    (member("ResourceId"), member("ScheduledActionName"))
}
