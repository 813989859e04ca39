//! Application Auto Scaling of ECS services.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::{page, page_size, text, texts};
use super::{Scope, Tags, Timestamp, tag_list, unknown_operation};
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

/// The one dimension of an ECS service.
const DIMENSION: &str = "ecs:service:DesiredCount";

/// Executes one Application Auto Scaling operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    match request.operation.as_str() {
        "DescribeScalableTargets" => describe_scalable_targets(scope, input),
        "RegisterScalableTarget" => register_scalable_target(scope, input),
        "DeregisterScalableTarget" => deregister_scalable_target(scope, input),
        "DescribeScalingPolicies" => describe_scaling_policies(scope, input),
        "PutScalingPolicy" => put_scaling_policy(scope, input),
        "DeleteScalingPolicy" => delete_scaling_policy(scope, input),
        // Nothing scales by itself in the sandbox, so nothing was ever done.
        "DescribeScalingActivities" => Ok(json!({"ScalingActivities": []})),
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
    let resource_id = text(input, "ResourceId").unwrap_or_default().to_owned();
    let (min, max) = (input["MinCapacity"].as_i64(), input["MaxCapacity"].as_i64());
    let region = &scope.region;
    let present = region.autoscaling.scalable_targets.get(&resource_id).cloned();
    let mut target = match present {
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
    target.tags.extend(tag_list::from_map(&input["Tags"]));
    let answer = json!({"ScalableTargetARN": target.arn});
    scope.region.autoscaling.scalable_targets.insert(resource_id, target);
    Ok(answer)
}

/// Takes the target's policies and their alarms along.
fn deregister_scalable_target(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let resource_id = text(input, "ResourceId").unwrap_or_default();
    let region = &mut *scope.region;
    let removed = region.autoscaling.scalable_targets.remove(resource_id);
    removed.ok_or_else(|| object_not_found("scalable target", resource_id))?;
    region.autoscaling.policies.retain(|_, policy| policy.resource_id != resource_id);
    let prefix = alarm_prefix(resource_id);
    region.cloudwatch.metric_alarms.retain(|name, _| !name.starts_with(&prefix));
    Ok(json!({}))
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

/// Creates the policy, or replaces its configuration. Target tracking only.
fn put_scaling_policy(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let resource_id = text(input, "ResourceId").unwrap_or_default().to_owned();
    let name = text(input, "PolicyName").unwrap_or_default().to_owned();
    if !scope.region.autoscaling.scalable_targets.contains_key(&resource_id) {
        return Err(object_not_found("scalable target", &resource_id));
    }
    let target_tracking = input["TargetTrackingScalingPolicyConfiguration"].clone();
    if !target_tracking["TargetValue"].is_number() {
        return Err(validation("The sandbox knows target tracking policies with a TargetValue only"));
    }
    let mut policies = scope.region.autoscaling.policies.values();
    let present = policies.find(|it| it.resource_id == resource_id && it.name == name).cloned();
    let policy = present.unwrap_or_else(|| {
        let id = scope.ids.uuid();
        let path = format!("scalingPolicy:{id}:resource/ecs/{resource_id}:policyName/{name}");
        let (arn, created_at) = (scope.region.arn("autoscaling", &path), scope.now);
        ScalingPolicy { arn, name, resource_id, created_at, ..ScalingPolicy::default() }
    });
    let policy = ScalingPolicy { policy_type: "TargetTrackingScaling".to_owned(), target_tracking, ..policy };
    let answer = json!({"PolicyARN": policy.arn, "Alarms": alarms_of(scope, &policy)});
    scope.region.autoscaling.policies.insert(policy.arn.clone(), policy);
    Ok(answer)
}

/// The alarms of a target's last policy go with it.
fn delete_scaling_policy(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let resource_id = text(input, "ResourceId").unwrap_or_default();
    let name = text(input, "PolicyName").unwrap_or_default();
    let region = &mut *scope.region;
    let before = region.autoscaling.policies.len();
    region.autoscaling.policies.retain(|_, it| it.resource_id != resource_id || it.name != name);
    if region.autoscaling.policies.len() == before {
        return Err(object_not_found("scaling policy", resource_id));
    }
    if region.autoscaling.policies.values().all(|policy| policy.resource_id != resource_id) {
        let prefix = alarm_prefix(resource_id);
        region.cloudwatch.metric_alarms.retain(|name, _| !name.starts_with(&prefix));
    }
    Ok(json!({}))
}

/// Alarms of target tracking are named after the resource, not the policy.
fn alarm_prefix(resource_id: &str) -> String {
    format!("TargetTracking-{resource_id}-")
}

fn alarms_of(scope: &Scope<'_>, policy: &ScalingPolicy) -> Vec<Value> {
    let prefix = alarm_prefix(&policy.resource_id);
    let alarms = scope.region.cloudwatch.metric_alarms.values();
    let alarms = alarms.filter(|alarm| alarm.name.starts_with(&prefix));
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
mod tests {
    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::cloudwatch::MetricAlarm;
    use crate::sandbox::world::testing::Caller;

    const RESOURCE: &str = "service/default/web";

    /// One target of 1 to 4 tasks, with one policy and one alarm.
    fn arranged() -> Caller {
        let mut scaling = Caller::of(Service::ApplicationAutoScaling);
        let target = json!({"ResourceId": RESOURCE, "MinCapacity": 1, "MaxCapacity": 4, "Tags": {"k": "v"}});
        scaling.call("RegisterScalableTarget", target).unwrap();
        let policy = json!({"ResourceId": RESOURCE, "PolicyName": "p",
            "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 60.0}});
        scaling.call("PutScalingPolicy", policy).unwrap();
        scaling.arrange(|scope| {
            let name = "TargetTracking-service/default/web-AlarmHigh-1".to_owned();
            let alarm = MetricAlarm { name: name.clone(), arn: "alarm".into(), ..MetricAlarm::default() };
            scope.region.cloudwatch.metric_alarms.insert(name, alarm);
        });
        scaling
    }

    #[test]
    fn a_target_keeps_what_a_change_does_not_name() {
        let mut scaling = arranged();
        let change = json!({"ResourceId": RESOURCE, "MaxCapacity": 8});
        scaling.call("RegisterScalableTarget", change).unwrap();
        let input = json!({"ServiceNamespace": "ecs", "ResourceIds": [RESOURCE]});
        let targets = scaling.call("DescribeScalableTargets", input).unwrap();
        let target = &targets["ScalableTargets"][0];
        assert_eq!((&target["MinCapacity"], &target["MaxCapacity"]), (&1.into(), &8.into()));
        let tags = json!({"ResourceARN": target["ScalableTargetARN"]});
        assert_eq!(scaling.call("ListTagsForResource", tags).unwrap(), json!({"Tags": {"k": "v"}}));
        let wrong = json!({"ResourceId": RESOURCE, "MinCapacity": 9});
        assert_eq!(scaling.refusal("RegisterScalableTarget", wrong), "ValidationException");
    }

    #[test]
    fn a_policy_shows_its_alarms_and_takes_them_along() {
        let mut scaling = arranged();
        let policies = scaling.call("DescribeScalingPolicies", json!({"ResourceId": RESOURCE})).unwrap();
        assert_eq!(policies["ScalingPolicies"][0]["Alarms"][0]["AlarmARN"], "alarm");
        let input = json!({"ResourceId": RESOURCE, "PolicyName": "p"});
        scaling.call("DeleteScalingPolicy", input.clone()).unwrap();
        assert_eq!(scaling.refusal("DeleteScalingPolicy", input), "ObjectNotFoundException");
        assert!(scaling.arrange(|scope| scope.region.cloudwatch.metric_alarms.is_empty()));
    }

    #[test]
    fn a_target_takes_its_policies_along() {
        let mut scaling = arranged();
        let input = json!({"ServiceNamespace": "ecs", "ResourceId": RESOURCE});
        scaling.call("DeregisterScalableTarget", input.clone()).unwrap();
        assert_eq!(scaling.refusal("DeregisterScalableTarget", input), "ObjectNotFoundException");
        let policies = scaling.call("DescribeScalingPolicies", json!({})).unwrap();
        assert_eq!(policies["ScalingPolicies"], json!([]));
    }
}
