//! Application Auto Scaling of ECS services.
//!
//! No metric is measured, so nothing scales out or in by itself: a test sets off a policy's alarm, which is one step.
//! The bounds hold at once.

mod activity;
mod policy;
mod schedule;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::activity::ScalingActivity;
pub(crate) use self::activity::on_alarm;
use super::ecs::service::Service;
use super::input::{page, page_size, text, texts};
use super::{Scope, Tags, Timestamp, tag_list, timing, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// Application Auto Scaling of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AutoScalingState {
    /// Keyed by resource id, `service/<cluster>/<service>`.
    pub(crate) scalable_targets: BTreeMap<String, ScalableTarget>,
    /// Keyed by ARN.
    pub(crate) policies: BTreeMap<String, ScalingPolicy>,
    /// Scheduled actions in API form.
    scheduled_actions: Vec<Value>,
    /// What was done, the newest last.
    activities: Vec<ScalingActivity>,
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
    /// Names of the alarms that belong to the policy: high, then low.
    pub(crate) alarms: Vec<String>,
    pub(crate) created_at: Timestamp,
}

impl ScalableTarget {
    /// The count within the target's bounds.
    pub(crate) fn bounded(&self, count: usize) -> usize {
        let bound = |capacity: i64| usize::try_from(capacity).unwrap_or(0);
        count.clamp(bound(self.min_capacity), bound(self.max_capacity).max(bound(self.min_capacity)))
    }
}

/// The one dimension of an ECS service.
const DIMENSION: &str = "ecs:service:DesiredCount";

/// Whether a request registers a target that is there already.
pub(crate) fn is_registered(scope: &Scope<'_>, request: &Request) -> bool {
    let resource_id = text(&request.input, "ResourceId").unwrap_or_default();
    request.operation == "RegisterScalableTarget"
        && scope.region.autoscaling.scalable_targets.contains_key(resource_id)
}

/// Executes one Application Auto Scaling operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    match request.operation.as_str() {
        "DescribeScalableTargets" => describe_scalable_targets(scope, input),
        "RegisterScalableTarget" => register_scalable_target(scope, input),
        "DeregisterScalableTarget" => deregister_scalable_target(scope, input),
        "DescribeScalingPolicies" => describe_scaling_policies(scope, input),
        "PutScalingPolicy" => policy::put(scope, input),
        "DeleteScalingPolicy" => policy::delete(scope, input),
        "PutScheduledAction" => schedule::put(scope, input),
        "DeleteScheduledAction" => schedule::delete(scope, input),
        "DescribeScheduledActions" => schedule::describe(scope, input),
        "DescribeScalingActivities" => activity::describe(scope, input),
        "ListTagsForResource" => Ok(json!({"Tags": &find_tagged(scope, input)?.tags})),
        "TagResource" => {
            let tags = tag_list::from_map(&input["Tags"]);
            find_tagged(scope, input)?.tags.extend(tags);
            Ok(json!({}))
        }
        "UntagResource" => {
            let keys = texts(input, "TagKeys");
            find_tagged(scope, input)?.tags.retain(|key, _| !keys.contains(&key.as_str()));
            Ok(json!({}))
        }
        _ => Err(unknown_operation(request)),
    }
}

fn describe_scalable_targets(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let ids = texts(input, "ResourceIds");
    let targets = scope.region.autoscaling.scalable_targets.values();
    let targets = targets.filter(|it| ids.is_empty() || ids.contains(&it.resource_id.as_str()));
    let output = |target: &ScalableTarget| {
        json!({
            "ServiceNamespace": "ecs",
            "ResourceId": target.resource_id,
            "ScalableDimension": DIMENSION,
            "MinCapacity": target.min_capacity,
            "MaxCapacity": target.max_capacity,
            "RoleARN": target.role_arn,
            "CreationTime": target.created_at.epoch_seconds(),
            "SuspendedState": {
                "DynamicScalingInSuspended": false,
                "DynamicScalingOutSuspended": false,
                "ScheduledScalingSuspended": false,
            },
            "ScalableTargetARN": target.arn,
        })
    };
    paged("ScalableTargets", targets.map(output).collect(), input)
}

/// Creates the target, or changes what the input names of it.
fn register_scalable_target(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    check_dimension(input)?;
    let resource_id = text(input, "ResourceId").unwrap_or_default().to_owned();
    let known = find_service(scope, &resource_id);
    let is_unknown =
        |service: &Service| service.created_at.after(timing::SERVICE_KNOWN_TO_SCALING) > scope.now;
    if known.is_none_or(is_unknown) {
        return Err(validation(&format!("ECS service doesn't exist: {resource_id}")));
    }
    let (min, max) = (input["MinCapacity"].as_i64(), input["MaxCapacity"].as_i64());
    let region = &scope.region;
    let present = region.autoscaling.scalable_targets.get(&resource_id).cloned();
    let tags = tag_list::from_map(&input["Tags"]);
    let mut target = match present {
        // The whole call is refused (terraform-aws-rds-aurora PR 420, 2023-12-22).
        Some(_) if !tags.is_empty() => {
            return Err(validation(
                "The scalable target that you tried to tag already exists. To update tags on an existing scalable target, \
                 use the TagResource API.",
            ));
        }
        Some(present) => present,
        None if min.is_none() || max.is_none() => {
            return Err(validation("Both minimum and maximum capacity must be specified for new targets"));
        }
        None => ScalableTarget {
            arn: region.arn("application-autoscaling", &format!("scalable-target/{}", scope.ids.hex(32))),
            resource_id: resource_id.clone(),
            role_arn: format!(
                "arn:{}:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
                 AWSServiceRoleForApplicationAutoScaling_ECSService",
                region.partition(),
                region.account_id,
            ),
            created_at: scope.now,
            ..ScalableTarget::default()
        },
    };
    target.min_capacity = min.unwrap_or(target.min_capacity);
    target.max_capacity = max.unwrap_or(target.max_capacity);
    if target.min_capacity < 0 || target.min_capacity > target.max_capacity {
        return Err(validation("Minimum capacity must not be below zero or above maximum capacity"));
    }
    target.tags.extend(tags);
    let answer = json!({"ScalableTargetARN": target.arn});
    scope.region.autoscaling.scalable_targets.insert(resource_id.clone(), target);
    activity::keep_bounds(scope, &resource_id);
    Ok(answer)
}

/// The one namespace and dimension that the sandbox knows.
fn check_dimension(input: &Value) -> Result<(), ApiError> {
    let is = |member, expected| text(input, member).is_none_or(|given| given == expected);
    if is("ServiceNamespace", "ecs") && is("ScalableDimension", DIMENSION) {
        return Ok(());
    }
    Err(validation("Unsupported service namespace, resource type or scalable dimension"))
}

/// The active service that a resource id means.
fn find_service<'a>(scope: &'a Scope<'_>, resource_id: &str) -> Option<&'a Service> {
    let (cluster, name) = resource_id.strip_prefix("service/")?.split_once('/')?;
    scope.region.ecs.find_service(cluster, name).filter(|service| service.is_active())
}

/// Takes the target's policies and their alarms along.
fn deregister_scalable_target(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let resource_id = text(input, "ResourceId").unwrap_or_default();
    if !scope.region.autoscaling.scalable_targets.contains_key(resource_id) {
        return Err(object_not_found("scalable target", resource_id));
    }
    forget(scope, resource_id);
    Ok(json!({}))
}

/// Removes the target of a service, its policies and their alarms, if there are any.
pub(crate) fn forget(scope: &mut Scope<'_>, resource_id: &str) {
    let region = &mut *scope.region;
    region.autoscaling.scalable_targets.remove(resource_id);
    region.autoscaling.scheduled_actions.retain(|action| text(action, "ResourceId") != Some(resource_id));
    for policy in region.autoscaling.policies.values().filter(|policy| policy.resource_id == resource_id) {
        region.cloudwatch.metric_alarms.retain(|name, _| !policy.alarms.contains(name));
    }
    region.autoscaling.policies.retain(|_, policy| policy.resource_id != resource_id);
}

fn describe_scaling_policies(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let names = texts(input, "PolicyNames");
    let resource_id = text(input, "ResourceId");
    let policies = scope.region.autoscaling.policies.values();
    let policies = policies
        .filter(|policy| names.is_empty() || names.contains(&policy.name.as_str()))
        .filter(|policy| resource_id.is_none_or(|id| policy.resource_id == id));
    let output = |policy: &ScalingPolicy| {
        json!({
            "PolicyARN": policy.arn,
            "PolicyName": policy.name,
            "ServiceNamespace": "ecs",
            "ResourceId": policy.resource_id,
            "ScalableDimension": DIMENSION,
            "PolicyType": policy.policy_type,
            "TargetTrackingScalingPolicyConfiguration": policy.target_tracking,
            "Alarms": alarms_of(scope, policy),
            "CreationTime": policy.created_at.epoch_seconds(),
        })
    };
    paged("ScalingPolicies", policies.map(output).collect(), input)
}

fn alarms_of(scope: &Scope<'_>, policy: &ScalingPolicy) -> Vec<Value> {
    let alarms = policy.alarms.iter().filter_map(|name| scope.region.cloudwatch.metric_alarms.get(name));
    alarms.map(|alarm| json!({"AlarmName": alarm.name, "AlarmARN": alarm.arn})).collect()
}

fn paged(member: &str, items: Vec<Value>, input: &Value) -> Result<Value, ApiError> {
    let page = page(items, page_size(input, "MaxResults", 50), text(input, "NextToken"));
    let invalid = || ApiError::client("InvalidNextTokenException", "The next token is invalid");
    let page = page.ok_or_else(invalid)?;
    Ok(json!({member: page.items, "NextToken": page.next_token}))
}

fn find_tagged<'a>(scope: &'a mut Scope<'_>, input: &Value) -> Result<&'a mut ScalableTarget, ApiError> {
    let arn = text(input, "ResourceARN").unwrap_or_default();
    let target = scope.region.autoscaling.scalable_targets.values_mut().find(|target| target.arn == arn);
    let message = || format!("The specified resource doesn't exist: {arn}");
    target.ok_or_else(|| ApiError::client("ResourceNotFoundException", message()))
}

fn object_not_found(kind: &str, resource_id: &str) -> ApiError {
    let message = format!(
        "No {kind} found for service namespace: ecs, resource ID: {resource_id}, scalable dimension: {DIMENSION}"
    );
    ApiError::client("ObjectNotFoundException", message)
}

fn validation(message: &str) -> ApiError {
    ApiError::client("ValidationException", message)
}

#[cfg(test)]
mod tests;
