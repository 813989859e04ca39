//! `drain`: the time in which clients learn of the new load balancer.

use std::time::Duration;

use super::super::ground::Ground;
use crate::engine::EngineError;

/// An alias of a load balancer is cached for 60 seconds; connections that stay open get their time (facts, composition
/// section 4: five minutes).
const DRAIN: Duration = Duration::from_secs(5 * 60);

/// Five minutes have passed. Nothing tells how many of them an earlier attempt waited, so each waits all of them.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    pause(ground, DRAIN, "clients move to the new load balancer").await
}

/// A wait for time alone.
pub(super) async fn pause(ground: &Ground, duration: Duration, pending: &str) -> Result<(), EngineError> {
    tracing::info!(pending, seconds = duration.as_secs(), "waiting");
    if ground.bounds.pause(duration).await {
        return Ok(());
    }
    let pending = pending.to_owned();
    Err(if ground.bounds.cancellation.is_cancelled() {
        EngineError::Interrupted { pending }
    } else {
        EngineError::TimedOut { pending }
    })
}
