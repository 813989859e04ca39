//! The web ACL of a load balancer. All services of a pool want the same one, which is part of the pool's key.

use super::super::ground::Ground;
use crate::engine::EngineError;
use crate::engine::retry::retrying;

/// The load balancer is behind the user's web ACL, if there is one. It goes with the load balancer.
pub(super) async fn ensure(ground: &Ground, load_balancer_arn: &str) -> Result<(), EngineError> {
    let Some(wanted) = &ground.blueprint.settings().web_acl_arn else { return Ok(()) };
    let wafv2 = &ground.apis.wafv2;
    let present = retrying(&ground.bounds, || wafv2.find_web_acl(load_balancer_arn)).await?;
    if present.as_ref() == Some(wanted) {
        return Ok(());
    }
    retrying(&ground.bounds, || wafv2.associate_web_acl(wanted, load_balancer_arn)).await
}
