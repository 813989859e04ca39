//! What a deleted service leaves: waited for as long as it is on its way out, reported if it stays on purpose.

use super::ManagedEngine;
use crate::aws::{AwsError, AwsErrorKind};
use crate::engine::wait::{Condition, wait_until};
use crate::engine::{Bounds, EngineError, Remains};
use crate::service::{ManagedKind, ObservedService};

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
    Ok(Remains {
        log_group_arns: before.arns(ManagedKind::LogGroup).map(str::to_owned).collect(),
        task_definition_arn: before.task_definition_arn.clone(),
        load_balancer_arn: shared,
        others: Vec::new(),
    })
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
    for target_group_arn in before.arns(ManagedKind::TargetGroup) {
        if engine.elbv2.is_target_group_there(target_group_arn).await? {
            return Ok(Condition::Pending(format!("target group {target_group_arn} is still there")));
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
