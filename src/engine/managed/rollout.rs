//! Waiting for a deployment: the one that this operation started, by its target revision, never by clock or count.

use std::collections::HashSet;
use std::time::Duration;

use super::ManagedEngine;
use super::conditions::are_resources_active;
use super::heading::find_heading;
use crate::aws::ecs::ActiveConfiguration;
use crate::engine::deployment::is_deployment_successful;
use crate::engine::event::ProgressLog;
use crate::engine::judge::Seen;
use crate::engine::mark::DEPLOYMENT_SHOWS;
use crate::engine::running_tasks::check_tasks_run;
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::engine::{Bounds, EngineError};
use crate::service::{Deployment, ManagedResource, ServiceArn};

/// Time for a deployment to show after the call that starts it (composition section 9: up to 30 seconds).
const DEPLOYMENT_APPEARS: Duration = Duration::from_secs(90);

/// What identifies the deployment that an operation started.
#[derive(Debug, Clone)]
pub(super) struct Rollout {
    /// The revisions that it may bring; `None`: AWS did not say.
    revision_arns: Option<HashSet<String>>,
    /// Deployments that were there before.
    known_deployment_arns: HashSet<String>,
    /// Time in which it shows.
    appears_within: Duration,
    /// Whether it was under way before.
    is_resumed: bool,
}

impl Rollout {
    /// The first deployment of a new service brings one of its active revisions. Deployments of an earlier service
    /// of the same name, and so the same ARN, bring others.
    pub(super) fn first(configurations: &[ActiveConfiguration]) -> Self {
        let revision_arns = configurations.iter().filter_map(|active| active.revision_arn.clone()).collect();
        Self {
            revision_arns: Some(revision_arns),
            known_deployment_arns: HashSet::new(),
            appears_within: DEPLOYMENT_APPEARS,
            is_resumed: false,
        }
    }

    /// The deployment that brings `revision_arn` and was not there before.
    pub(super) fn of_update(revision_arn: Option<String>, before: &[Deployment]) -> Self {
        let known_deployment_arns = before.iter().map(|deployment| deployment.arn.clone()).collect();
        let revision_arns = revision_arns_of(revision_arn);
        Self { revision_arns, known_deployment_arns, appears_within: DEPLOYMENT_APPEARS, is_resumed: false }
    }

    /// A deployment that was not there before, if there comes one at all: AWS's answer does not say.
    pub(super) fn that_may_come(before: &[Deployment]) -> Self {
        Self { appears_within: DEPLOYMENT_SHOWS, ..Self::of_update(None, before) }
    }

    /// A deployment that runs already and brings what is wanted.
    pub(super) fn in_flight(deployment: &Deployment) -> Self {
        let revision_arns = revision_arns_of(deployment.target_revision_arn.clone());
        Self {
            revision_arns,
            known_deployment_arns: HashSet::new(),
            appears_within: DEPLOYMENT_APPEARS,
            is_resumed: true,
        }
    }

    /// The started deployment among the newest ones.
    fn find_deployment<'a>(&self, deployments: &'a [Deployment]) -> Option<&'a Deployment> {
        deployments.iter().find(|deployment| {
            let target = deployment.target_revision_arn.as_ref();
            let is_new = !self.known_deployment_arns.contains(&deployment.arn);
            is_new
                && self
                    .revision_arns
                    .as_ref()
                    .is_none_or(|meant| target.is_some_and(|arn| meant.contains(arn)))
        })
    }
}

fn revision_arns_of(revision_arn: Option<String>) -> Option<HashSet<String>> {
    revision_arn.map(|arn| HashSet::from([arn]))
}

/// The deployment that the operation started; `None`: the change needed none.
pub(super) async fn wait_until_started(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
    rollout: &Rollout,
) -> Result<Option<Deployment>, EngineError> {
    let waited = wait_until(&bounds.at_most(rollout.appears_within), || async {
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
        Err(WaitError::TimedOut { .. }) if bounds.remaining() > Duration::ZERO => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The deployment that the operation started is SUCCESSFUL, its revision serves, everything underneath is ACTIVE, and
/// tasks run.
pub(super) async fn wait_until_rolled_out(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
    rollout: &Rollout,
) -> Result<(), EngineError> {
    let Some(deployment) = wait_until_started(engine, bounds, arn, rollout).await? else {
        check_without_deployment(engine, arn, rollout).await?;
        return check_tasks(engine, bounds, arn).await;
    };
    tracing::info!(service_arn = %arn, deployment_arn = %deployment.arn, "following the deployment");
    let progress = ProgressLog::new(arn);
    let began_at = bounds.clock.now();
    wait_until(bounds, || async {
        let detail = engine.ecs.find_deployment(&deployment.arn).await?;
        progress.note_deployment(detail.as_ref());
        let condition = is_deployment_successful(&deployment.arn, detail.as_ref())?;
        if matches!(condition, Condition::Pending(_)) {
            let resources = list_resources(engine, deployment.target_revision_arn.as_deref()).await;
            progress.note_resources(&resources);
            let deployment = detail.as_ref();
            let is_resumed = rollout.is_resumed;
            let seen =
                Seen { arn, began_at, is_resumed, deployment, is_express: true, resources: &resources };
            bounds.check_hope(&seen).await?;
        }
        Ok(condition)
    })
    .await?;
    let Some(expected) = deployment.target_revision_arn else {
        return check_tasks(engine, bounds, arn).await;
    };
    check_revision_serves(engine, arn, &expected).await?;
    wait_until(bounds, || async {
        let revision = engine.ecs.find_revision(&expected).await?.unwrap_or_default();
        progress.note_resources(&revision.resources);
        let condition = are_resources_active(&revision.resources)?;
        if matches!(condition, Condition::Pending(_)) {
            let resources = &revision.resources;
            let is_resumed = rollout.is_resumed;
            let seen = Seen { arn, began_at, is_resumed, deployment: None, is_express: true, resources };
            bounds.check_hope(&seen).await?;
        }
        Ok(condition)
    })
    .await?;
    check_tasks(engine, bounds, arn).await
}

/// As many tasks run as the configuration that counts asks for.
async fn check_tasks(engine: &ManagedEngine, bounds: &Bounds, arn: &ServiceArn) -> Result<(), EngineError> {
    let Some(express) = engine.ecs.find_express_gateway_service(arn).await? else { return Ok(()) };
    let deployments = engine.ecs.list_deployments(arn).await?;
    let (heading, _) = find_heading(&express.configurations, &deployments);
    let minimum = heading.and_then(|heading| heading.configuration.scaling_target.min_task_count);
    check_tasks_run(&engine.ecs, &engine.autoscaling, bounds, arn, minimum.unwrap_or_default()).await
}

/// What AWS makes for the revision; nothing if it cannot be read now.
async fn list_resources(engine: &ManagedEngine, revision_arn: Option<&str>) -> Vec<ManagedResource> {
    let Some(revision_arn) = revision_arn else { return Vec::new() };
    let revision = engine.ecs.find_revision(revision_arn).await.ok().flatten();
    revision.map(|revision| revision.resources).unwrap_or_default()
}

/// No deployment showed. Either the change needed none, or somebody's update right after ours took its place before
/// it began: then another revision is the one that counts.
async fn check_without_deployment(
    engine: &ManagedEngine,
    arn: &ServiceArn,
    rollout: &Rollout,
) -> Result<(), EngineError> {
    let meant = rollout.revision_arns.iter().flatten().min();
    if let Some(expected) = meant {
        check_revision_serves(engine, arn, expected).await?;
    }
    tracing::info!(service_arn = %arn, "the change needed no deployment");
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
        let rollout = Rollout::of_update(Some("r2".to_owned()), &before);
        assert_eq!(rollout.find_deployment(&now).map(|found| found.arn.as_str()), Some("d2"));
        let unanswered = Rollout::of_update(None, &now);
        assert_eq!(unanswered.find_deployment(&now), None);
    }

    #[test]
    fn a_create_follows_the_deployment_of_its_own_revision_not_of_an_earlier_service() {
        let active = ActiveConfiguration {
            revision_arn: Some("r2".to_owned()),
            configuration: crate::service::Configuration::default(),
            ingress_paths: Vec::new(),
            created_at: None,
        };
        let rollout = Rollout::first(&[active]);
        assert_eq!(rollout.find_deployment(&[deployment("d1", "r1")]), None);
        let now = [deployment("d2", "r2"), deployment("d1", "r1")];
        assert_eq!(rollout.find_deployment(&now).map(|found| found.arn.as_str()), Some("d2"));
    }
}
