//! The load balancer's view of tasks: targets registered, checked, found healthy or not.

use std::time::Duration;

use super::deployment_lifecycle;
use super::misfortune::list_revision_effects;
use super::revision::{RevisionTarget, ServiceRevision};
use super::service::add_event;
use super::task::{Task, TaskStatus, TaskStep};
use super::task_lifecycle::{find_revision, list_scenarios, next, replace, stop};
use crate::sandbox::world::elbv2::{HealthCheck, Target, TargetHealth};
use crate::sandbox::world::scenario::{Effect, Scenario};
use crate::sandbox::world::{Scope, timing};

/// Registers a running task with its revision's target groups.
pub(crate) fn register(scope: &mut Scope<'_>, task: &Task) {
    let targets: Vec<RevisionTarget> =
        find_revision(scope, task).into_iter().flat_map(ServiceRevision::targets).cloned().collect();
    for target in &targets {
        register_in(scope, task, target);
    }
    check_targets(scope, &task.service_arn);
}

fn register_in(scope: &mut Scope<'_>, task: &Task, target: &RevisionTarget) {
    let effects = list_revision_effects(scope, &task.revision);
    let region = &mut *scope.region;
    let interface = task.network_interface_id.as_ref().and_then(|id| region.ec2.network_interfaces.get(id));
    let Some(interface) = interface else { return };
    let zone = region.ec2.subnets.get(&interface.subnet_id).map(|subnet| subnet.availability_zone.clone());
    let registered = Target {
        id: interface.private_ip_address.clone(),
        port: target.container_port,
        availability_zone: zone.unwrap_or_default(),
        health: health(
            "unused",
            "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer",
        ),
    };
    let arn = &target.target_group_arn;
    let is_gone = effects.contains(&Effect::TargetGroupGone);
    let Some(group) = region.elbv2.target_groups.get_mut(arn).filter(|_| !is_gone) else {
        return add_event(
            scope,
            &task.service_arn,
            &format!(
                "failed to register targets in (target-group {arn}) with (error TARGET GROUP IS NOT FOUND)"
            ),
        );
    };
    group.targets.retain(|known| known.id != registered.id || known.port != registered.port);
    group.targets.push(registered);
    add_event(scope, &task.service_arn, &format!("registered 1 targets in (target-group {arn})"));
}

/// Starts the health checks of running tasks whose target groups have come into use by a load balancer. A target in
/// a zone that the load balancer is not in stays unused.
pub(crate) fn check_targets(scope: &mut Scope<'_>, service_arn: &str) {
    let tasks: Vec<Task> = scope
        .region
        .ecs
        .tasks
        .values()
        .filter(|task| task.service_arn == service_arn && task.status == TaskStatus::Running && !task.healthy)
        .cloned()
        .collect();
    for task in tasks {
        let unused =
            list_revision_effects(scope, &task.revision).into_iter().find_map(|effect| match effect {
                Effect::Unused { description } => Some(description),
                _ => None,
            });
        let mut has_begun = false;
        for (group, index) in find_targets(scope, &task) {
            let target = &scope.region.elbv2.target_groups[&group].targets[index];
            if target.health.state != "unused" {
                continue;
            }
            if let Some(description) = unused {
                set_health(scope, &group, index, health("unused", "Target.NotInUse", description));
                continue;
            }
            let zones = list_zones(scope, &group);
            let is_reached = zones.contains(&target.availability_zone);
            if !zones.is_empty() && !is_reached {
                let description =
                    "Target is in an Availability Zone that is not enabled for the load balancer";
                set_health(scope, &group, index, health("unused", "Target.NotInUse", description));
            }
            if is_reached {
                let initial =
                    health("initial", "Elb.InitialHealthChecking", "Initial health checks in progress");
                set_health(scope, &group, index, initial);
                has_begun = true;
            }
        }
        if has_begun {
            next(scope, &task, TaskStep::CheckHealth);
        }
    }
}

/// The zones of the load balancers that send traffic to a target group.
fn list_zones(scope: &Scope<'_>, target_group: &str) -> Vec<String> {
    let elbv2 = &scope.region.elbv2;
    let balancers = elbv2.load_balancers_of_target_group(target_group);
    let balancers = balancers.into_iter().filter_map(|arn| elbv2.load_balancers.get(arn));
    let subnets = balancers.flat_map(|balancer| &balancer.subnet_ids);
    let subnets = subnets.filter_map(|id| scope.region.ec2.subnets.get(id));
    subnets.map(|subnet| subnet.availability_zone.clone()).collect()
}

/// How long the health checks of a task take until they have a result.
///
/// ECS overlooks failures during the grace period (facts, composition section 2.1).
pub(crate) fn check_duration(scope: &Scope<'_>, task: &Task) -> Duration {
    let settings = find_revision(scope, task)
        .and_then(|revision| revision.target.as_ref())
        .and_then(|target| scope.region.elbv2.target_groups.get(&target.target_group_arn))
        .map(|group| &group.health_check);
    let times = |count: fn(&HealthCheck) -> u32, default: Duration| {
        let seconds = settings.map(|check| u64::from(count(check)) * u64::from(check.interval_seconds));
        seconds.filter(|seconds| *seconds > 0).map_or(default, Duration::from_secs)
    };
    if find_fault(scope, task).is_none() {
        return times(|check| check.healthy_threshold_count, timing::TARGET_HEALTHY);
    }
    let failing = times(|check| check.unhealthy_threshold_count, timing::TARGET_UNHEALTHY);
    let service = scope.region.ecs.services.get(&task.service_arn);
    let grace = service.and_then(|service| service.settings.get("healthCheckGracePeriodSeconds"));
    failing.max(Duration::from_secs(grace.and_then(serde_json::Value::as_u64).unwrap_or(0)))
}

/// The result of a task's health checks: healthy, or stopped and replaced.
pub(crate) fn check(scope: &mut Scope<'_>, mut task: Task) {
    let checked: Vec<(String, usize)> = find_targets(scope, &task)
        .into_iter()
        .filter(|(group, index)| {
            scope.region.elbv2.target_groups[group].targets[*index].health.state == "initial"
        })
        .collect();
    let Some((reason, description)) = find_fault(scope, &task) else {
        for (group, index) in checked {
            let healthy = TargetHealth { state: "healthy".to_owned(), ..TargetHealth::default() };
            set_health(scope, &group, index, healthy);
        }
        task.healthy = true;
        let service = task.service_arn.clone();
        scope.region.ecs.tasks.insert(task.arn.clone(), task);
        return deployment_lifecycle::tasks_changed(scope, &service);
    };
    for (group, index) in checked {
        set_health(scope, &group, index, health("unhealthy", reason, &description));
    }
    let Some(target) = find_revision(scope, &task).and_then(|revision| revision.target.clone()) else {
        return;
    };
    let arn = &target.target_group_arn;
    let port = target.container_port;
    if !description.is_empty() {
        let message =
            format!("(port {port}) is unhealthy in (target-group {arn}) due to (reason {description})");
        add_event(scope, &task.service_arn, &message);
    }
    let stopped = format!("Task failed ELB health checks in (target-group {arn})");
    stop(scope, &task.arn, "ServiceSchedulerInitiated", &stopped);
    replace(scope, &task.arn);
}

/// Why the load balancer's health checks of a task fail. `None` if they succeed.
pub(crate) fn find_fault(scope: &Scope<'_>, task: &Task) -> Option<(&'static str, String)> {
    let code = list_scenarios(scope, task).find_map(|scenario| match scenario {
        Scenario::FailingHealthCheck { http_code } => Some(http_code),
        _ => None,
    });
    if let Some(code) = code {
        let description = format!("Health checks failed with these codes: [{code}]");
        return Some(("Target.ResponseCodeMismatch", description));
    }
    for effect in list_revision_effects(scope, &task.revision) {
        if let Effect::Health { code, description } = effect {
            return Some((code, description.to_owned()));
        }
    }
    let target = find_revision(scope, task)?.target.as_ref()?;
    let interface = scope.region.ec2.network_interfaces.get(task.network_interface_id.as_ref()?)?;
    let port = i64::from(target.container_port);
    (!is_admitted(scope, &target.target_group_arn, &interface.group_ids, port))
        .then(|| ("Target.Timeout", "Request timed out".to_owned()))
}

/// Whether the security groups let a load balancer of the target group out to `port` and in at the task.
fn is_admitted(scope: &Scope<'_>, target_group: &str, task_groups: &[String], port: i64) -> bool {
    let elbv2 = &scope.region.elbv2;
    let balancers = elbv2.load_balancers_of_target_group(target_group);
    let balancers = balancers.into_iter().filter_map(|arn| elbv2.load_balancers.get(arn));
    let balancer_groups: Vec<&String> = balancers.flat_map(|balancer| &balancer.security_group_ids).collect();
    let groups = &scope.region.ec2.security_groups;
    let is_open = |id: &String, is_egress: bool, peers: &mut dyn FnMut(&String) -> bool| {
        groups.get(id).is_some_and(|group| {
            group.rules.iter().any(|rule| {
                rule.is_egress == is_egress
                    && (rule.ip_protocol == "-1"
                        || rule.from_port <= Some(port) && rule.to_port >= Some(port))
                    && (rule.cidr_ipv4.is_some()
                        || rule.referenced_group_id.as_ref().is_some_and(&mut *peers))
            })
        })
    };
    let is_in = task_groups.iter().any(|id| is_open(id, false, &mut |peer| balancer_groups.contains(&peer)));
    let is_out = balancer_groups.iter().any(|id| is_open(id, true, &mut |peer| task_groups.contains(peer)));
    is_in && is_out
}

/// Marks a stopping task's targets as draining.
pub(crate) fn drain(scope: &mut Scope<'_>, task: &Task) {
    for (group, index) in find_targets(scope, task) {
        let description = "Target deregistration is in progress";
        set_health(scope, &group, index, health("draining", "Target.DeregistrationInProgress", description));
    }
}

/// Takes a stopped task's targets out of its target groups.
pub(crate) fn deregister(scope: &mut Scope<'_>, task: &Task) {
    for (group, index) in find_targets(scope, task) {
        if let Some(group) = scope.region.elbv2.target_groups.get_mut(&group) {
            group.targets.remove(index);
        }
    }
}

/// Where a task is registered: target group and position among its targets.
fn find_targets(scope: &Scope<'_>, task: &Task) -> Vec<(String, usize)> {
    let interface =
        task.network_interface_id.as_ref().and_then(|id| scope.region.ec2.network_interfaces.get(id));
    let Some(interface) = interface else { return Vec::new() };
    let targets = find_revision(scope, task).into_iter().flat_map(ServiceRevision::targets);
    let find = |target: &RevisionTarget| {
        let group = scope.region.elbv2.target_groups.get(&target.target_group_arn)?;
        let position = group
            .targets
            .iter()
            .position(|one| one.id == interface.private_ip_address && one.port == target.container_port)?;
        Some((target.target_group_arn.clone(), position))
    };
    targets.filter_map(find).collect()
}

fn set_health(scope: &mut Scope<'_>, target_group: &str, index: usize, health: TargetHealth) {
    let group = scope.region.elbv2.target_groups.get_mut(target_group);
    if let Some(target) = group.and_then(|group| group.targets.get_mut(index)) {
        target.health = health;
    }
}

fn health(state: &str, reason: &str, description: &str) -> TargetHealth {
    TargetHealth {
        state: state.to_owned(),
        reason: Some(reason.to_owned()),
        description: Some(description.to_owned()),
    }
}
