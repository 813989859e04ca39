//! Scaling of an Express service: scalable target and target-tracking policy (facts, Express section 2.8).

use serde_json::{Value, json};

use super::configuration::ScalingTarget;
use super::load_balancer_pool::managed_tags;
use crate::sandbox::world::Scope;
use crate::sandbox::world::autoscaling::{ScalableTarget, ScalingPolicy};
use crate::sandbox::world::ecs::managed_resource::ManagedResourceKind;
use crate::sandbox::world::ecs::service::Service;
use crate::sandbox::world::ecs::task_lifecycle;

fn resource_id(service: &Service) -> String {
    format!("service/{}/{}", service.cluster, service.name)
}

fn find_bounds(scope: &Scope<'_>, service: &Service) -> ScalingTarget {
    let revision = service.revision_arns().next().and_then(|arn| scope.region.ecs.revisions.get(arn));
    let configuration = revision.and_then(|revision| revision.express.as_ref());
    configuration.map_or_else(ScalingTarget::default_target, |one| one.scaling_target.clone())
}

/// Registers the scalable target; answers its ARN.
pub(crate) fn create_target(scope: &mut Scope<'_>, service: &Service) -> String {
    let bounds = find_bounds(scope, service);
    let id = scope.ids.hex(32);
    let role = "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
                AWSServiceRoleForApplicationAutoScaling_ECSService";
    let (partition, account) = (scope.region.partition(), &scope.region.account_id);
    let target = ScalableTarget {
        arn: scope.region.arn("application-autoscaling", &format!("scalable-target/0ec5{id}")),
        resource_id: resource_id(service),
        min_capacity: bounds.min_task_count,
        max_capacity: bounds.max_task_count,
        role_arn: format!("arn:{partition}:iam::{account}:{role}"),
        created_at: scope.now,
        tags: managed_tags(),
    };
    let arn = target.arn.clone();
    scope.region.autoscaling.scalable_targets.insert(target.resource_id.clone(), target);
    arn
}

/// Puts the scaling policy; answers its ARN.
pub(crate) fn create_policy(scope: &mut Scope<'_>, service: &Service) -> String {
    let bounds = find_bounds(scope, service);
    let name = format!("{}{}", service.name, bounds.auto_scaling_metric);
    let resource_id = resource_id(service);
    let path = format!("scalingPolicy:{}:resource/ecs/{resource_id}:policyName/{name}", scope.ids.uuid());
    let policy = ScalingPolicy {
        arn: scope.region.arn("autoscaling", &path),
        name,
        resource_id,
        policy_type: "TargetTrackingScaling".to_owned(),
        target_tracking: define(service, &bounds),
        alarms: Vec::new(),
        created_at: scope.now,
    };
    let arn = policy.arn.clone();
    scope.region.autoscaling.policies.insert(arn.clone(), policy);
    arn
}

fn define(service: &Service, bounds: &ScalingTarget) -> Value {
    let metric = match bounds.auto_scaling_metric.as_str() {
        "AVERAGE_MEMORY" => "ECSServiceAverageMemoryUtilization",
        "REQUEST_COUNT_PER_TARGET" => "ALBRequestCountPerTarget",
        _ => "ECSServiceAverageCPUUtilization",
    };
    let mut specification = json!({"PredefinedMetricType": metric});
    if metric == "ALBRequestCountPerTarget"
        && let (Some(express), Some(traffic)) = (&service.express, &service.traffic)
    {
        let suffix =
            |arn: &str, mark: &str| arn.split_once(mark).map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        specification["ResourceLabel"] = json!(format!(
            "{}/targetgroup/{}",
            suffix(&express.load_balancer_arn, ":loadbalancer/"),
            suffix(&traffic.target_groups[traffic.live], ":targetgroup/"),
        ));
    }
    json!({
        "TargetValue": bounds.auto_scaling_target_value,
        "PredefinedMetricSpecification": specification,
        "DisableScaleIn": false,
    })
}

/// Makes target, policy and desired count follow the bounds. A change of the metric makes a new policy. What somebody
/// took away is there again: Application Auto Scaling registers and puts, whether or not there was something. That Express
/// calls it at every deployment is a guess, after W1 (facts, express in the wild).
pub(crate) fn sync(scope: &mut Scope<'_>, service_arn: &str, bounds: &ScalingTarget) {
    let Some(service) = scope.region.ecs.services.get(service_arn).cloned() else { return };
    restore(scope, &service);
    let resource_id = resource_id(&service);
    if let Some(target) = scope.region.autoscaling.scalable_targets.get_mut(&resource_id) {
        target.min_capacity = bounds.min_task_count;
        target.max_capacity = bounds.max_task_count;
    }
    let name = format!("{}{}", service.name, bounds.auto_scaling_metric);
    let definition = define(&service, bounds);
    let policies = &mut scope.region.autoscaling.policies;
    let known =
        policies.values().find(|policy| policy.resource_id == resource_id).map(|policy| policy.arn.clone());
    if let Some(arn) = known
        && let Some(mut policy) = policies.remove(&arn)
    {
        policy.arn =
            policy.arn.replace(&format!("policyName/{}", policy.name), &format!("policyName/{name}"));
        policy.name = name;
        policy.target_tracking = definition;
        let arn = policy.arn.clone();
        policies.insert(arn.clone(), policy);
        note_arn(scope, service_arn, ManagedResourceKind::ScalingPolicy, arn);
    }
    if service.is_halted {
        return;
    }
    let desired = bounded(service.desired_count, bounds);
    if desired != service.desired_count {
        if let Some(service) = scope.region.ecs.services.get_mut(service_arn) {
            service.desired_count = desired;
        }
        task_lifecycle::start_missing(scope, service_arn);
    }
}

/// Makes target and policy again where the service has had them and they are gone.
fn restore(scope: &mut Scope<'_>, service: &Service) {
    let has_had = |kind| {
        let express = service.express.as_ref();
        express.and_then(|express| express.managed.get(&kind)).is_some_and(|one| one.arn.is_some())
    };
    let id = resource_id(service);
    if has_had(ManagedResourceKind::ScalableTarget)
        && !scope.region.autoscaling.scalable_targets.contains_key(&id)
    {
        let arn = create_target(scope, service);
        note_arn(scope, &service.arn, ManagedResourceKind::ScalableTarget, arn);
    }
    let has_policy = scope.region.autoscaling.policies.values().any(|policy| policy.resource_id == id);
    if has_had(ManagedResourceKind::ScalingPolicy) && !has_policy {
        let arn = create_policy(scope, service);
        note_arn(scope, &service.arn, ManagedResourceKind::ScalingPolicy, arn);
    }
}

fn bounded(count: usize, bounds: &ScalingTarget) -> usize {
    let bound = |count: i64| usize::try_from(count).unwrap_or(0);
    let least = bound(bounds.min_task_count);
    count.clamp(least, bound(bounds.max_task_count).max(least))
}

/// Gives a service whose tasks the circuit breaker took away a desired count again.
pub(crate) fn resume(scope: &mut Scope<'_>, service_arn: &str, bounds: &ScalingTarget) {
    let Some(service) = scope.region.ecs.services.get_mut(service_arn).filter(|one| one.is_halted) else {
        return;
    };
    service.is_halted = false;
    service.desired_count = bounded(service.desired_count, bounds);
}

fn note_arn(scope: &mut Scope<'_>, service_arn: &str, kind: ManagedResourceKind, arn: String) {
    let service = scope.region.ecs.services.get_mut(service_arn);
    if let Some(express) = service.and_then(|service| service.express.as_mut())
        && let Some(resource) = express.managed.get_mut(&kind)
        && resource.arn.as_ref() != Some(&arn)
    {
        resource.arn = Some(arn);
        resource.updated_at = scope.now;
    }
}

/// Deregisters the scalable target and its policies.
pub(crate) fn remove(scope: &mut Scope<'_>, service: &Service) {
    let resource_id = resource_id(service);
    scope.region.autoscaling.scalable_targets.remove(&resource_id);
    scope.region.autoscaling.policies.retain(|_, policy| policy.resource_id != resource_id);
}
