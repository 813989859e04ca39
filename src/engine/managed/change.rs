//! What an update sends: what differs, and what brings tasks back to a service that has none.

use crate::aws::ecs::ActiveConfiguration;
use crate::service::{
    Configuration, ConfigurationChange, ManagedKind, Members as _, ObservedService, configuration_change,
};

/// What is to be sent so that the service becomes what is wanted and runs; `None`: nothing.
///
/// What auto scaling lost underneath comes back with an update that carries it, and a rollback alarm with any deployment:
/// ECS writes it anew each time (facts, express section 2.7). That Express registers a target again that somebody
/// deregistered is unproven.
///
/// After a first deployment that failed, the circuit breaker leaves the desired count at 0, and only an update that
/// carries the auto scaling brings tasks back (facts, express in the wild W1). Where the count is right but nothing ever
/// succeeded, the same container is sent again, which deploys it (W8).
pub(super) fn change_to_send(
    desired: &Configuration,
    observed: &ObservedService,
) -> Option<ConfigurationChange> {
    let live = &observed.configuration;
    let change = configuration_change(desired, live);
    let lacks_scaling =
        observed.lacks(ManagedKind::ScalableTarget) || observed.lacks(ManagedKind::ScalingPolicy);
    if observed.lacks_tasks() || lacks_scaling {
        let mut change = change.unwrap_or_default();
        change.members.scaling_target = desired.scaling_target.or(&live.scaling_target);
        return Some(change);
    }
    let lacks_alarm = observed.lacks(ManagedKind::MetricAlarm);
    if change.is_none() && (observed.has_failed_first_deployment() || lacks_alarm) {
        return Some(same_again(desired, live));
    }
    change
}

/// What runs the tasks, unchanged.
pub(super) fn same_again(desired: &Configuration, live: &Configuration) -> ConfigurationChange {
    let container = live.primary_container.clone().or_else(|| desired.primary_container.clone());
    let members = match (&desired.task_definition_arn, container) {
        (None, Some(container)) => {
            Configuration { primary_container: Some(container), ..Configuration::default() }
        }
        (own, _) => Configuration {
            task_definition_arn: own.clone().or_else(|| live.task_definition_arn.clone()),
            ..Configuration::default()
        },
    };
    ConfigurationChange { members }
}

/// Whether an active configuration has all that is desired.
pub(super) fn is_wanted(desired: &Configuration, active: &ActiveConfiguration) -> bool {
    // Echoed security groups hold the managed one as well, so they do not decide here.
    let desired = Configuration { security_groups: None, ..desired.clone() };
    configuration_change(&desired, &active.configuration).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{
        Deployment, DeploymentStatus, PrimaryContainer, ScalingTarget, ServiceStatus, TaskCounts,
    };

    fn configuration(image: &str) -> Configuration {
        Configuration {
            primary_container: Some(PrimaryContainer {
                image: image.to_owned(),
                ..PrimaryContainer::default()
            }),
            scaling_target: ScalingTarget { min_task_count: Some(1), ..ScalingTarget::default() },
            ..Configuration::default()
        }
    }

    fn observed(desired: i32, minimum: i32, status: DeploymentStatus) -> ObservedService {
        ObservedService {
            configuration: configuration("a"),
            task_counts: Some(TaskCounts { desired, running: desired, minimum }),
            deployment: Some(Deployment {
                arn: "d".to_owned(),
                status,
                status_reason: None,
                target_revision_arn: None,
                created_at: None,
                started_at: None,
                finished_at: None,
            }),
            ..ObservedService::gone(
                "arn:aws:ecs:r:1:service/default/api".parse().expect("valid"),
                ServiceStatus::Active,
            )
        }
    }

    #[test]
    fn a_service_without_tasks_is_sent_its_scaling_with_whatever_else_changes() {
        let broken = observed(0, 1, DeploymentStatus::RollbackFailed);
        let change = change_to_send(&configuration("b"), &broken).expect("a change");
        assert_eq!(change.members.scaling_target.min_task_count, Some(1));
        assert_eq!(change.members.primary_container.map(|container| container.image).as_deref(), Some("b"));
        let same = change_to_send(&configuration("a"), &broken).expect("a change");
        assert_eq!(same.members.scaling_target.min_task_count, Some(1));
    }

    #[test]
    fn a_service_that_is_parked_or_deploys_is_left_alone() {
        assert_eq!(change_to_send(&configuration("a"), &observed(0, 0, DeploymentStatus::Successful)), None);
        assert_eq!(change_to_send(&configuration("a"), &observed(0, 1, DeploymentStatus::InProgress)), None);
    }

    #[test]
    fn a_first_deployment_that_failed_is_tried_again() {
        let change = change_to_send(&configuration("a"), &observed(1, 1, DeploymentStatus::RollbackFailed));
        assert_eq!(change, Some(same_again(&configuration("a"), &configuration("a"))));
        assert!(change.is_some_and(|change| change.needs_deployment()));
    }
}
