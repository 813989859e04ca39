//! Back to the revision from before, while a deployment is under way.

use tokio::sync::mpsc;

use super::follow::wait_until_ended;
use crate::aws::ecs::Ecs;
use crate::engine::{Bounds, EngineError};
use crate::service::{DeploymentStatus, ServiceArn};

/// How a rollback ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RollBackEnd {
    /// The revision from before serves.
    RolledBack,
    /// No deployment is under way, so there is nothing to roll back.
    NothingRuns,
    /// The deployment ended in another way: it was over too soon, or going back failed.
    Otherwise(DeploymentStatus),
}

/// Rolls the deployment back that is under way (`StopServiceDeployment`, `ROLLBACK`) and follows it to its end. One
/// that goes back already is followed.
pub(crate) async fn roll_back(
    ecs: &Ecs,
    bounds: &Bounds,
    arn: &ServiceArn,
    lines: &mpsc::Sender<String>,
) -> Result<RollBackEnd, EngineError> {
    let deployments = ecs.list_deployments(arn).await?;
    let Some(running) = deployments.into_iter().find(|deployment| !deployment.status.is_final()) else {
        return Ok(RollBackEnd::NothingRuns);
    };
    ecs.stop_deployment(&running.arn).await?;
    let ended = wait_until_ended(ecs, bounds, &running.arn, lines).await?;
    Ok(match ended.deployment.status {
        DeploymentStatus::RollbackSuccessful => RollBackEnd::RolledBack,
        other => RollBackEnd::Otherwise(other),
    })
}
