//! Which of a service's active configurations is the one that counts.

use crate::aws::ecs::ActiveConfiguration;
use crate::service::Deployment;

/// The configuration that a service runs or is on its way to, and the deployment that brought or brings it.
///
/// Several configurations are active during a deployment, in no promised order (facts, express section 6.1).
/// A deployment on its way counts by its target, so that a plan during a rollout is quiet; a deployment that was
/// stopped or rolled back does not count, so that a plan after a rollback shows what is really running.
pub(super) fn find_heading<'a>(
    configurations: &'a [ActiveConfiguration],
    deployments: &'a [Deployment],
) -> (Option<&'a ActiveConfiguration>, Option<&'a Deployment>) {
    let with_revision = |revision_arn: &str| {
        configurations
            .iter()
            .find(|configuration| configuration.revision_arn.as_deref() == Some(revision_arn))
    };
    let newest = configurations.iter().max_by_key(|configuration| configuration.created_at);
    let mut abandoned_targets = Vec::new();
    for deployment in deployments {
        let target = deployment.target_revision_arn.as_deref();
        if deployment.status.is_abandoned() {
            abandoned_targets.extend(target);
            continue;
        }
        // A target that is no longer active was replaced without a deployment (a change of auto scaling).
        let configuration = target.and_then(with_revision).or_else(|| {
            let is_abandoned = |found: &&ActiveConfiguration| {
                found.revision_arn.as_deref().is_some_and(|arn| abandoned_targets.contains(&arn))
            };
            configurations.iter().filter(|found| !is_abandoned(found)).max_by_key(|found| found.created_at)
        });
        return (configuration.or(newest), Some(deployment));
    }
    (newest, deployments.first())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::service::{Configuration, DeploymentStatus};

    fn configuration(revision: &str, age: u64) -> ActiveConfiguration {
        ActiveConfiguration {
            revision_arn: Some(revision.to_owned()),
            configuration: Configuration::default(),
            ingress_paths: Vec::new(),
            created_at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1000 - age)),
        }
    }

    fn deployment(arn: &str, target: &str, status: DeploymentStatus) -> Deployment {
        Deployment {
            arn: arn.to_owned(),
            status,
            status_reason: None,
            target_revision_arn: Some(target.to_owned()),
            created_at: None,
            started_at: None,
            finished_at: None,
        }
    }

    #[track_caller]
    fn check(
        configurations: &[ActiveConfiguration],
        deployments: &[Deployment],
        expected: (&str, Option<&str>),
    ) {
        let (configuration, deployment) = find_heading(configurations, deployments);
        let revision = configuration.and_then(|found| found.revision_arn.as_deref()).unwrap_or_default();
        assert_eq!((revision, deployment.map(|found| found.arn.as_str())), expected);
    }

    #[test]
    fn a_running_deployment_counts_by_its_target() {
        check(
            &[configuration("old", 100), configuration("new", 1)],
            &[
                deployment("d2", "new", DeploymentStatus::InProgress),
                deployment("d1", "old", DeploymentStatus::Successful),
            ],
            ("new", Some("d2")),
        );
    }

    #[test]
    fn a_rollback_counts_by_what_is_really_running() {
        for status in [DeploymentStatus::RollbackInProgress, DeploymentStatus::RollbackSuccessful] {
            check(
                &[configuration("new", 1), configuration("old", 100)],
                &[deployment("d2", "new", status), deployment("d1", "old", DeploymentStatus::Successful)],
                ("old", Some("d1")),
            );
        }
    }

    #[test]
    fn a_first_deployment_that_failed_shows_what_was_asked_for() {
        check(
            &[configuration("only", 1)],
            &[deployment("d1", "only", DeploymentStatus::RollbackFailed)],
            ("only", Some("d1")),
        );
    }

    #[test]
    fn a_revision_without_a_deployment_is_the_newest_one() {
        check(
            &[configuration("scaled", 1)],
            &[deployment("d1", "old", DeploymentStatus::Successful)],
            ("scaled", Some("d1")),
        );
        check(&[configuration("a", 9), configuration("b", 3)], &[], ("b", None));
    }
}
