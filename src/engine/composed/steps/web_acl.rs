//! The web ACL of a load balancer. All services of a pool want the same one, which is part of the pool's key.

use std::time::Duration;

use super::super::ground::Ground;
use crate::aws::AwsErrorKind;
use crate::engine::EngineError;
use crate::engine::retry::retrying;
use crate::engine::wait::{Condition, WaitError, wait_until};

/// WAF shows a web ACL that was just made after some seconds.
const APPEARS: Duration = Duration::from_secs(60);

/// The user's web ACL exists, before a load balancer is made for it. Whoever may not read it finds out later.
pub(super) async fn check(ground: &Ground) -> Result<(), EngineError> {
    let Some(wanted) = &ground.blueprint.settings().web_acl_arn else { return Ok(()) };
    let wafv2 = &ground.apis.wafv2;
    let bounds = ground.bounds.at_most(APPEARS);
    let shown = wait_until(&bounds, || async {
        match retrying(&ground.bounds, || wafv2.is_web_acl_there(wanted)).await {
            Err(EngineError::Aws(error)) if error.kind == AwsErrorKind::AccessDenied => {
                Ok(Condition::Ready(()))
            }
            Ok(false) => Ok(Condition::Pending(format!("waiting for web ACL {wanted} to show"))),
            other => other.map(|_| Condition::Ready(())),
        }
    });
    match shown.await {
        Err(WaitError::TimedOut { .. }) => Err(EngineError::Missing { what: format!("web ACL `{wanted}`") }),
        other => Ok(other?),
    }
}

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
