//! `attachment`: a deployment after which the tasks are registered with both load balancers of a move.

use super::super::ground::{Ground, found};
use super::super::service_input::attachment_input;
use super::deployment::follow;
use crate::engine::EngineError;
use crate::engine::retry::retrying;

/// Tasks serve through the old load balancer as before, and through the new one, too.
///
/// ECS lets a service have several target groups only while it rolls, so the strategy is rolling until the move's second
/// deployment (facts, composition section 4; unproven on real AWS).
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let service = ground.blueprint.service();
    let ecs = &ground.apis.ecs;
    let live = retrying(&ground.bounds, || ecs.find_plain_service(service.cluster(), service.name())).await?;
    let live = live.ok_or_else(|| EngineError::Gone { arn: service.clone() })?;
    let groups = found(&ground.findings.target_group_arns)?;
    // Somebody may have deleted the old load balancer; ECS takes no target group without one, and no deployment ends.
    let has_balancer = |arn: &String| {
        let group = ground.existing.all_target_groups().find(|group| group.arn == *arn);
        group.is_some_and(|group| !group.load_balancer_arns.is_empty())
    };
    let mut attached = live.load_balancers.iter().map(|one| &one.target_group_arn);
    let is_attached = attached.clone().any(|arn| groups.contains(arn))
        && attached.all(|arn| groups.contains(arn) || has_balancer(arn));
    let deployments = retrying(&ground.bounds, || ecs.list_deployments(service)).await?;
    let is_failed = deployments.first().is_some_and(|newest| newest.status.is_abandoned());
    if is_attached && !is_failed {
        return follow(ground, None).await;
    }
    let serving = ground.change.live_target_group_arn.as_ref();
    let serving = serving.filter(|arn| !groups.contains(arn)).cloned().or_else(|| {
        let first = live.load_balancers.iter().find(|one| !groups.contains(&one.target_group_arn));
        first.map(|one| one.target_group_arn.clone())
    });
    let serving = serving.filter(has_balancer);
    let group = found(&ground.findings.service_security_group_id)?.as_str();
    let network_group = ground.change.network_goes_first.then_some(group);
    let input = attachment_input(&ground.blueprint, &live, serving, &groups[0], network_group);
    let known = deployments.into_iter().map(|deployment| deployment.arn).collect();
    retrying(&ground.bounds, || ecs.update_service(&input)).await?;
    follow(ground, Some(&known)).await
}
