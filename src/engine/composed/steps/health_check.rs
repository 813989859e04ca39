//! `idle_health_check`, `retired_health_check`: another health check, without harm to the tasks that serve.

use super::super::ground::Ground;
use super::target_groups::desired_health_check;
use crate::engine::EngineError;
use crate::engine::retry::retrying;

/// The target group that does not serve has the wanted health check. If it is not known which one serves, none is
/// touched before the deployment.
pub(super) async fn ensure_idle(ground: &Ground) -> Result<(), EngineError> {
    let Some(live) = &ground.change.live_target_group_arn else { return Ok(()) };
    let groups = ground.existing.target_groups.iter().map(|group| &group.arn);
    modify(ground, groups.filter(|arn| *arn != live)).await
}

/// Both target groups have the wanted health check: the deployment has moved every task to one that passes it.
pub(super) async fn ensure_all(ground: &Ground) -> Result<(), EngineError> {
    modify(ground, ground.existing.target_groups.iter().map(|group| &group.arn)).await
}

async fn modify(ground: &Ground, arns: impl Iterator<Item = &String>) -> Result<(), EngineError> {
    let check = desired_health_check(&ground.blueprint);
    for arn in arns {
        retrying(&ground.bounds, || ground.apis.elbv2.modify_target_group(arn, &check)).await?;
    }
    Ok(())
}
