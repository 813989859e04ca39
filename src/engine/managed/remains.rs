//! What a deleted service leaves: waited for as long as it is on its way out, reported if it stays on purpose.

use std::time::Duration;

use futures_util::future::join_all;

use super::ManagedEngine;
use crate::aws::{AwsError, AwsErrorKind};
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::engine::{Bounds, EngineError, Remains};
use crate::service::{ManagedKind, ObservedService};

/// A security group goes some seconds after the network interfaces that have it.
const GROUP_GOES: Duration = Duration::from_secs(2 * 60);

/// Waits until the service's own listener rule and target groups are gone, and the load balancer too if no other
/// service uses it: it can lag behind INACTIVE (facts, express section 5), and would block the deletion of its
/// network. Says what stays. What may not be read is not waited for.
pub(super) async fn wait_until_released(
    engine: &ManagedEngine,
    bounds: &Bounds,
    before: &ObservedService,
) -> Result<Remains, EngineError> {
    let shared = wait_until(bounds, || async {
        match find_attached(engine, before).await {
            Ok(attached) => Ok::<_, EngineError>(attached),
            Err(error) if error.kind == AwsErrorKind::AccessDenied => {
                tracing::warn!(error = %error, "not allowed to see what goes away with the service");
                Ok(Condition::Ready(None))
            }
            Err(error) => Err(error.into()),
        }
    })
    .await?;
    let kept_group = find_kept_group(engine, bounds, before).await?;
    Ok(Remains {
        log_group_arns: before.arns(ManagedKind::LogGroup).map(str::to_owned).collect(),
        task_definition_arn: before.task_definition_arn.clone(),
        load_balancer_arn: shared,
        others: kept_group.into_iter().collect(),
    })
}

/// The service's security group, if ECS leaves it behind, in words: some users saw it stay, and it keeps the VPC from being
/// deleted. It is waited for a while; what may not be read is not told.
async fn find_kept_group(
    engine: &ManagedEngine,
    bounds: &Bounds,
    before: &ObservedService,
) -> Result<Option<String>, EngineError> {
    let Some(arn) = before.arns(ManagedKind::ServiceSecurityGroup).next() else { return Ok(None) };
    let id = arn.rsplit('/').next().unwrap_or(arn);
    let bounds = bounds.at_most(GROUP_GOES);
    let gone = wait_until(&bounds, || async {
        Ok::<_, EngineError>(match engine.ec2.find_security_group(id).await {
            Ok(Some(_)) => Condition::Pending(format!("security group {id} is still there")),
            Ok(None) => Condition::Ready(()),
            // The service is gone; what AWS does not tell is no failure of its deletion.
            Err(error) => {
                tracing::info!(error = %error, "it cannot be seen whether the security group is gone");
                Condition::Ready(())
            }
        })
    });
    match gone.await {
        Ok(()) => Ok(None),
        Err(WaitError::TimedOut { .. }) => Ok(Some(format!(
            "security group {id}: ECS has not deleted it, and its VPC cannot be deleted before it: aws ec2 \
             delete-security-group --group-id {id}"
        ))),
        Err(error) => Err(error.into()),
    }
}

/// What still hangs on the load balancer: pending, or the load balancer that other services keep.
async fn find_attached(
    engine: &ManagedEngine,
    before: &ObservedService,
) -> Result<Condition<Option<String>>, AwsError> {
    for rule_arn in before.arns(ManagedKind::ListenerRule) {
        if engine.elbv2.find_rule(rule_arn).await?.is_some() {
            return Ok(Condition::Pending(format!("listener rule {rule_arn} is still there")));
        }
    }
    let groups = before.arns(ManagedKind::TargetGroup);
    for found in join_all(groups.map(|arn| engine.elbv2.find_target_group(arn))).await {
        if let Some(group) = found? {
            return Ok(Condition::Pending(format!("target group {} is still there", group.arn)));
        }
    }
    let Some(arn) = before.arns(ManagedKind::LoadBalancer).next() else { return Ok(Condition::Ready(None)) };
    if engine.elbv2.find_load_balancer_address(arn).await?.is_none() {
        return Ok(Condition::Ready(None));
    }
    let mut has_others = false;
    for listener_arn in before.arns(ManagedKind::Listener) {
        let rules = engine.elbv2.list_rules(listener_arn).await?;
        has_others |= rules.iter().any(|rule| !rule.is_default);
    }
    if !has_others {
        return Ok(Condition::Pending(format!(
            "load balancer {arn} has no service left, but is still there"
        )));
    }
    Ok(Condition::Ready(Some(arn.to_owned())))
}
