//! Success means running tasks: a deployment that ended well is not enough.
//!
//! ECS calls a deployment of no task SUCCESSFUL, and after a first deployment that failed the desired count may stay 0
//! (facts, express in the wild W1). A service that was parked on purpose, by bounds of 0 to 0 or by a scheduled action,
//! has no task and is fine.

use std::time::Duration;

use crate::aws::autoscaling::{AutoScaling, resource_id};
use crate::aws::ecs::{Ecs, ServiceRecord};
use crate::aws::{AwsError, AwsErrorKind};
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::engine::{Bounds, EngineError};
use crate::service::ServiceArn;

/// Time for the tasks of a deployment that ended well: one that stopped meanwhile is replaced in it, and Application Auto
/// Scaling raises a count that is below its bounds.
const TASKS_RUN: Duration = Duration::from_secs(3 * 60);

/// The fewest tasks that Application Auto Scaling lets a service have; `None`: it does not scale.
pub(crate) async fn find_live_minimum(
    autoscaling: &AutoScaling,
    arn: &ServiceArn,
) -> Result<Option<i32>, AwsError> {
    let target = autoscaling.find_scalable_target(&resource_id(arn.cluster(), arn.name())).await?;
    Ok(target.map(|target| target.min_capacity))
}

/// As many tasks run as the live minimum asks for. `minimum`: that of the service's configuration.
pub(crate) async fn check_tasks_run(
    ecs: &Ecs,
    autoscaling: &AutoScaling,
    bounds: &Bounds,
    arn: &ServiceArn,
    minimum: i32,
) -> Result<(), EngineError> {
    if minimum <= 0 {
        return Ok(());
    }
    let waited = wait_until(&bounds.at_most(TASKS_RUN), || async {
        let Some(record) = readable(ecs.find_service(arn.cluster(), arn.name()).await)? else {
            return Ok(Condition::Ready(()));
        };
        if record.running_count >= minimum {
            return Ok(Condition::Ready(()));
        }
        let live = readable(find_live_minimum(autoscaling, arn).await)?;
        Ok::<_, EngineError>(are_enough(&record, live.map_or(minimum, |live| live.min(minimum))))
    })
    .await;
    match waited {
        Err(WaitError::TimedOut { .. }) if bounds.remaining() > Duration::ZERO => {
            let record = readable(ecs.find_service(arn.cluster(), arn.name()).await)?;
            let (desired, running) =
                record.map_or((minimum, 0), |record| (record.desired_count, record.running_count));
            Err(EngineError::NoTasks { desired, running, minimum })
        }
        other => Ok(other?),
    }
}

/// What may not be read is not checked.
fn readable<T>(result: Result<Option<T>, AwsError>) -> Result<Option<T>, AwsError> {
    match result {
        Err(error) if error.kind == AwsErrorKind::AccessDenied => {
            tracing::warn!(error = %error, "not allowed to see whether tasks run");
            Ok(None)
        }
        other => other,
    }
}

/// As many tasks run as are asked for.
fn are_enough(record: &ServiceRecord, minimum: i32) -> Condition<()> {
    let (desired, running) = (record.desired_count, record.running_count);
    if running < minimum {
        return Condition::Pending(format!(
            "waiting for tasks: {running} run, ECS is to run {desired}, the bounds ask for {minimum}"
        ));
    }
    if running == 0 {
        tracing::info!(service_arn = %record.arn, "the service is parked: its live bounds ask for no task");
    }
    Condition::Ready(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ServiceStatus;

    fn record(desired_count: i32, running_count: i32) -> ServiceRecord {
        ServiceRecord {
            arn: "arn:aws:ecs:r:1:service/default/api".parse().expect("valid"),
            status: ServiceStatus::Active,
            tags: std::collections::BTreeMap::new(),
            created_at: None,
            desired_count,
            running_count,
            events: Vec::new(),
            is_express: true,
            current_deployment_arn: None,
            current_revision_arns: Vec::new(),
            target_group_arn: None,
        }
    }

    #[test]
    fn a_service_that_is_to_run_no_task_although_its_bounds_want_one_is_no_success() {
        let text = "waiting for tasks: 0 run, ECS is to run 0, the bounds ask for 1";
        assert_eq!(are_enough(&record(0, 0), 1), Condition::Pending(text.to_owned()));
        assert_eq!(are_enough(&record(2, 1), 1), Condition::Ready(()));
    }

    #[test]
    fn a_parked_service_has_no_task_and_is_fine() {
        assert_eq!(are_enough(&record(0, 0), 0), Condition::Ready(()));
    }
}
