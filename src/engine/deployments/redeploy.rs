//! The same task definition again: new tasks pull a tag that moved, and get tags that changed.

use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::mpsc;

use super::follow::wait_until_ended;
use crate::aws::ecs::plain_services::UpdateServiceInput;
use crate::aws::ecs::{DeploymentDetail, Ecs};
use crate::engine::managed::redeploy_express;
use crate::engine::wait::{Condition, wait_until};
use crate::engine::{Bounds, DeploymentFailure, EngineError};
use crate::service::{Deployment, DeploymentStatus, ServiceArn};

/// Time for a deployment to show after the call that starts it (composition section 9: up to 30 seconds).
const DEPLOYMENT_APPEARS: Duration = Duration::from_secs(90);

/// Deploys what runs once more and follows it to its end: an Express service is sent its container again, any other
/// `UpdateService` with `forceNewDeployment`.
///
/// # Errors
/// A deployment is under way already: superseding it can leave traffic split (facts, express section 5). Or the new
/// deployment did not succeed; ECS then rolls back by itself.
pub(crate) async fn redeploy(
    ecs: &Ecs,
    bounds: &Bounds,
    arn: &ServiceArn,
    lines: &mpsc::Sender<String>,
) -> Result<(), EngineError> {
    let before = ecs.list_deployments(arn).await?;
    if let Some(running) = before.iter().find(|deployment| !deployment.status.is_final()) {
        return Err(EngineError::Busy {
            deployment_arn: running.arn.clone(),
            started_at: running.started_at,
        });
    }
    if !redeploy_express(ecs, arn).await? {
        force_deployment(ecs, arn).await?;
    }
    let started = wait_until_new(ecs, bounds, arn, &before).await?;
    let ended = wait_until_ended(ecs, bounds, &started.arn, lines).await?;
    if ended.deployment.status == DeploymentStatus::Successful {
        return Ok(());
    }
    Err(EngineError::DeploymentFailed(Box::new(failure(ended))))
}

async fn force_deployment(ecs: &Ecs, arn: &ServiceArn) -> Result<(), EngineError> {
    let input = UpdateServiceInput {
        cluster: arn.cluster().to_owned(),
        service: arn.name().to_owned(),
        force_new_deployment: true,
        ..UpdateServiceInput::default()
    };
    ecs.update_service(&input).await?;
    Ok(())
}

/// The first deployment that was not there before.
async fn wait_until_new(
    ecs: &Ecs,
    bounds: &Bounds,
    arn: &ServiceArn,
    before: &[Deployment],
) -> Result<Deployment, EngineError> {
    let known: HashSet<&str> = before.iter().map(|deployment| deployment.arn.as_str()).collect();
    let bounds = bounds.at_most(DEPLOYMENT_APPEARS);
    let started = wait_until(&bounds, || async {
        let deployments = ecs.list_deployments(arn).await?;
        let new = deployments.into_iter().find(|deployment| !known.contains(deployment.arn.as_str()));
        Ok::<_, EngineError>(match new {
            Some(deployment) => Condition::Ready(deployment),
            None => Condition::Pending("waiting for the deployment to show".to_owned()),
        })
    });
    Ok(started.await?)
}

fn failure(detail: DeploymentDetail) -> DeploymentFailure {
    DeploymentFailure {
        deployment_arn: detail.deployment.arn,
        status: detail.deployment.status,
        status_reason: detail.deployment.status_reason,
        rollback_reason: detail.rollback_reason,
        triggered_alarm_names: detail.triggered_alarm_names,
        created_at: detail.deployment.created_at,
    }
}
