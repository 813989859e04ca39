//! What the waits of this engine wait for: pure conditions over what was observed.

use std::fmt::Write as _;

use crate::aws::ecs::{DeploymentDetail, ExpressService, ServiceEvent};
use crate::engine::wait::Condition;
use crate::engine::{DeploymentFailure, EngineError};
use crate::service::{DeploymentStatus, ManagedResource, ServiceStatus};

/// A deployment ended well. One that ended otherwise is an error (composition section 2.4).
pub(super) fn is_deployment_successful(
    deployment_arn: &str,
    detail: Option<&DeploymentDetail>,
) -> Result<Condition<()>, EngineError> {
    let Some(detail) = detail else {
        return Ok(Condition::Pending(format!("waiting for deployment {} to show", short(deployment_arn))));
    };
    let status = &detail.deployment.status;
    if *status == DeploymentStatus::Successful {
        return Ok(Condition::Ready(()));
    }
    if status.is_final() {
        return Err(EngineError::DeploymentFailed(Box::new(failure(detail))));
    }
    Ok(Condition::Pending(progress(detail)))
}

fn failure(detail: &DeploymentDetail) -> DeploymentFailure {
    DeploymentFailure {
        deployment_arn: detail.deployment.arn.clone(),
        status: detail.deployment.status.clone(),
        status_reason: detail.deployment.status_reason.clone(),
        rollback_reason: detail.rollback_reason.clone(),
        triggered_alarm_names: detail.triggered_alarm_names.clone(),
        created_at: detail.deployment.created_at,
    }
}

/// One line of progress: `deployment x: IN_PROGRESS, BAKE_TIME, 1 of 1 tasks running, 5 % of traffic`.
fn progress(detail: &DeploymentDetail) -> String {
    let mut line = format!("deployment {}: {}", short(&detail.deployment.arn), detail.deployment.status);
    if let Some(stage) = &detail.lifecycle_stage {
        line.push_str(", ");
        line.push_str(stage);
    }
    let (running, requested) = (detail.running_task_count, detail.requested_task_count);
    let _ = write!(line, ", {running} of {requested} tasks running");
    if let Some(weight) = detail.production_traffic_weight {
        let _ = write!(line, ", {weight} % of traffic");
    }
    if let Some(reason) = detail.rollback_reason.as_ref().or(detail.deployment.status_reason.as_ref()) {
        line.push_str(": ");
        line.push_str(reason);
    }
    line
}

fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Every resource underneath is ACTIVE, or on its way out; one that FAILED is an error.
pub(super) fn are_resources_active(resources: &[ManagedResource]) -> Result<Condition<()>, EngineError> {
    if let Some(failed) = resources.iter().find(|resource| resource.status == "FAILED") {
        return Err(EngineError::ResourceFailed {
            kind: failed.kind.as_str(),
            arn: failed.arn.clone(),
            reason: failed.status_reason.clone(),
        });
    }
    let missing: Vec<_> = resources
        .iter()
        .filter(|resource| !matches!(resource.status.as_str(), "ACTIVE" | "DEPROVISIONING" | "DELETED"))
        .map(|resource| match &resource.status_reason {
            Some(reason) => format!("{} {} ({reason})", resource.kind.as_str(), resource.status),
            None => format!("{} {}", resource.kind.as_str(), resource.status),
        })
        .collect();
    if missing.is_empty() {
        Ok(Condition::Ready(()))
    } else {
        Ok(Condition::Pending(format!("waiting for {}", missing.join(", "))))
    }
}

/// A service is gone. One whose infrastructure role cannot be assumed never will be (facts, express section 5).
pub(super) fn is_service_gone(
    service: Option<&ExpressService>,
    events: &[ServiceEvent],
) -> Result<Condition<()>, EngineError> {
    let Some(service) = service.filter(|service| service.status != ServiceStatus::Inactive) else {
        return Ok(Condition::Ready(()));
    };
    let evidence = service.status_reason.iter().chain(events.iter().map(|event| &event.message));
    if let Some(evidence) = evidence.into_iter().find(|message| is_role_gone(message)) {
        return Err(EngineError::InfrastructureRoleGone {
            role_arn: service.infrastructure_role_arn.clone(),
            evidence: evidence.clone(),
        });
    }
    Ok(Condition::Pending(format!("service {} is {}", service.arn.name(), service.status.as_str())))
}

fn is_role_gone(message: &str) -> bool {
    let message = message.to_lowercase();
    let names_role = message.contains("infrastructure") || message.contains("sts:assumerole");
    names_role && (message.contains("assume") || message.contains("not authorized"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ecs::DeploymentSchedule;
    use crate::service::{Deployment, ManagedKind};

    fn detail(status: DeploymentStatus) -> DeploymentDetail {
        DeploymentDetail {
            deployment: Deployment {
                arn: "arn:aws:ecs:r:1:service-deployment/default/api/abc".to_owned(),
                status,
                status_reason: None,
                target_revision_arn: None,
                created_at: None,
                started_at: None,
                finished_at: None,
            },
            lifecycle_stage: Some("BAKE_TIME".to_owned()),
            running_task_count: 1,
            pending_task_count: 1,
            requested_task_count: 2,
            production_traffic_weight: Some(5.0),
            sources: Vec::new(),
            schedule: DeploymentSchedule::default(),
            rollback_reason: None,
            triggered_alarm_names: Vec::new(),
        }
    }

    #[test]
    fn a_deployment_on_its_way_says_where_it_is() {
        let pending =
            is_deployment_successful("d", Some(&detail(DeploymentStatus::InProgress))).expect("no failure");
        let expected = "deployment abc: IN_PROGRESS, BAKE_TIME, 1 of 2 tasks running, 5 % of traffic";
        assert_eq!(pending, Condition::Pending(expected.to_owned()));
    }

    #[test]
    fn only_success_is_success() {
        assert_eq!(
            is_deployment_successful("d", Some(&detail(DeploymentStatus::Successful))),
            Ok(Condition::Ready(()))
        );
        for status in [
            DeploymentStatus::RollbackSuccessful,
            DeploymentStatus::RollbackFailed,
            DeploymentStatus::Stopped,
        ] {
            let result = is_deployment_successful("d", Some(&detail(status.clone())));
            assert!(
                matches!(result, Err(EngineError::DeploymentFailed(failure)) if failure.status == status)
            );
        }
    }

    #[test]
    fn a_rollback_under_way_is_waited_for() {
        let result = is_deployment_successful("d", Some(&detail(DeploymentStatus::RollbackInProgress)));
        assert!(matches!(result, Ok(Condition::Pending(_))));
    }

    #[test]
    fn a_deployment_that_does_not_show_yet_is_waited_for() {
        assert!(matches!(is_deployment_successful("a/b", None), Ok(Condition::Pending(_))));
    }

    fn resource(status: &str) -> ManagedResource {
        ManagedResource {
            kind: ManagedKind::Certificate,
            arn: None,
            status: status.to_owned(),
            status_reason: Some("because".to_owned()),
            name: None,
        }
    }

    #[test]
    fn resources_are_ready_when_none_is_on_its_way_in() {
        assert_eq!(
            are_resources_active(&[resource("ACTIVE"), resource("DELETED")]),
            Ok(Condition::Ready(()))
        );
        assert_eq!(
            are_resources_active(&[resource("PROVISIONING")]),
            Ok(Condition::Pending("waiting for certificate PROVISIONING (because)".to_owned()))
        );
        assert!(matches!(
            are_resources_active(&[resource("FAILED")]),
            Err(EngineError::ResourceFailed { kind: "certificate", .. })
        ));
    }

    fn draining(reason: Option<&str>) -> ExpressService {
        ExpressService {
            arn: "arn:aws:ecs:r:1:service/default/api".parse().expect("valid"),
            infrastructure_role_arn: None,
            status: ServiceStatus::Draining,
            status_reason: reason.map(str::to_owned),
            configurations: Vec::new(),
            tags: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn a_service_is_gone_when_it_is_inactive_or_has_no_record() {
        assert_eq!(is_service_gone(None, &[]), Ok(Condition::Ready(())));
        let inactive = ExpressService { status: ServiceStatus::Inactive, ..draining(None) };
        assert_eq!(is_service_gone(Some(&inactive), &[]), Ok(Condition::Ready(())));
        assert!(matches!(is_service_gone(Some(&draining(None)), &[]), Ok(Condition::Pending(_))));
    }

    #[test]
    fn a_role_that_cannot_be_assumed_ends_the_wait_early() {
        let reason = "ECS was unable to assume the infrastructure role";
        assert!(matches!(
            is_service_gone(Some(&draining(Some(reason))), &[]),
            Err(EngineError::InfrastructureRoleGone { evidence, .. }) if evidence == reason
        ));
        let event = ServiceEvent {
            created_at: None,
            message: "(service api) is not authorized to perform: sts:AssumeRole on resource: x".to_owned(),
        };
        assert!(is_service_gone(Some(&draining(None)), &[event]).is_err());
    }
}
