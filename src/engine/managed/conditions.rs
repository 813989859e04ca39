//! What the waits of this engine wait for: pure conditions over what was observed.

use crate::aws::ecs::{ExpressService, ServiceEvent};
use crate::engine::EngineError;
use crate::engine::wait::Condition;
use crate::service::{ManagedResource, ServiceStatus};

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
    use crate::service::ManagedKind;

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
