//! `express_service.update` that AWS carried out twice: the deployment of the second takes the place of the first.
//!
//! A call whose answer is lost is sent again, and the same container again is a new deployment (facts, express in the wild
//! W8). What counts then has all that was asked for, whoever sent it.

use super::ManagedEngine;
use super::change::is_wanted;
use super::heading::find_heading;
use super::rollout::{Rollout, wait_until_rolled_out};
use crate::engine::{Bounds, EngineError, UpdateRequest};
use crate::service::{Deployment, DeploymentStatus};

/// Follows the deployment that took the place of ours, if it brings what this update wants. `before`: the deployments
/// before the update.
///
/// # Errors
/// `failure`, if what counts now is not what was wanted; else what became of that deployment.
pub(super) async fn follow_repetition(
    engine: &ManagedEngine,
    bounds: &Bounds,
    request: &UpdateRequest,
    before: &[Deployment],
    failure: EngineError,
) -> Result<(), EngineError> {
    if !was_replaced(&failure) {
        return Err(failure);
    }
    let Some(express) = engine.ecs.find_express_gateway_service(&request.arn).await? else {
        return Err(failure);
    };
    let deployments = engine.ecs.list_deployments(&request.arn).await?;
    match find_heading(&express.configurations, &deployments).0 {
        Some(heading) if is_wanted(&request.configuration, heading) => {
            let rollout = Rollout::of_update(heading.revision_arn.clone(), before);
            wait_until_rolled_out(engine, bounds, &request.arn, &rollout).await
        }
        _ => Err(failure),
    }
}

/// Whether another deployment may have come in between.
fn was_replaced(failure: &EngineError) -> bool {
    match failure {
        EngineError::Superseded { .. } => true,
        EngineError::DeploymentFailed(failure) => failure.status == DeploymentStatus::Stopped,
        _ => false,
    }
}
