//! How a deployment goes from `PENDING` to `SUCCESSFUL`: the stages, what each does, what ends it.
//!
//! `SCALE_UP` ends when every task of the target revision is healthy; every other stage ends after the time
//! that `timing` gives it. A first deployment has nothing to shift traffic from: Express Mode skips those stages,
//! a service of the customer's own passes through them in one step.

use std::time::Duration;

use serde_json::json;

use super::deployment::{DeploymentStatus, LifecycleStage, ServiceDeployment, Strategy};
use super::misfortune::{fill_for_service, list_effects};
use super::service::{add_event, is_befallen, schedule};
use super::{EcsEvent, express, pause, plain, rollback, task_lifecycle, traffic};
use crate::sandbox::world::scenario::{Effect, Scenario};
use crate::sandbox::world::{Scope, timing};

/// Starts the deployment of `revision_arn`, unless a later revision has taken its place already.
/// A deployment that is still running is superseded.
pub(crate) fn start(scope: &mut Scope<'_>, service_arn: &str, revision_arn: &str) {
    let Some(service) = scope.region.ecs.services.get(service_arn) else { return };
    if !service.is_active() || service.target_revision.as_deref() != Some(revision_arn) {
        return;
    }
    let (cluster, name) = (service.cluster.clone(), service.name.clone());
    let configuration = service.settings.get("deploymentConfiguration").cloned().unwrap_or(json!({}));
    let previous = service.current_deployment.clone();
    let threshold = failure_threshold(service.desired_count);
    let superseded = previous.and_then(|previous| supersede(scope, &previous));
    if let (Some(revision), Some(service)) = (&superseded, scope.region.ecs.services.get_mut(service_arn)) {
        service.superseded_revisions.push(revision.clone());
    }
    let live_source = assign_target_group(scope, service_arn, revision_arn);
    let id = scope.ids.hex(21);
    let deployment = ServiceDeployment {
        arn: scope.region.arn("ecs", &format!("service-deployment/{cluster}/{name}/{id}")),
        service_arn: service_arn.to_owned(),
        target_revision: revision_arn.to_owned(),
        live_source,
        superseded,
        strategy: Strategy::from_configuration(Some(&configuration)),
        configuration,
        failure_threshold: threshold,
        created_at: scope.now,
        updated_at: scope.now,
        ..ServiceDeployment::default()
    };
    if let Some(service) = scope.region.ecs.services.get_mut(service_arn) {
        service.current_deployment = Some(deployment.arn.clone());
    }
    let arn = deployment.arn.clone();
    scope.region.ecs.deployments.insert(arn.clone(), deployment);
    end_later(scope, &arn, timing::DEPLOYMENT_STARTS);
}

/// Gives the revision the target group that is not live by now. Answers the live revision.
fn assign_target_group(scope: &mut Scope<'_>, service_arn: &str, revision_arn: &str) -> Option<String> {
    let ecs = &mut scope.region.ecs;
    let service = ecs.services.get(service_arn)?;
    if let Some(traffic) = &service.traffic
        && let Some(target) =
            ecs.revisions.get_mut(revision_arn).and_then(|revision| revision.target.as_mut())
    {
        let next = traffic.next_target_group(service.live_revision.is_some());
        next.clone_into(&mut target.target_group_arn);
    }
    service.live_revision.clone()
}

/// Half of the desired tasks, at least 3 and at most 200 (facts, Express section 6.3).
fn failure_threshold(desired_count: usize) -> u32 {
    u32::try_from(desired_count.div_ceil(2).clamp(3, 200)).unwrap_or(200)
}

/// Stops a running deployment in favour of a new one; answers its target revision.
/// One that only has to clean up has succeeded instead.
fn supersede(scope: &mut Scope<'_>, deployment_arn: &str) -> Option<String> {
    let now = scope.now;
    let deployment = scope.region.ecs.deployments.get_mut(deployment_arn)?;
    if deployment.status.is_terminal() {
        return None;
    }
    if deployment.stage == Some(LifecycleStage::CleanUp) && deployment.status == DeploymentStatus::InProgress
    {
        deployment.generation += 1;
        succeed(scope, deployment_arn);
        return None;
    }
    deployment.status = DeploymentStatus::Stopped;
    deployment.status_reason =
        Some("Service deployment stopped because a newer deployment was started.".to_owned());
    deployment.generation += 1;
    deployment.finished_at = Some(now);
    deployment.stopped_at = Some(now);
    deployment.updated_at = now;
    Some(deployment.target_revision.clone())
}

/// Executes what follows the stage that ends, unless the deployment has left that stage by another way.
pub(crate) fn end_stage(scope: &mut Scope<'_>, deployment_arn: &str, generation: u32) {
    let Some(deployment) = scope.region.ecs.deployments.get(deployment_arn) else { return };
    if deployment.generation != generation {
        return;
    }
    match (deployment.status, deployment.stage) {
        (DeploymentStatus::Pending, _) => begin(scope, deployment_arn),
        (DeploymentStatus::InProgress, Some(stage)) => end_lifecycle_stage(scope, deployment_arn, stage),
        (DeploymentStatus::RollbackRequested, _) => rollback::begin(scope, deployment_arn),
        (DeploymentStatus::RollbackInProgress, _) => rollback::finish(scope, deployment_arn),
        _ => {}
    }
}

/// `PENDING` lasts until the resources exist that tasks need.
fn begin(scope: &mut Scope<'_>, deployment_arn: &str) {
    let now = scope.now;
    let service = scope.region.ecs.deployments.get(deployment_arn).map(|one| one.service_arn.clone());
    if !service.is_some_and(|service| express::is_ready_for_tasks(scope, &service)) {
        return end_later(scope, deployment_arn, timing::PROVISIONING_RETRIES);
    }
    let Some(deployment) = scope.region.ecs.deployments.get_mut(deployment_arn) else { return };
    deployment.status = DeploymentStatus::InProgress;
    deployment.started_at = Some(now);
    deployment.ignored_alarms = deployment.alarm_names();
    let alarms = &scope.region.cloudwatch.metric_alarms;
    deployment.ignored_alarms.retain(|name| alarms.get(name).is_some_and(|alarm| alarm.state == "ALARM"));
    let superseded = deployment.superseded.clone();
    let (service, target) = (deployment.service_arn.clone(), deployment.target_revision.clone());
    let has_source = deployment.live_source.is_some();
    let traffic = scope.region.ecs.services.get(&service).and_then(|service| service.traffic.clone());
    if let Some(superseded) = &superseded {
        task_lifecycle::stop_revision(scope, superseded);
        if let Some(traffic) = &traffic {
            traffic::shift(scope, traffic, &traffic.target_groups[traffic.live], 100.0);
        }
    } else if let Some(fault) = traffic.and_then(|one| traffic::find_fault(scope, &one, has_source)) {
        let reason = format!("Service deployment rolled back because of {fault}");
        return rollback::begin_with(scope, deployment_arn, &reason);
    }
    express::on_deployment_started(scope, &service, &target);
    for effect in list_effects(scope, &service) {
        match effect {
            Effect::Deployment { reason } => {
                let reason = fill_for_service(scope, &service, reason);
                return rollback::begin_with(scope, deployment_arn, &reason);
            }
            Effect::Superseded => return abandon(scope, &service, deployment_arn),
            _ => {}
        }
    }
    if superseded.is_none() {
        enter(scope, deployment_arn, LifecycleStage::PreScaleUp, Some(timing::SHORT_STAGE));
    } else {
        enter(scope, deployment_arn, LifecycleStage::ReconcileService, Some(timing::RECONCILE));
    }
}

/// Stops a deployment as if a newer one had come, and leaves it at that.
fn abandon(scope: &mut Scope<'_>, service_arn: &str, deployment_arn: &str) {
    supersede(scope, deployment_arn);
    if let Some(service) = scope.region.ecs.services.get_mut(service_arn) {
        service.current_deployment = None;
    }
}

fn end_lifecycle_stage(scope: &mut Scope<'_>, arn: &str, stage: LifecycleStage) {
    use LifecycleStage as Stage;
    if pause::hold(scope, arn, stage) {
        return;
    }
    let short = Some(timing::SHORT_STAGE);
    match stage {
        Stage::ReconcileService => enter(scope, arn, Stage::PreScaleUp, short),
        Stage::PreScaleUp => scale_up(scope, arn),
        Stage::ScaleUp => {}
        Stage::PostScaleUp if find_shift(scope, arn).is_some() => shift_test_traffic(scope, arn),
        Stage::PostScaleUp => {
            shift(scope, arn, 100.0);
            clean_up(scope, arn);
        }
        Stage::TestTrafficShift => enter(scope, arn, Stage::PostTestTrafficShift, short),
        Stage::PostTestTrafficShift => shift_production_traffic(scope, arn),
        Stage::ProductionTrafficShift => {
            if !rollback::on_alarm(scope, arn) {
                continue_shift(scope, arn);
            }
        }
        Stage::PostProductionTrafficShift => {
            let bake = find_shift(scope, arn).map(Strategy::bake);
            enter(scope, arn, Stage::BakeTime, Some(bake.unwrap_or_default()));
        }
        Stage::BakeTime => {
            if !rollback::on_alarm(scope, arn) {
                clean_up(scope, arn);
            }
        }
        Stage::CleanUp => succeed(scope, arn),
    }
}

/// Enters a stage. Without a duration something else ends it.
fn enter(scope: &mut Scope<'_>, arn: &str, stage: LifecycleStage, duration: Option<Duration>) {
    let now = scope.now;
    let Some(deployment) = scope.region.ecs.deployments.get_mut(arn) else { return };
    deployment.stage = Some(stage);
    deployment.updated_at = now;
    deployment.generation += 1;
    if let Some(duration) = duration {
        end_later(scope, arn, duration);
    }
}

/// Schedules the end of the deployment's current stage.
pub(crate) fn end_later(scope: &mut Scope<'_>, arn: &str, delay: Duration) {
    let Some(deployment) = scope.region.ecs.deployments.get(arn) else { return };
    let service = deployment.service_arn.clone();
    let event = EcsEvent::DeploymentStage { deployment: arn.to_owned(), generation: deployment.generation };
    schedule(scope, &service, delay, event);
}

fn scale_up(scope: &mut Scope<'_>, arn: &str) {
    enter(scope, arn, LifecycleStage::ScaleUp, None);
    let Some(deployment) = scope.region.ecs.deployments.get(arn) else { return };
    let (service, target) = (deployment.service_arn.clone(), deployment.target_revision.clone());
    let has_source = deployment.live_source.is_some();
    if let Some(revision) = scope.region.ecs.revisions.get_mut(&target) {
        revision.wants_tasks = true;
    }
    let is_rolling = deployment_strategy(scope, arn) == Strategy::Rolling;
    task_lifecycle::start_missing(scope, &service);
    tasks_changed(scope, &service);
    if is_rolling && has_source {
        express::alarm::script(scope, arn);
    }
}

fn deployment_strategy(scope: &Scope<'_>, arn: &str) -> Strategy {
    scope.region.ecs.deployments.get(arn).map(|deployment| deployment.strategy).unwrap_or_default()
}

/// Ends `SCALE_UP` once all tasks of the target revision are healthy.
pub(crate) fn tasks_changed(scope: &mut Scope<'_>, service_arn: &str) {
    let ecs = &scope.region.ecs;
    let Some(service) = ecs.services.get(service_arn) else { return };
    let desired = service.desired_count;
    let Some(deployment) = service.current_deployment.as_ref().and_then(|arn| ecs.deployments.get(arn))
    else {
        return;
    };
    let scaling_up = deployment.status == DeploymentStatus::InProgress
        && deployment.stage == Some(LifecycleStage::ScaleUp);
    let healthy = ecs
        .tasks
        .values()
        .filter(|task| task.revision == deployment.target_revision && task.desired_running && task.healthy)
        .count();
    if scaling_up && healthy >= desired {
        let arn = deployment.arn.clone();
        enter(scope, &arn, LifecycleStage::PostScaleUp, Some(timing::SHORT_STAGE));
    }
}

/// Counts a failed task of the revision being deployed; rolls back when there were too many.
pub(crate) fn task_failed(scope: &mut Scope<'_>, service_arn: &str, revision_arn: &str) {
    let ecs = &mut scope.region.ecs;
    let current = ecs.services.get(service_arn).and_then(|service| service.current_deployment.clone());
    let Some(deployment) = current.and_then(|arn| ecs.deployments.get_mut(&arn)) else { return };
    if deployment.target_revision != revision_arn || !deployment.can_roll_back() {
        return;
    }
    deployment.failure_count += 1;
    deployment.updated_at = scope.now;
    let breaker = &deployment.configuration["deploymentCircuitBreaker"];
    if deployment.failure_count < deployment.failure_threshold || breaker["enable"] != true {
        return;
    }
    let arn = deployment.arn.clone();
    let id = deployment_id(scope, &arn);
    add_event(scope, service_arn, &format!("(deployment {id}) deployment failed: tasks failed to start."));
    let reason = "Service deployment rolled back because the circuit breaker threshold was exceeded.";
    rollback::begin_with(scope, &arn, reason);
}

/// `ecs-svc/...` of the deployment's target revision.
pub(crate) fn deployment_id(scope: &Scope<'_>, arn: &str) -> String {
    let ecs = &scope.region.ecs;
    let revision = ecs.deployments.get(arn).and_then(|one| ecs.revisions.get(&one.target_revision));
    revision.map(|revision| revision.deployment_id.clone()).unwrap_or_default()
}

/// How the deployment shifts traffic step by step; `None` if it does not. With nothing to shift it from, all of it
/// goes at once.
fn find_shift(scope: &Scope<'_>, arn: &str) -> Option<Strategy> {
    let ecs = &scope.region.ecs;
    let deployment = ecs.deployments.get(arn).filter(|one| one.strategy != Strategy::Rolling)?;
    let is_express = ecs.services.get(&deployment.service_arn)?.express.is_some();
    match deployment.live_source {
        Some(_) => Some(deployment.strategy),
        None if is_express => None,
        None => Some(Strategy::BlueGreen { bake: deployment.strategy.bake() }),
    }
}

fn shift_test_traffic(scope: &mut Scope<'_>, arn: &str) {
    send_test_traffic(scope, arn, 100.0);
    enter(scope, arn, LifecycleStage::TestTrafficShift, Some(timing::SHORT_STAGE));
}

/// Sends `percent` of the test traffic to the target revision.
pub(crate) fn send_test_traffic(scope: &mut Scope<'_>, arn: &str, percent: f64) {
    let ecs = &mut scope.region.ecs;
    let Some(deployment) = ecs.deployments.get_mut(arn) else { return };
    deployment.test_percent = percent;
    let traffic = ecs.services.get(&deployment.service_arn).and_then(|service| service.traffic.clone());
    let target = ecs.revisions.get(&deployment.target_revision).and_then(|revision| revision.target.clone());
    if let (Some(traffic), Some(target)) = (traffic, target) {
        traffic::shift_test(scope, &traffic, &target.target_group_arn, percent);
    }
}

/// The first step of production traffic.
fn shift_production_traffic(scope: &mut Scope<'_>, arn: &str) {
    let Some(deployment) = scope.region.ecs.deployments.get(arn) else { return };
    let (service, has_source) = (deployment.service_arn.clone(), deployment.live_source.is_some());
    let is_plain = scope.region.ecs.services.get(&service).is_some_and(|one| one.express.is_none());
    if is_plain && is_befallen(scope, &service, Scenario::InfrastructureRoleMissing) {
        let reason = "Service deployment rolled back because ECS was unable to manage the ELB resources due to \
                      missing permissions on ECS Infrastructure Role.";
        return rollback::begin_with(scope, arn, reason);
    }
    for effect in list_effects(scope, &service) {
        if let Effect::Shift { reason } = effect {
            return rollback::begin_with(scope, arn, reason);
        }
    }
    step(scope, arn);
    if has_source {
        express::alarm::script(scope, arn);
    }
}

/// The next step of production traffic; the last one lasts no longer than it takes.
fn step(scope: &mut Scope<'_>, arn: &str) {
    let Some(strategy) = find_shift(scope, arn) else { return };
    let Some(deployment) = scope.region.ecs.deployments.get(arn) else { return };
    let percent = strategy.next_percent(deployment.production_percent);
    shift(scope, arn, percent);
    let duration = if percent < 100.0 { strategy.step_bake() } else { timing::SHORT_STAGE };
    enter(scope, arn, LifecycleStage::ProductionTrafficShift, Some(duration));
}

fn continue_shift(scope: &mut Scope<'_>, arn: &str) {
    let Some(strategy) = find_shift(scope, arn) else { return };
    let Some(deployment) = scope.region.ecs.deployments.get(arn) else { return };
    if strategy.next_percent(deployment.production_percent) < 100.0 {
        return step(scope, arn);
    }
    if deployment.production_percent < 100.0 {
        shift(scope, arn, 100.0);
    }
    enter(scope, arn, LifecycleStage::PostProductionTrafficShift, Some(timing::SHORT_STAGE));
}

/// Sends `percent` of production traffic to the target revision.
pub(crate) fn shift(scope: &mut Scope<'_>, arn: &str, percent: f64) {
    let ecs = &mut scope.region.ecs;
    let Some(deployment) = ecs.deployments.get_mut(arn) else { return };
    deployment.production_percent = percent;
    let traffic = ecs.services.get(&deployment.service_arn).and_then(|service| service.traffic.clone());
    let target = ecs.revisions.get(&deployment.target_revision).and_then(|revision| revision.target.clone());
    if let (Some(traffic), Some(target)) = (traffic, target) {
        traffic::shift(scope, &traffic, &target.target_group_arn, percent);
    }
}

fn clean_up(scope: &mut Scope<'_>, arn: &str) {
    enter(scope, arn, LifecycleStage::CleanUp, Some(timing::CLEAN_UP));
    let Some(deployment) = scope.region.ecs.deployments.get(arn) else { return };
    if let Some(source) = deployment.live_source.clone() {
        task_lifecycle::stop_revision(scope, &source);
    }
}

fn succeed(scope: &mut Scope<'_>, arn: &str) {
    let now = scope.now;
    let ecs = &mut scope.region.ecs;
    let Some(deployment) = ecs.deployments.get_mut(arn) else { return };
    deployment.status = DeploymentStatus::Successful;
    deployment.finished_at = Some(now);
    deployment.updated_at = now;
    let (service_arn, target) = (deployment.service_arn.clone(), deployment.target_revision.clone());
    let target_group = ecs.revisions.get(&target).and_then(|revision| revision.target.clone());
    if let Some(service) = ecs.services.get_mut(&service_arn) {
        service.live_revision = Some(target.clone());
        // A newer revision may be waiting for its own deployment.
        service.target_revision.take_if(|waiting| *waiting == target);
        service.current_deployment = None;
        service.superseded_revisions.clear();
        if let (Some(traffic), Some(target)) = (&mut service.traffic, target_group) {
            let index = traffic.target_groups.iter().position(|one| *one == target.target_group_arn);
            traffic.live = index.unwrap_or(traffic.live);
        }
    }
    let id = deployment_id(scope, arn);
    add_event(scope, &service_arn, &format!("(deployment {id}) deployment completed."));
    add_event(scope, &service_arn, "has reached a steady state.");
    express::on_deployment_ended(scope, &service_arn);
    plain::on_deployment_ended(scope, arn);
}
