//! Target-tracking policies and the alarms that Application Auto Scaling makes for them.

use serde_json::{Value, json};

use super::{ScalingPolicy, alarms_of, check_dimension, object_not_found, validation};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::cloudwatch::MetricAlarm;
use crate::sandbox::world::input::{list, text};

/// Predefined metrics of an ECS service.
const PREDEFINED: [&str; 3] =
    ["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"];

/// `PutScalingPolicy`: creates the policy, or replaces its configuration and its alarms. Target tracking only.
pub(super) fn put(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    check_dimension(input)?;
    let resource_id = text(input, "ResourceId").unwrap_or_default().to_owned();
    let name = text(input, "PolicyName").unwrap_or_default().to_owned();
    if !scope.region.autoscaling.scalable_targets.contains_key(&resource_id) {
        return Err(object_not_found("scalable target", &resource_id));
    }
    let target_tracking = input["TargetTrackingScalingPolicyConfiguration"].clone();
    check(&name, &target_tracking)?;
    let mut policies = scope.region.autoscaling.policies.values();
    let present = policies.find(|it| it.resource_id == resource_id && it.name == name).cloned();
    let policy = present.unwrap_or_else(|| {
        let id = scope.ids.uuid();
        let path = format!("scalingPolicy:{id}:resource/ecs/{resource_id}:policyName/{name}");
        let (arn, created_at) = (scope.region.arn("autoscaling", &path), scope.now);
        ScalingPolicy { arn, name, resource_id, created_at, ..ScalingPolicy::default() }
    });
    remove_alarms(scope, &policy);
    let mut policy =
        ScalingPolicy { policy_type: "TargetTrackingScaling".to_owned(), target_tracking, ..policy };
    policy.alarms = put_alarms(scope, &policy);
    let answer = json!({"PolicyARN": policy.arn, "Alarms": alarms_of(scope, &policy)});
    scope.region.autoscaling.policies.insert(policy.arn.clone(), policy);
    Ok(answer)
}

/// Refuses what target tracking cannot follow.
fn check(name: &str, target_tracking: &Value) -> Result<(), ApiError> {
    if !(1..=256).contains(&name.len()) {
        return Err(validation("PolicyName must have 1 to 256 characters"));
    }
    if target_tracking["TargetValue"].as_f64().is_none_or(|target| target <= 0.0) {
        return Err(validation(
            "The sandbox knows target tracking policies with a positive TargetValue only",
        ));
    }
    let predefined = &target_tracking["PredefinedMetricSpecification"];
    let customized = &target_tracking["CustomizedMetricSpecification"];
    match (predefined.is_object(), customized.is_object()) {
        (true, false) => check_predefined(predefined),
        (false, true) => check_customized(customized),
        _ => Err(validation(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified",
        )),
    }
}

fn check_predefined(predefined: &Value) -> Result<(), ApiError> {
    let metric = text(predefined, "PredefinedMetricType").unwrap_or_default();
    if !PREDEFINED.contains(&metric) {
        return Err(validation(&format!("{metric} is not a valid PredefinedMetricType for ecs")));
    }
    if metric == "ALBRequestCountPerTarget" && text(predefined, "ResourceLabel").is_none() {
        return Err(validation("ResourceLabel must be specified for ALBRequestCountPerTarget"));
    }
    Ok(())
}

/// One metric by name, or metric math of which exactly one line returns data.
fn check_customized(customized: &Value) -> Result<(), ApiError> {
    let metrics = list(customized, "Metrics");
    if metrics.is_empty() == text(customized, "MetricName").is_none() {
        return Err(validation("Exactly one of MetricName and Metrics must be specified"));
    }
    let returning = metrics.iter().filter(|metric| metric["ReturnData"] != false).count();
    if !metrics.is_empty() && returning != 1 {
        return Err(validation("Exactly one element of Metrics must return data"));
    }
    Ok(())
}

/// `DeleteScalingPolicy`: the alarms go with their policy.
pub(super) fn delete(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let resource_id = text(input, "ResourceId").unwrap_or_default();
    let name = text(input, "PolicyName").unwrap_or_default();
    let mut policies = scope.region.autoscaling.policies.values();
    let policy = policies.find(|it| it.resource_id == resource_id && it.name == name).cloned();
    let policy = policy.ok_or_else(|| object_not_found("scaling policy", resource_id))?;
    remove_alarms(scope, &policy);
    scope.region.autoscaling.policies.remove(&policy.arn);
    Ok(json!({}))
}

fn remove_alarms(scope: &mut Scope<'_>, policy: &ScalingPolicy) {
    scope.region.cloudwatch.metric_alarms.retain(|name, _| !policy.alarms.contains(name));
}

/// One alarm above the target, one below nine tenths of it, named as Application Auto Scaling names them.
fn put_alarms(scope: &mut Scope<'_>, policy: &ScalingPolicy) -> Vec<String> {
    let target = policy.target_tracking["TargetValue"].as_f64().unwrap_or_default();
    let disabled = policy.target_tracking["DisableScaleIn"] == true;
    let mut names = Vec::new();
    for (kind, operator, threshold, periods) in [
        ("AlarmHigh", "GreaterThanThreshold", target, 3),
        ("AlarmLow", "LessThanThreshold", target * 0.9, 15),
    ] {
        if disabled && kind == "AlarmLow" {
            continue;
        }
        let name = format!("TargetTracking-{}-{kind}-{}", policy.resource_id, scope.ids.uuid());
        let definition = json!({
            "AlarmName": name,
            "AlarmDescription": format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {}.", policy.arn),
            "AlarmActions": [policy.arn],
            "ComparisonOperator": operator,
            "Threshold": threshold,
            "EvaluationPeriods": periods,
            "Period": 60,
            "Statistic": "Average",
        });
        let alarm = MetricAlarm {
            arn: scope.region.arn("cloudwatch", &format!("alarm:{name}")),
            name: name.clone(),
            definition,
            state: "OK".to_owned(),
            state_updated_at: scope.now,
            updated_at: scope.now,
            ..MetricAlarm::default()
        };
        scope.region.cloudwatch.metric_alarms.insert(name.clone(), alarm);
        names.push(name);
    }
    names
}
