//! Looks for tests.

use std::time::{Duration, SystemTime};

use super::look::Look;
use crate::aws::ecs::{DeploymentDetail, DeploymentSchedule, ServiceEvent, SourceRevision};
use crate::engine::event::Observation;
use crate::service::{
    Deployment, DeploymentStatus, IngressPath, ManagedKind, ManagedResource, ServiceStatus,
};

/// 2026-11-01T00:00:00Z.
pub(super) fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_491_200)
}

/// A canary in its first step.
pub(super) fn deployment(status: DeploymentStatus) -> DeploymentDetail {
    DeploymentDetail {
        deployment: Deployment {
            arn: "arn:aws:ecs:eu-west-1:123456789012:service-deployment/default/api/NEWdeployment".to_owned(),
            status,
            status_reason: None,
            target_revision_arn: Some(
                "arn:aws:ecs:eu-west-1:123456789012:service-revision/default/api/2222".to_owned(),
            ),
            created_at: Some(start()),
            started_at: Some(start()),
            finished_at: None,
        },
        lifecycle_stage: Some("PRODUCTION_TRAFFIC_SHIFT".to_owned()),
        running_task_count: 1,
        pending_task_count: 0,
        requested_task_count: 1,
        production_traffic_weight: Some(5.0),
        sources: vec![SourceRevision {
            arn: Some("arn:aws:ecs:eu-west-1:123456789012:service-revision/default/api/1111".to_owned()),
            running_task_count: 1,
            pending_task_count: 0,
            requested_task_count: 1,
            production_traffic_weight: Some(95.0),
        }],
        schedule: DeploymentSchedule {
            strategy: Some("CANARY".to_owned()),
            step_percent: Some(5.0),
            step_bake_minutes: Some(3),
            bake_minutes: Some(3),
        },
        paused_by: None,
        rollback_reason: None,
        triggered_alarm_names: Vec::new(),
    }
}

pub(super) fn resource(kind: ManagedKind, arn: Option<&str>, status: &str) -> ManagedResource {
    ManagedResource {
        kind,
        arn: arn.map(str::to_owned),
        status: status.to_owned(),
        status_reason: None,
        name: None,
    }
}

/// What a look saw, member by member.
#[derive(Debug, Clone)]
pub(super) struct LookBuilder(Look);

impl Default for LookBuilder {
    fn default() -> Self {
        Self(Look {
            observation: Observation {
                service: Some((ServiceStatus::Active, None)),
                ..Observation::default()
            },
            leaving: Vec::new(),
            ingress_paths: Vec::new(),
            task_definition_arn: None,
        })
    }
}

impl LookBuilder {
    pub(super) fn status(mut self, status: ServiceStatus) -> Self {
        self.0.observation.service = Some((status, None));
        self
    }

    pub(super) fn deployment(mut self, detail: DeploymentDetail) -> Self {
        self.0.observation.deployment = Some(detail);
        self
    }

    pub(super) fn resource(mut self, resource: ManagedResource) -> Self {
        self.0.observation.resources.push(resource);
        self
    }

    pub(super) fn leaving(mut self, resource: ManagedResource) -> Self {
        self.0.leaving.push(resource);
        self
    }

    pub(super) fn ingress(mut self, hostname: &str) -> Self {
        self.0.ingress_paths.push(IngressPath::new("PUBLIC", hostname));
        self
    }

    /// An event, `seconds` after the start; later ones first.
    pub(super) fn event(mut self, seconds: u64, message: &str) -> Self {
        let created_at = Some(start() + Duration::from_secs(seconds));
        self.0.observation.events.insert(0, ServiceEvent { created_at, message: message.to_owned() });
        self
    }

    pub(super) fn build(self) -> Look {
        self.0
    }
}
