//! What a wait for a deployment waits for: a pure condition over what ECS shows of it.

use std::fmt::Write as _;

use crate::aws::ecs::DeploymentDetail;
use crate::engine::event::describe_pause;
use crate::engine::wait::Condition;
use crate::engine::{DeploymentFailure, EngineError};
use crate::service::DeploymentStatus;

/// A deployment ended well. One that ended otherwise is an error (composition section 2.4).
pub(crate) fn is_deployment_successful(
    deployment_arn: &str,
    detail: Option<&DeploymentDetail>,
) -> Result<Condition<()>, EngineError> {
    let Some(detail) = detail else {
        return Ok(Condition::Pending(format!("waiting for deployment {} to show", short(deployment_arn))));
    };
    let status = &detail.deployment.status;
    if *status == DeploymentStatus::Successful {
        return Ok(Condition::Ready(()));
    }
    if status.is_final() {
        return Err(EngineError::DeploymentFailed(Box::new(failure(detail))));
    }
    Ok(Condition::Pending(progress(detail)))
}

fn failure(detail: &DeploymentDetail) -> DeploymentFailure {
    DeploymentFailure {
        deployment_arn: detail.deployment.arn.clone(),
        status: detail.deployment.status.clone(),
        status_reason: detail.deployment.status_reason.clone(),
        rollback_reason: detail.rollback_reason.clone(),
        triggered_alarm_names: detail.triggered_alarm_names.clone(),
        created_at: detail.deployment.created_at,
    }
}

/// One line of progress: `deployment x: IN_PROGRESS, BAKE_TIME, 1 of 1 tasks running, 5 % of traffic`.
fn progress(detail: &DeploymentDetail) -> String {
    let mut line = format!("deployment {}: {}", short(&detail.deployment.arn), detail.deployment.status);
    if let Some(stage) = &detail.lifecycle_stage {
        line.push_str(", ");
        line.push_str(stage);
    }
    let (running, requested) = (detail.running_task_count, detail.requested_task_count);
    let _ = write!(line, ", {running} of {requested} tasks running");
    if let Some(weight) = detail.production_traffic_weight {
        let _ = write!(line, ", {weight} % of traffic");
    }
    if let Some(pause) = describe_pause(detail) {
        line.push_str(", ");
        line.push_str(&pause);
    }
    if let Some(reason) = detail.rollback_reason.as_ref().or(detail.deployment.status_reason.as_ref()) {
        line.push_str(": ");
        line.push_str(reason);
    }
    line
}

fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ecs::DeploymentSchedule;
    use crate::service::Deployment;

    fn detail(status: DeploymentStatus) -> DeploymentDetail {
        DeploymentDetail {
            deployment: Deployment {
                arn: "arn:aws:ecs:r:1:service-deployment/default/api/abc".to_owned(),
                status,
                status_reason: None,
                target_revision_arn: None,
                created_at: None,
                started_at: None,
                finished_at: None,
            },
            lifecycle_stage: Some("BAKE_TIME".to_owned()),
            running_task_count: 1,
            pending_task_count: 1,
            requested_task_count: 2,
            production_traffic_weight: Some(5.0),
            sources: Vec::new(),
            schedule: DeploymentSchedule::default(),
            paused_by: None,
            rollback_reason: None,
            triggered_alarm_names: Vec::new(),
        }
    }

    #[test]
    fn a_deployment_on_its_way_says_where_it_is() {
        let pending =
            is_deployment_successful("d", Some(&detail(DeploymentStatus::InProgress))).expect("no failure");
        let expected = "deployment abc: IN_PROGRESS, BAKE_TIME, 1 of 2 tasks running, 5 % of traffic";
        assert_eq!(pending, Condition::Pending(expected.to_owned()));
    }

    #[test]
    fn a_deployment_that_a_hook_holds_says_which_until_when_and_how_it_goes_on() {
        let paused = DeploymentDetail {
            lifecycle_stage: Some("POST_SCALE_UP".to_owned()),
            paused_by: Some(crate::aws::ecs::PauseHook {
                id: "h1".to_owned(),
                expires_at: Some(std::time::SystemTime::UNIX_EPOCH),
                timeout_action: Some("ROLLBACK".to_owned()),
            }),
            ..detail(DeploymentStatus::InProgress)
        };
        let Ok(Condition::Pending(text)) = is_deployment_successful("d", Some(&paused)) else {
            panic!("it is not over")
        };
        for part in [
            "paused by hook h1 at POST_SCALE_UP until 1970-01-01T00:00:00Z, then ROLLBACK",
            "aws ecs continue-service-deployment --service-deployment-arn \
             arn:aws:ecs:r:1:service-deployment/default/api/abc --hook-id h1 --action CONTINUE",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn only_success_is_success() {
        assert_eq!(
            is_deployment_successful("d", Some(&detail(DeploymentStatus::Successful))),
            Ok(Condition::Ready(()))
        );
        for status in [
            DeploymentStatus::RollbackSuccessful,
            DeploymentStatus::RollbackFailed,
            DeploymentStatus::Stopped,
        ] {
            let result = is_deployment_successful("d", Some(&detail(status.clone())));
            assert!(
                matches!(result, Err(EngineError::DeploymentFailed(failure)) if failure.status == status)
            );
        }
    }

    #[test]
    fn a_rollback_under_way_is_waited_for() {
        let result = is_deployment_successful("d", Some(&detail(DeploymentStatus::RollbackInProgress)));
        assert!(matches!(result, Ok(Condition::Pending(_))));
    }

    #[test]
    fn a_deployment_that_does_not_show_yet_is_waited_for() {
        assert!(matches!(is_deployment_successful("a/b", None), Ok(Condition::Pending(_))));
    }
}
