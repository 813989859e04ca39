//! Giving up early: while an operation waits for a deployment, somebody else judges whether it can still succeed.
//!
//! The engine shows what it sees anyway; what else is read, and what is certain, is the judge's business.

use std::fmt::Debug;
use std::time::SystemTime;

use async_trait::async_trait;

use crate::aws::ecs::DeploymentDetail;
use crate::engine::{Bounds, EngineError};
use crate::service::{ManagedResource, ServiceArn};

/// Judges a deployment that is waited for.
#[async_trait]
pub(crate) trait Judge: Debug + Send + Sync {
    /// Why the deployment certainly cannot succeed; `None`: it may. Called at every poll, reads more only now and then,
    /// and remembers what it has seen during the operation.
    async fn judge(&self, seen: &Seen<'_>) -> Option<Verdict>;
}

/// What a wait sees at one poll.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) arn: &'a ServiceArn,
    /// When the wait began: what AWS said before does not count.
    pub(crate) began_at: SystemTime,
    /// Whether the deployment was under way when the wait began, by an apply that ended before it: only what AWS says since
    /// then counts, for the cause may have been corrected meanwhile.
    pub(crate) is_resumed: bool,
    /// The deployment; `None`: it does not show yet.
    pub(crate) deployment: Option<&'a DeploymentDetail>,
    /// Whether AWS makes what is underneath, which is Express Mode.
    pub(crate) is_express: bool,
    /// What AWS makes for the service.
    pub(crate) resources: &'a [ManagedResource],
}

/// Why a deployment cannot succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Id of the cause.
    pub(crate) cause: &'static str,
    /// AWS's own words.
    pub(crate) evidence: String,
}

impl Bounds {
    /// Fails if the judge, where there is one, is certain that waiting is in vain.
    pub(crate) async fn check_hope(&self, seen: &Seen<'_>) -> Result<(), EngineError> {
        let Some(judge) = &self.judge else { return Ok(()) };
        match judge.judge(seen).await {
            None => Ok(()),
            Some(verdict) => Err(EngineError::Hopeless { verdict, since: seen.began_at }),
        }
    }
}
