//! `load_balancer_state`: the wait for a load balancer that was just made.

use super::super::ground::{Ground, found};
use crate::aws::elbv2::{LoadBalancer, LoadBalancerState};
use crate::engine::EngineError;
use crate::engine::wait::{Condition, wait_until};

/// The load balancer is active: two to three minutes after its create.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let arn = &found(&ground.findings.joined)?.load_balancer_arn;
    wait_until(&ground.bounds, || async {
        is_load_balancer_active(ground.apis.elbv2.find_load_balancer(arn).await?.as_ref())
    })
    .await?;
    Ok(())
}

/// It routes requests. One that failed never will.
fn is_load_balancer_active(balancer: Option<&LoadBalancer>) -> Result<Condition<()>, EngineError> {
    let Some(balancer) = balancer else {
        return Ok(Condition::Pending("waiting for the load balancer to show".to_owned()));
    };
    match balancer.state {
        LoadBalancerState::Active | LoadBalancerState::ActiveImpaired => Ok(Condition::Ready(())),
        LoadBalancerState::Provisioning => {
            Ok(Condition::Pending(format!("load balancer {} is being provisioned", balancer.name)))
        }
        LoadBalancerState::Failed => Err(EngineError::ResourceFailed {
            kind: "load_balancer",
            arn: Some(balancer.arn.clone()),
            reason: balancer.state_reason.clone(),
        }),
    }
}
