//! What tasks do by themselves: start, fail, stop, get replaced.

use std::time::Duration;

use super::misfortune::{fill_for_task, list_revision_effects};
use super::revision::ServiceRevision;
use super::service::{add_event, schedule};
use super::task::{Task, TaskStatus, TaskStep, architecture};
use super::task_log::{log_destination, write_log};
use super::{EcsEvent, deployment_lifecycle, target_health};
use crate::sandbox::world::scenario::{Effect, Scenario};
use crate::sandbox::world::{Scope, timing};

/// Starts the tasks that the service's revisions lack and stops those in excess.
pub(crate) fn start_missing(scope: &mut Scope<'_>, service_arn: &str) {
    let ecs = &scope.region.ecs;
    let Some(service) = ecs.services.get(service_arn).filter(|service| service.is_active()) else { return };
    let desired = service.desired_count;
    let mut revisions: Vec<String> = service.revision_arns().cloned().collect();
    revisions.dedup();
    for revision_arn in revisions {
        let ecs = &scope.region.ecs;
        let Some(revision) = ecs.revisions.get(&revision_arn).filter(|revision| revision.wants_tasks) else {
            continue;
        };
        let revision = revision.clone();
        let mut wanted: Vec<&Task> =
            ecs.tasks.values().filter(|task| task.revision == revision_arn && task.desired_running).collect();
        wanted.sort_by_key(|task| (task.created_at, task.arn.clone()));
        let excess: Vec<String> = wanted.iter().skip(desired).map(|task| task.arn.clone()).collect();
        let missing = desired.saturating_sub(wanted.len());
        for task in excess {
            stop(scope, &task, "ServiceSchedulerInitiated", &scaling_reason(&revision.deployment_id));
        }
        start(scope, &revision, missing);
    }
}

/// The `stoppedReason` of a task that its deployment no longer needs.
pub(crate) fn scaling_reason(deployment_id: &str) -> String {
    format!("Scaling activity initiated by (deployment {deployment_id})")
}

fn start(scope: &mut Scope<'_>, revision: &ServiceRevision, count: usize) {
    let Some(service) = scope.region.ecs.services.get(&revision.service_arn) else { return };
    let (cluster, name) = (service.cluster.clone(), service.name.clone());
    let placement = list_revision_effects(scope, &revision.arn).into_iter().find_map(|effect| match effect {
        Effect::Placement { event } => Some(event),
        _ => None,
    });
    if let Some(event) = placement.filter(|_| count > 0) {
        add_event(scope, &revision.service_arn, event);
        return start_later(scope, &revision.service_arn, timing::PLACEMENT_RETRIES);
    }
    let mut started = Vec::new();
    for index in 0..count {
        let id = scope.ids.hex(32);
        let task = Task {
            arn: scope.region.arn("ecs", &format!("task/{cluster}/{id}")),
            network_interface_id: attach(scope, revision, index),
            id: id.clone(),
            cluster: cluster.clone(),
            service_arn: revision.service_arn.clone(),
            service_name: name.clone(),
            revision: revision.arn.clone(),
            task_definition: revision.task_definition.clone(),
            started_by: revision.deployment_id.clone(),
            desired_running: true,
            created_at: scope.now,
            ..Task::default()
        };
        started.push(format!("(task {id})"));
        next(scope, &task, TaskStep::Pend);
        scope.region.ecs.tasks.insert(task.arn.clone(), task);
    }
    if !started.is_empty() {
        let message = format!("has started {} tasks: {}.", started.len(), started.join(" "));
        add_event(scope, &revision.service_arn, &message);
    }
}

/// A network interface in one of the revision's subnets, taking turns.
fn attach(scope: &mut Scope<'_>, revision: &ServiceRevision, index: usize) -> Option<String> {
    let network = revision.network.as_ref()?;
    let subnet = network.subnets.get(index % network.subnets.len().max(1))?;
    let id = scope.ids.ec2_id("eni");
    let groups = network.security_groups.clone();
    let description = scope.region.arn("ecs", &format!("attachment/{id}"));
    scope.region.ec2.attach_network_interface(id.clone(), subnet, groups, &description)?;
    if network.assign_public_ip {
        let host = scope.ids.bits() % 250 + 1;
        let interface = scope.region.ec2.network_interfaces.get_mut(&id)?;
        interface.public_ip_address = Some(format!("203.0.113.{host}"));
    }
    Some(id)
}

/// Schedules a task's next step at the time that `timing` gives it.
pub(crate) fn next(scope: &mut Scope<'_>, task: &Task, step: TaskStep) {
    let delay = match step {
        TaskStep::Pend => timing::TASK_PROVISIONING,
        TaskStep::Run => timing::TASK_PENDING,
        TaskStep::Crash => timing::TASK_CRASHES,
        TaskStep::CheckHealth => target_health::check_duration(scope, task),
        TaskStep::Stop => timing::TASK_STOPS,
        TaskStep::Forget => timing::TASK_FORGOTTEN,
    };
    schedule(scope, &task.service_arn, delay, EcsEvent::Task { task: task.arn.clone(), step });
}

/// Executes a task's next step. A task that is stopping takes no other step than stopping.
pub(crate) fn advance(scope: &mut Scope<'_>, task_arn: &str, step: TaskStep) {
    let Some(task) = scope.region.ecs.tasks.get(task_arn).cloned() else { return };
    match step {
        TaskStep::Stop => end(scope, task),
        TaskStep::Forget => {
            scope.region.ecs.tasks.remove(task_arn);
        }
        _ if !task.desired_running => {}
        TaskStep::Pend => pend(scope, task),
        TaskStep::Run => run(scope, task),
        TaskStep::Crash => crash(scope, task),
        TaskStep::CheckHealth => target_health::check(scope, task),
    }
}

fn pend(scope: &mut Scope<'_>, mut task: Task) {
    if has_scenario(scope, &task, Scenario::ExecutionRoleMissing) {
        let definition = scope.region.ecs.task_definitions.get(&task.task_definition);
        let role = definition.and_then(|definition| definition.text("executionRoleArn")).unwrap_or_default();
        let reason = format!(
            "ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the \
             role being passed has the proper trust relationship and permissions and that your IAM user has \
             permissions to pass this role."
        );
        let message = format!("failed to launch a task with (error {reason}).");
        add_event(scope, &task.service_arn, &message);
        return fail_to_start(scope, task, &reason);
    }
    task.status = TaskStatus::Pending;
    task.pull_started_at = Some(scope.now);
    next(scope, &task, TaskStep::Run);
    scope.region.ecs.tasks.insert(task.arn.clone(), task);
}

fn run(scope: &mut Scope<'_>, mut task: Task) {
    if let Some(reason) = find_start_fault(scope, &task) {
        return fail_to_start(scope, task, &reason);
    }
    task.status = TaskStatus::Running;
    task.pull_stopped_at = Some(scope.now);
    task.started_at = Some(scope.now);
    write_log(scope, &task, "Container started");
    let crashes = find_ending(scope, &task).is_some();
    let target = find_revision(scope, &task).and_then(|revision| revision.target.clone());
    task.healthy = target.is_none() && !crashes;
    scope.region.ecs.tasks.insert(task.arn.clone(), task.clone());
    if crashes {
        next(scope, &task, TaskStep::Crash);
    }
    if target.is_some() {
        target_health::register(scope, &task);
    } else if !crashes {
        deployment_lifecycle::tasks_changed(scope, &task.service_arn);
    }
}

/// Why the containers cannot start: image or log group. `None` if they can.
fn find_start_fault(scope: &Scope<'_>, task: &Task) -> Option<String> {
    let definition = scope.region.ecs.task_definitions.get(&task.task_definition)?;
    let image = scope.region.ecs.main_image(find_revision(scope, task)?);
    if has_scenario(scope, task, Scenario::ImageNotFound) {
        return Some(format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
             {image}: {image}: not found"
        ));
    }
    let is_unnoticed = find_revision(scope, task).is_some_and(|revision| !revision.has_other_architecture());
    if has_scenario(scope, task, Scenario::WrongArchitecture)
        || has_scenario(scope, task, Scenario::ArchitectureOverride) && is_unnoticed
    {
        let platform = if architecture(Some(definition)) == "ARM64" { "linux/arm64" } else { "linux/amd64" };
        return Some(format!(
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not \
             contain descriptor matching platform '{platform}'"
        ));
    }
    for effect in list_revision_effects(scope, &task.revision) {
        if let Effect::Start { reason } = effect {
            return Some(fill_for_task(scope, task, reason));
        }
    }
    let missing = definition.containers().iter().find_map(|container| {
        let (group, _) = log_destination(container)?;
        (!scope.region.logs.log_groups.contains_key(group)).then_some(())
    });
    missing.map(|()| {
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: \
         failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not \
         exist. : exit status 1"
            .to_owned()
    })
}

fn fail_to_start(scope: &mut Scope<'_>, mut task: Task, reason: &str) {
    task.pull_stopped_at = task.pull_started_at.map(|_| scope.now);
    task.stop_code = Some("TaskFailedToStart".to_owned());
    task.stopped_reason = Some(reason.to_owned());
    let is_of_container = ["CannotPullContainerError", "CannotStartContainerError"];
    task.container_reason =
        is_of_container.iter().any(|error| reason.starts_with(error)).then(|| reason.to_owned());
    task.stopping_at = Some(scope.now);
    task.desired_running = false;
    let arn = task.arn.clone();
    scope.region.ecs.tasks.insert(arn.clone(), task.clone());
    end(scope, task);
    replace(scope, &arn);
}

/// How a running task is scripted to end.
fn find_ending(scope: &Scope<'_>, task: &Task) -> Option<Effect> {
    let crash = list_scenarios(scope, task).find_map(|scenario| match scenario {
        Scenario::Crash { exit_code } => Some(Effect::Exit { exit_code, reason: None, lines: &[] }),
        _ => None,
    });
    let is_ending = |effect: &Effect| matches!(effect, Effect::Exit { .. } | Effect::Stop { .. });
    crash.or_else(|| list_revision_effects(scope, &task.revision).into_iter().find(is_ending))
}

fn crash(scope: &mut Scope<'_>, mut task: Task) {
    match find_ending(scope, &task) {
        Some(Effect::Exit { exit_code, reason, lines }) => {
            for line in lines {
                write_log(scope, &task, line);
            }
            write_log(scope, &task, &format!("Process exited with code {exit_code}"));
            task.exit_code = Some(exit_code);
            task.container_reason = reason.map(str::to_owned);
            task.stop_code = Some("EssentialContainerExited".to_owned());
            task.stopped_reason = Some("Essential container in task exited".to_owned());
        }
        Some(Effect::Stop { code, reason, event }) => {
            task.stop_code = Some(code.to_owned());
            task.stopped_reason = Some(reason.to_owned());
            if let Some(event) = event {
                add_event(scope, &task.service_arn, event);
            }
        }
        _ => return,
    }
    task.stopping_at = Some(scope.now);
    task.desired_running = false;
    let arn = task.arn.clone();
    scope.region.ecs.tasks.insert(arn.clone(), task.clone());
    end(scope, task);
    replace(scope, &arn);
}

/// Stops a task: its target drains, then it is `STOPPED`.
pub(crate) fn stop(scope: &mut Scope<'_>, task_arn: &str, code: &str, reason: &str) {
    let now = scope.now;
    let Some(task) = scope.region.ecs.tasks.get_mut(task_arn).filter(|task| task.desired_running) else {
        return;
    };
    task.desired_running = false;
    task.stopping_at = Some(now);
    task.stop_code = Some(code.to_owned());
    task.stopped_reason = Some(reason.to_owned());
    if task.status == TaskStatus::Running {
        task.status = TaskStatus::Deactivating;
    }
    let task = task.clone();
    target_health::drain(scope, &task);
    next(scope, &task, TaskStep::Stop);
    if code == "UserInitiated" {
        replace_later(scope, &task.service_arn);
    }
}

/// Stops every task of a revision.
pub(crate) fn stop_revision(scope: &mut Scope<'_>, revision_arn: &str) {
    let Some(revision) = scope.region.ecs.revisions.get_mut(revision_arn) else { return };
    revision.wants_tasks = false;
    let (service, deployment) = (revision.service_arn.clone(), revision.deployment_id.clone());
    let tasks: Vec<(String, String)> = scope
        .region
        .ecs
        .tasks
        .values()
        .filter(|task| task.revision == revision_arn && task.desired_running)
        .map(|task| (task.arn.clone(), format!("(task {})", task.id)))
        .collect();
    for (task, _) in &tasks {
        stop(scope, task, "ServiceSchedulerInitiated", &scaling_reason(&deployment));
    }
    if !tasks.is_empty() {
        let names: Vec<&str> = tasks.iter().map(|(_, name)| name.as_str()).collect();
        let message = format!("has stopped {} running tasks: {}.", tasks.len(), names.join(" "));
        add_event(scope, &service, &message);
    }
}

/// The end of a task: deregistered, without network interface, describable for a while.
fn end(scope: &mut Scope<'_>, mut task: Task) {
    target_health::deregister(scope, &task);
    task.healthy = false;
    if let Some(interface) = task.network_interface_id.take() {
        scope.region.ec2.network_interfaces.remove(&interface);
    }
    task.status = TaskStatus::Stopped;
    task.stopped_at = Some(scope.now);
    next(scope, &task, TaskStep::Forget);
    let service = task.service_arn.clone();
    scope.region.ecs.tasks.insert(task.arn.clone(), task);
    deployment_lifecycle::tasks_changed(scope, &service);
}

/// Counts a failed task and starts another one, unless the deployment has had enough.
pub(crate) fn replace(scope: &mut Scope<'_>, task_arn: &str) {
    let Some(task) = scope.region.ecs.tasks.get(task_arn) else { return };
    let (service, revision) = (task.service_arn.clone(), task.revision.clone());
    if let Some(revision) = scope.region.ecs.revisions.get_mut(&revision) {
        revision.failed_tasks += 1;
    }
    deployment_lifecycle::task_failed(scope, &service, &revision);
    replace_later(scope, &service);
}

fn replace_later(scope: &mut Scope<'_>, service_arn: &str) {
    start_later(scope, service_arn, timing::TASK_REPLACED);
}

fn start_later(scope: &mut Scope<'_>, service_arn: &str, delay: Duration) {
    let Some(created_at) = scope.region.ecs.services.get(service_arn).map(|service| service.created_at)
    else {
        return;
    };
    let event = EcsEvent::StartTasks { service: service_arn.to_owned(), created_at };
    schedule(scope, service_arn, delay, event);
}

/// The revision that a task runs.
pub(crate) fn find_revision<'a>(scope: &'a Scope<'_>, task: &Task) -> Option<&'a ServiceRevision> {
    scope.region.ecs.revisions.get(&task.revision)
}

/// The scenarios that befall a task, by its service's name and its own image.
pub(crate) fn list_scenarios(scope: &Scope<'_>, task: &Task) -> impl Iterator<Item = Scenario> {
    let image = find_revision(scope, task).map(|revision| scope.region.ecs.main_image(revision));
    scope.scenarios.list(&task.service_name, image.unwrap_or_default()).collect::<Vec<_>>().into_iter()
}

fn has_scenario(scope: &Scope<'_>, task: &Task, scenario: Scenario) -> bool {
    list_scenarios(scope, task).any(|on| std::mem::discriminant(&on) == std::mem::discriminant(&scenario))
}
