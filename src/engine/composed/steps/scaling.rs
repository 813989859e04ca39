//! `scaling`: the scalable target and its one target-tracking policy.

use std::collections::BTreeMap;

use super::super::composition::Composition;
use super::super::ground::{Ground, Site, found};
use super::alarm::metric_name_of;
use crate::aws::autoscaling::{
    ScalingPolicy, TargetTracking, TrackedMetric, is_already_registered, resource_id,
};
use crate::engine::EngineError;
use crate::engine::composed::blueprint::Blueprint;
use crate::engine::retry::retrying;
use crate::service::{ScalingMetric, tag_change};

const PART: &str = "scalable_target";

/// Bounds and policy are as wanted. A policy of another metric goes after the new one is there, so that no moment is
/// without one.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let blueprint = &ground.blueprint;
    let service = blueprint.service();
    let resource_id = resource_id(service.cluster(), service.name());
    let autoscaling = &ground.apis.autoscaling;
    register(ground, &resource_id, bounds(blueprint)).await?;
    let metric = metric(blueprint);
    let name = blueprint.names.scaling_policy(policy_suffix(&metric));
    let tracking = TargetTracking::new(tracked(ground, &metric)?, f64::from(target_value(blueprint)));
    let existing = retrying(&ground.bounds, || autoscaling.list_scaling_policies(&resource_id)).await?;
    let tracking = over_live(tracking, existing.iter().find(|policy| policy.name == name));
    retrying(&ground.bounds, || autoscaling.put_scaling_policy(&resource_id, &name, &tracking)).await?;
    let ours = ["AverageCpu", "AverageMemory", "RequestCountPerTarget"]
        .map(|suffix| blueprint.names.scaling_policy(suffix));
    for policy in existing.iter().filter(|policy| policy.name != name && ours.contains(&policy.name)) {
        retrying(&ground.bounds, || autoscaling.delete_scaling_policy(&resource_id, &policy.name)).await?;
    }
    Ok(())
}

/// The target has these bounds. Tags go with the call that makes it; of one that exists they are changed for
/// themselves. It may exist without being seen: it was just made, by an attempt that was cut short.
async fn register(ground: &Ground, resource_id: &str, bounds: (i32, i32)) -> Result<(), EngineError> {
    let autoscaling = &ground.apis.autoscaling;
    let wanted = ground.blueprint.tags_of(PART);
    let known = retrying(&ground.bounds, || autoscaling.find_scalable_target(resource_id)).await?;
    let call = async |tags: &BTreeMap<String, String>| {
        let register = || autoscaling.register_scalable_target(resource_id, bounds.0, bounds.1, tags);
        retrying(&ground.bounds, register).await
    };
    if known.is_none() {
        match call(&wanted).await {
            Err(EngineError::Aws(error)) if is_already_registered(&error) => {}
            made => return made.map(drop),
        }
    }
    if let Some(arn) = call(&BTreeMap::new()).await? {
        let live = retrying(&ground.bounds, || autoscaling.find_tags(&arn)).await?;
        if let Some(change) = tag_change(&wanted, &live.unwrap_or_default(), &BTreeMap::new()) {
            retrying(&ground.bounds, || autoscaling.change_tags(&arn, &change)).await?;
        }
    }
    Ok(())
}

/// Whether bounds, metric and target value are as wanted.
pub(in crate::engine::composed) fn is_as_wanted(blueprint: &Blueprint, existing: &Composition) -> bool {
    let (minimum, maximum) = bounds(blueprint);
    let name = blueprint.names.scaling_policy(policy_suffix(&metric(blueprint)));
    let target = existing.scalable_target.as_ref();
    let has_bounds = target.is_some_and(|it| it.min_capacity == minimum && it.max_capacity == maximum);
    let policy = existing.scaling_policies.iter().find(|policy| policy.name == name);
    let value = policy.and_then(|policy| policy.target.as_ref()).map(|target| target.target_value);
    let wanted = f64::from(target_value(blueprint));
    has_bounds && value.is_some_and(|value| (value - wanted).abs() < f64::EPSILON)
}

/// Cooldowns, and whatever else others set, stay: a put replaces the whole policy.
fn over_live(tracking: TargetTracking, existing: Option<&ScalingPolicy>) -> TargetTracking {
    let live = existing.and_then(|policy| policy.target.as_ref()).map(|target| target.live.clone());
    TargetTracking { live: live.unwrap_or_default(), ..tracking }
}

/// Fewest and most tasks of a blueprint, in which every default is filled in.
pub(in crate::engine::composed) fn bounds(blueprint: &Blueprint) -> (i32, i32) {
    let scaling = &blueprint.configuration.scaling_target;
    let minimum = scaling.min_task_count.unwrap_or_default();
    (minimum, scaling.max_task_count.unwrap_or_default().max(minimum))
}

fn metric(blueprint: &Blueprint) -> ScalingMetric {
    let metric = blueprint.configuration.scaling_target.auto_scaling_metric.clone();
    metric.unwrap_or(ScalingMetric::AverageCpu)
}

fn target_value(blueprint: &Blueprint) -> i32 {
    blueprint.configuration.scaling_target.auto_scaling_target_value.unwrap_or_default()
}

fn policy_suffix(metric: &ScalingMetric) -> &'static str {
    match metric {
        ScalingMetric::AverageMemory => "AverageMemory",
        ScalingMetric::RequestCountPerTarget => "RequestCountPerTarget",
        ScalingMetric::AverageCpu | ScalingMetric::Other(_) => "AverageCpu",
    }
}

fn tracked(ground: &Ground, metric: &ScalingMetric) -> Result<TrackedMetric, EngineError> {
    Ok(match metric {
        ScalingMetric::AverageMemory => TrackedMetric::AverageMemory,
        ScalingMetric::RequestCountPerTarget => TrackedMetric::RequestCountPerTarget {
            load_balancer: metric_name_of(&found(&ground.findings.joined)?.load_balancer_arn),
            target_groups: found(&ground.findings.target_group_arns)?
                .iter()
                .map(|arn| metric_name_of(arn))
                .collect(),
        },
        ScalingMetric::AverageCpu | ScalingMetric::Other(_) => TrackedMetric::AverageCpu,
    })
}

/// Takes the target and with it all policies away, before the service goes: nothing scales out what is draining.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let service = site.names.service();
    let resource_id = resource_id(service.cluster(), service.name());
    let autoscaling = &site.apis.autoscaling;
    for policy in &site.composition.scaling_policies {
        retrying(&site.bounds, || autoscaling.delete_scaling_policy(&resource_id, &policy.name)).await?;
    }
    if site.composition.scalable_target.is_some() {
        retrying(&site.bounds, || autoscaling.deregister_scalable_target(&resource_id)).await?;
    }
    Ok(())
}
