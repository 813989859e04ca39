//! The load balancer's view of tasks: targets registered, checked, found healthy or not.

use super::deployment_lifecycle;
use super::service::add_event;
use super::task::{Task, TaskStatus, TaskStep};
use super::task_lifecycle::{find_revision, list_scenarios, next, replace, stop};
use crate::sandbox::world::Scope;
use crate::sandbox::world::elbv2::{Target, TargetHealth};
use crate::sandbox::world::scenario::Scenario;

/// Registers a running task with its revision's target group.
pub(crate) fn register(scope: &mut Scope<'_>, task: &Task) {
    let Some(target) = find_revision(scope, task).and_then(|revision| revision.target.clone()) else {
        return;
    };
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
    let Some(group) = region.elbv2.target_groups.get_mut(arn) else {
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
    check_targets(scope, &task.service_arn);
}

/// Starts the health checks of running tasks whose target group has come into use by a rule.
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
        let Some(target) = find_revision(scope, &task).and_then(|revision| revision.target.clone()) else {
            continue;
        };
        let used =
            scope.region.elbv2.rules.values().any(|rule| {
                rule.forward.iter().any(|group| group.target_group_arn == target.target_group_arn)
            });
        let unused = find_health(scope, &task).is_some_and(|found| found.state == "unused");
        if used && unused {
            let initial = health("initial", "Elb.InitialHealthChecking", "Initial health checks in progress");
            set_health(scope, &task, initial);
            next(scope, &task, TaskStep::CheckHealth);
        }
    }
}

/// The result of a task's health checks: healthy, or stopped and replaced.
pub(crate) fn check(scope: &mut Scope<'_>, mut task: Task) {
    let Some((reason, description)) = find_fault(scope, &task) else {
        set_health(scope, &task, TargetHealth { state: "healthy".to_owned(), ..TargetHealth::default() });
        task.healthy = true;
        let service = task.service_arn.clone();
        scope.region.ecs.tasks.insert(task.arn.clone(), task);
        return deployment_lifecycle::tasks_changed(scope, &service);
    };
    set_health(scope, &task, health("unhealthy", reason, &description));
    let Some(target) = find_revision(scope, &task).and_then(|revision| revision.target.clone()) else {
        return;
    };
    let arn = &target.target_group_arn;
    let port = target.container_port;
    let message = format!("(port {port}) is unhealthy in (target-group {arn}) due to (reason {description})");
    add_event(scope, &task.service_arn, &message);
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
    let target = find_revision(scope, task)?.target.as_ref()?;
    let interface = scope.region.ec2.network_interfaces.get(task.network_interface_id.as_ref()?)?;
    let admits =
        interface.group_ids.iter().filter_map(|id| scope.region.ec2.security_groups.get(id)).any(|group| {
            group.rules.iter().any(|rule| {
                let port = i64::from(target.container_port);
                !rule.is_egress
                    && (rule.ip_protocol == "-1"
                        || rule.from_port <= Some(port) && rule.to_port >= Some(port))
                    && (rule.cidr_ipv4.is_some() || rule.referenced_group_id.as_ref() != Some(&group.id))
            })
        });
    (!admits).then(|| ("Target.Timeout", "Request timed out".to_owned()))
}

/// Marks a stopping task's target as draining.
pub(crate) fn drain(scope: &mut Scope<'_>, task: &Task) {
    let draining =
        health("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress");
    set_health(scope, task, draining);
}

/// Takes a stopped task's target out of its target group.
pub(crate) fn deregister(scope: &mut Scope<'_>, task: &Task) {
    let Some((group, id)) = find_target_key(scope, task) else { return };
    if let Some(group) = scope.region.elbv2.target_groups.get_mut(&group) {
        group.targets.retain(|target| target.id != id);
    }
}

/// Target group and target id of a task.
fn find_target_key(scope: &Scope<'_>, task: &Task) -> Option<(String, String)> {
    let group = find_revision(scope, task)?.target.as_ref()?.target_group_arn.clone();
    let interface = scope.region.ec2.network_interfaces.get(task.network_interface_id.as_ref()?)?;
    Some((group, interface.private_ip_address.clone()))
}

fn find_health<'a>(scope: &'a Scope<'_>, task: &Task) -> Option<&'a TargetHealth> {
    let (group, id) = find_target_key(scope, task)?;
    let group = scope.region.elbv2.target_groups.get(&group)?;
    group.targets.iter().find(|target| target.id == id).map(|target| &target.health)
}

fn set_health(scope: &mut Scope<'_>, task: &Task, health: TargetHealth) {
    let Some((group, id)) = find_target_key(scope, task) else { return };
    let group = scope.region.elbv2.target_groups.get_mut(&group);
    let target = group.and_then(|group| group.targets.iter_mut().find(|target| target.id == id));
    if let Some(target) = target {
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
