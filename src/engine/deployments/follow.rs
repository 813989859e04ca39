//! Watching one deployment to its end, and telling what changes.

use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::aws::ecs::{DeploymentDetail, Ecs};
use crate::engine::event::{Observation, list_changes};
use crate::engine::wait::{Condition, wait_until};
use crate::engine::{Bounds, EngineError};

/// The deployment once it has ended, however it ended. Each change on the way is one line; lines are dropped when
/// nobody reads them.
///
/// # Errors
/// The deadline, an interruption, or a call that AWS refuses. The deployment itself goes on then.
pub(super) async fn wait_until_ended(
    ecs: &Ecs,
    bounds: &Bounds,
    deployment_arn: &str,
    lines: &mpsc::Sender<String>,
) -> Result<DeploymentDetail, EngineError> {
    let told = Mutex::new(Observation::default());
    let ended = wait_until(bounds, || async {
        let detail = ecs.find_deployment(deployment_arn).await?;
        for line in news(&told, detail.as_ref()) {
            let _ = lines.send(line).await;
        }
        Ok::<_, EngineError>(is_ended(deployment_arn, detail))
    });
    Ok(ended.await?)
}

fn is_ended(deployment_arn: &str, detail: Option<DeploymentDetail>) -> Condition<DeploymentDetail> {
    match detail {
        Some(detail) if detail.deployment.status.is_final() => Condition::Ready(detail),
        Some(detail) => {
            Condition::Pending(format!("deployment {deployment_arn} is {}", detail.deployment.status))
        }
        None => Condition::Pending(format!("waiting for deployment {deployment_arn} to show")),
    }
}

/// What was not told yet, one line for each change.
fn news(told: &Mutex<Observation>, detail: Option<&DeploymentDetail>) -> Vec<String> {
    let seen = Observation { deployment: detail.cloned(), ..Observation::default() };
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    let changes = list_changes(&told, &seen);
    *told = seen;
    changes.iter().map(ToString::to_string).collect()
}
