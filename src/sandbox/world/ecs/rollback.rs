//! How a deployment goes back: by the circuit breaker, by an alarm, by hand. `StopServiceDeployment`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::deployment::{DeploymentStatus, Rollback};
use super::deployment_lifecycle::{deployment_id, end_later, send_test_traffic, shift};
use super::service::add_event;
use super::{errors, express, plain, task_lifecycle};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::ecs::input::parse;
use crate::sandbox::world::{Scope, timing};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StopInput {
    service_deployment_arn: String,
    stop_type: Option<String>,
}

/// `StopServiceDeployment`: only `ROLLBACK` is a valid type (facts, composition section 2.4).
pub(crate) fn stop(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: StopInput = parse(request)?;
    if input.stop_type.is_some_and(|stop_type| stop_type != "ROLLBACK") {
        return Err(errors::invalid_parameter("stopType must be ROLLBACK."));
    }
    let arn = input.service_deployment_arn;
    let Some(deployment) = scope.region.ecs.deployments.get_mut(&arn) else {
        return Err(ApiError::client("ServiceDeploymentNotFoundException", "Service deployment not found."));
    };
    match deployment.status {
        DeploymentStatus::Pending | DeploymentStatus::InProgress if deployment.can_roll_back() => {}
        DeploymentStatus::RollbackRequested | DeploymentStatus::RollbackInProgress => {
            return Err(errors::conflict("The service deployment is already being stopped.", &arn));
        }
        DeploymentStatus::InProgress => {
            return Err(errors::conflict(
                "The service deployment is cleaning up and cannot be stopped.",
                &arn,
            ));
        }
        _ => return Err(errors::conflict("The service deployment has already finished.", &arn)),
    }
    deployment.status = DeploymentStatus::RollbackRequested;
    deployment.status_reason =
        Some("Service deployment rolled back because of a StopServiceDeployment request.".to_owned());
    deployment.generation += 1;
    deployment.updated_at = scope.now;
    end_later(scope, &arn, timing::ROLLBACK_STARTS);
    Ok(json!({"serviceDeploymentArn": arn}))
}

/// Rolls back if one of the deployment's alarms is in `ALARM`; answers whether it did.
pub(crate) fn on_alarm(scope: &mut Scope<'_>, arn: &str) -> bool {
    let Some(deployment) = scope.region.ecs.deployments.get_mut(arn) else { return false };
    let alarms = &scope.region.cloudwatch.metric_alarms;
    let mut triggered = deployment.alarm_names();
    triggered.retain(|name| alarms.get(name).is_some_and(|alarm| alarm.state == "ALARM"));
    triggered.retain(|name| !deployment.ignored_alarms.contains(name));
    if !deployment.can_roll_back()
        || triggered.is_empty()
        || deployment.configuration["alarms"]["rollback"] != true
    {
        return false;
    }
    deployment.triggered_alarms.clone_from(&triggered);
    let service = deployment.service_arn.clone();
    let reason = format!(
        "Service deployment rolled back because the following CloudWatch alarm(s) went into ALARM state: {}.",
        triggered.join(", ")
    );
    let id = deployment_id(scope, arn);
    add_event(scope, &service, &format!("(deployment {id}) deployment failed: alarm detected."));
    begin_with(scope, arn, &reason);
    true
}

/// Rolls back every deployment that watches `alarm` and runs; called when the alarm goes off.
pub(crate) fn on_alarm_changed(scope: &mut Scope<'_>, alarm: &str) {
    let ecs = &scope.region.ecs;
    let current = ecs.services.values().filter_map(|service| service.current_deployment.as_ref());
    let watching = current.filter_map(|arn| ecs.deployments.get(arn)).filter(|deployment| {
        deployment.status == DeploymentStatus::InProgress
            && deployment.alarm_names().iter().any(|name| name == alarm)
    });
    let watching: Vec<String> = watching.map(|deployment| deployment.arn.clone()).collect();
    for deployment in watching {
        on_alarm(scope, &deployment);
    }
}

/// Begins the rollback for `reason`.
pub(crate) fn begin_with(scope: &mut Scope<'_>, arn: &str, reason: &str) {
    if let Some(deployment) = scope.region.ecs.deployments.get_mut(arn) {
        deployment.status_reason = Some(reason.to_owned());
    }
    begin(scope, arn);
}

/// Begins a rollback: all traffic goes back, the new tasks stop.
pub(crate) fn begin(scope: &mut Scope<'_>, arn: &str) {
    let now = scope.now;
    let Some(deployment) = scope.region.ecs.deployments.get_mut(arn) else { return };
    let source = deployment.live_source.clone();
    deployment.status = DeploymentStatus::RollbackInProgress;
    deployment.rollback = Some(Rollback {
        reason: deployment.status_reason.clone().unwrap_or_default(),
        started_at: now,
        revision: source.clone(),
    });
    deployment.updated_at = now;
    deployment.generation += 1;
    let (service, target) = (deployment.service_arn.clone(), deployment.target_revision.clone());
    let (shifted, tested) = (deployment.production_percent > 0.0, deployment.test_percent > 0.0);
    if let Some(source) = source.and_then(|source| scope.region.ecs.revisions.get(&source)) {
        let message = format!("rolling back to (deployment {}).", source.deployment_id);
        add_event(scope, &service, &message);
        // A rule that was already wrong stays as it was found.
        if shifted {
            shift(scope, arn, 0.0);
        }
        if tested {
            send_test_traffic(scope, arn, 0.0);
        }
    }
    task_lifecycle::stop_revision(scope, &target);
    end_later(scope, arn, timing::ROLLBACK);
}

/// Ends a rollback: the service is on its old revision again, or has none.
pub(crate) fn finish(scope: &mut Scope<'_>, arn: &str) {
    let now = scope.now;
    let ecs = &mut scope.region.ecs;
    let Some(deployment) = ecs.deployments.get_mut(arn) else { return };
    let service_arn = deployment.service_arn.clone();
    let rolled_back = deployment.live_source.is_some();
    deployment.finished_at = Some(now);
    deployment.updated_at = now;
    deployment.status = if rolled_back {
        DeploymentStatus::RollbackSuccessful
    } else {
        let reason = deployment.status_reason.get_or_insert_default();
        reason.push_str(" No rollback candidate was found to run the rollback.");
        DeploymentStatus::RollbackFailed
    };
    let is_broken = !rolled_back && deployment.failure_count >= deployment.failure_threshold;
    if let Some(service) = ecs.services.get_mut(&service_arn) {
        service.current_deployment = None;
        service.superseded_revisions.clear();
        if is_broken {
            // Recorded of Express Mode; of other services it is our guess.
            service.desired_count = 0;
            service.is_halted = true;
        }
        if service.live_revision.is_some() {
            let target = &deployment.target_revision;
            service.target_revision.take_if(|waiting| waiting == target);
        }
    }
    if rolled_back {
        add_event(scope, &service_arn, "has reached a steady state.");
    }
    express::on_deployment_ended(scope, &service_arn);
    plain::on_deployment_ended(scope, arn);
}
