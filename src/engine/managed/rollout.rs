//! Waiting for a deployment: the one that this operation started, by its target revision, never by clock or count.

use std::collections::HashSet;
use std::time::Duration;

use super::ManagedEngine;
use super::conditions::{are_resources_active, is_deployment_successful};
use super::heading::find_heading;
use crate::engine::wait::{Condition, wait_until};
use crate::engine::{Bounds, EngineError};
use crate::service::{Deployment, ServiceArn};

/// Time for a deployment to show after the call that starts it (composition section 9: up to 30 seconds).
const DEPLOYMENT_APPEARS_SECONDS: u64 = 90;

/// What identifies the deployment that an operation started.
#[derive(Debug, Clone)]
pub(super) struct Rollout {
    /// The revision that the update answered.
    pub(super) revision_arn: Option<String>,
    /// Deployments that were there before.
    known_deployment_arns: HashSet<String>,
    /// Whether the change needs a deployment at all.
    needs_deployment: bool,
}

impl Rollout {
    /// The first deployment of a new service: there was none before.
    pub(super) fn first() -> Self {
        Self { revision_arn: None, known_deployment_arns: HashSet::new(), needs_deployment: true }
    }

    /// The deployment that brings `revision_arn` and was not there before.
    pub(super) fn of_update(
        revision_arn: Option<String>,
        before: &[Deployment],
        needs_deployment: bool,
    ) -> Self {
        let known_deployment_arns = before.iter().map(|deployment| deployment.arn.clone()).collect();
        Self { revision_arn, known_deployment_arns, needs_deployment }
    }

    /// A deployment that runs already and brings what is wanted.
    pub(super) fn in_flight(deployment: &Deployment) -> Self {
        Self {
            revision_arn: deployment.target_revision_arn.clone(),
            known_deployment_arns: HashSet::new(),
            needs_deployment: true,
        }
    }

    /// The started deployment among the newest ones.
    fn find_deployment<'a>(&self, deployments: &'a [Deployment]) -> Option<&'a Deployment> {
        deployments.iter().find(|deployment| {
            let is_new = !self.known_deployment_arns.contains(&deployment.arn);
            let is_meant = self.revision_arn.is_none() || deployment.target_revision_arn == self.revision_arn;
            is_new && is_meant
        })
    }
}

/// The deployment that the operation started; `None`: the change needed none.
pub(super) async fn wait_until_started(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
    rollout: &Rollout,
) -> Result<Option<Deployment>, EngineError> {
    let limit = Duration::from_secs(if rollout.needs_deployment { DEPLOYMENT_APPEARS_SECONDS } else { 0 });
    let waited = wait_until(&bounds.at_most(limit), || async {
        let deployments = engine.ecs.list_deployments(arn).await?;
        Ok::<_, EngineError>(match rollout.find_deployment(&deployments) {
            Some(deployment) => Condition::Ready(deployment.clone()),
            None => Condition::Pending("waiting for the deployment to show".to_owned()),
        })
    })
    .await;
    match waited {
        Ok(deployment) => Ok(Some(deployment)),
        // ECS started none within the time in which it would show: the change needed none.
        Err(crate::engine::wait::WaitError::TimedOut { .. }) if bounds.remaining() > Duration::ZERO => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The deployment that the operation started is SUCCESSFUL, its revision serves, and everything underneath is ACTIVE.
pub(super) async fn wait_until_rolled_out(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
    rollout: &Rollout,
) -> Result<(), EngineError> {
    let Some(deployment) = wait_until_started(engine, bounds, arn, rollout).await? else {
        tracing::info!(service_arn = %arn, "the change needed no deployment");
        return Ok(());
    };
    tracing::info!(service_arn = %arn, deployment_arn = %deployment.arn, "following the deployment");
    wait_until(bounds, || async {
        let detail = engine.ecs.find_deployment(&deployment.arn).await?;
        is_deployment_successful(&deployment.arn, detail.as_ref())
    })
    .await?;
    let Some(expected) = deployment.target_revision_arn else { return Ok(()) };
    check_revision_serves(engine, arn, &expected).await?;
    wait_until(bounds, || async {
        let revision = engine.ecs.find_revision(&expected).await?.unwrap_or_default();
        are_resources_active(&revision.resources)
    })
    .await?;
    Ok(())
}

/// A later deployment may have replaced the revision while its deployment was watched.
async fn check_revision_serves(
    engine: &ManagedEngine,
    arn: &ServiceArn,
    expected: &str,
) -> Result<(), EngineError> {
    let Some(express) = engine.ecs.find_express_gateway_service(arn).await? else { return Ok(()) };
    let deployments = engine.ecs.list_deployments(arn).await?;
    let (heading, _) = find_heading(&express.configurations, &deployments);
    match heading.and_then(|heading| heading.revision_arn.clone()) {
        Some(actual) if actual != expected => {
            Err(EngineError::Superseded { expected: expected.to_owned(), actual })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::DeploymentStatus;

    fn deployment(arn: &str, target: &str) -> Deployment {
        Deployment {
            arn: arn.to_owned(),
            status: DeploymentStatus::InProgress,
            status_reason: None,
            target_revision_arn: Some(target.to_owned()),
            created_at: None,
            started_at: None,
            finished_at: None,
        }
    }

    #[test]
    fn an_update_follows_its_own_deployment_only() {
        let before = [deployment("d1", "r1")];
        let now = [deployment("d3", "r3"), deployment("d2", "r2"), deployment("d1", "r1")];
        let rollout = Rollout::of_update(Some("r2".to_owned()), &before, true);
        assert_eq!(rollout.find_deployment(&now).map(|found| found.arn.as_str()), Some("d2"));
        let unanswered = Rollout::of_update(None, &now, true);
        assert_eq!(unanswered.find_deployment(&now), None);
    }

    #[test]
    fn a_create_follows_the_first_deployment() {
        let now = [deployment("d1", "r1")];
        assert_eq!(Rollout::first().find_deployment(&now).map(|found| found.arn.as_str()), Some("d1"));
        assert_eq!(Rollout::first().find_deployment(&[]), None);
    }
}
