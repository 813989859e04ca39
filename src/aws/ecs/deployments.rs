//! `ListServiceDeployments`, `DescribeServiceDeployments`, `StopServiceDeployment`.

use std::collections::HashMap;
use std::time::SystemTime;

use aws_sdk_ecs::types;

use super::{Ecs, SERVICE, convert, is_not_found};
use crate::aws::{AwsError, Clients};
use crate::service::{Deployment, DeploymentStatus, ServiceArn};

/// A deployment with what only its description tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeploymentDetail {
    pub(crate) deployment: Deployment,
    /// For example `BAKE_TIME`.
    pub(crate) lifecycle_stage: Option<String>,
    pub(crate) running_task_count: i32,
    pub(crate) pending_task_count: i32,
    pub(crate) requested_task_count: i32,
    /// Percent of production traffic on the new revision.
    pub(crate) production_traffic_weight: Option<f64>,
    /// The revisions that it replaces; none at the first deployment.
    pub(crate) sources: Vec<SourceRevision>,
    pub(crate) schedule: DeploymentSchedule,
    /// The hook that holds it until somebody continues.
    pub(crate) paused_by: Option<PauseHook>,
    pub(crate) rollback_reason: Option<String>,
    pub(crate) triggered_alarm_names: Vec<String>,
}

/// A PAUSE hook that holds a deployment (`lifecycleHookDetails`, `AWAITING_ACTION`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PauseHook {
    pub(crate) id: String,
    /// When the pause ends by itself.
    pub(crate) expires_at: Option<SystemTime>,
    /// What happens then: `CONTINUE` or `ROLLBACK`.
    pub(crate) timeout_action: Option<String>,
}

/// A revision that a deployment replaces.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SourceRevision {
    pub(crate) arn: Option<String>,
    pub(crate) running_task_count: i32,
    pub(crate) pending_task_count: i32,
    pub(crate) requested_task_count: i32,
    /// Percent of production traffic that stays on it.
    pub(crate) production_traffic_weight: Option<f64>,
}

/// How a deployment shifts its traffic, and how long it looks on (`deploymentConfiguration`).
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct DeploymentSchedule {
    /// For example `CANARY`.
    pub(crate) strategy: Option<String>,
    /// Percent of production traffic in the first step.
    pub(crate) step_percent: Option<f64>,
    /// Minutes after a step with part of the traffic.
    pub(crate) step_bake_minutes: Option<i32>,
    /// Minutes with all of the traffic before the old revision goes.
    pub(crate) bake_minutes: Option<i32>,
}

impl Ecs {
    /// The newest deployments of a service, newest first; none if the service has no record.
    ///
    /// One page is enough: deployments are serial, so the one in flight and the one that succeeded last are among
    /// the newest.
    pub(crate) async fn list_deployments(&self, arn: &ServiceArn) -> Result<Vec<Deployment>, AwsError> {
        const OPERATION: &str = "ListServiceDeployments";
        let result = self
            .clients
            .ecs()
            .list_service_deployments()
            .service(arn.name())
            .cluster(arn.cluster())
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, OPERATION, error));
        let output = match result {
            Ok(output) => output,
            Err(error) if is_not_found(&error) || error.has_code("ServiceNotActiveException") => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        let mut deployments: Vec<_> =
            output.service_deployments.unwrap_or_default().iter().filter_map(from_brief).collect();
        deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
        Ok(deployments)
    }

    /// One deployment, read together with those that others ask for; `None`: it cannot be seen (yet).
    pub(crate) async fn find_deployment(
        &self,
        deployment_arn: &str,
    ) -> Result<Option<DeploymentDetail>, AwsError> {
        self.deployments.find(&deployment_arn.to_owned()).await
    }

    /// Rolls a deployment back. One that is over, or stops already, is a success: its status tells the rest.
    pub(crate) async fn stop_deployment(&self, deployment_arn: &str) -> Result<(), AwsError> {
        const OPERATION: &str = "StopServiceDeployment";
        let result = self
            .clients
            .ecs()
            .stop_service_deployment()
            .service_deployment_arn(deployment_arn)
            .stop_type(types::StopServiceDeploymentStopType::Rollback)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, OPERATION, error));
        match result {
            Ok(_) => Ok(()),
            Err(error)
                if error.has_code("ConflictException")
                    || error.has_code("ServiceDeploymentNotFoundException") =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

pub(super) async fn describe_service_deployments(
    clients: Clients,
    arns: Vec<String>,
) -> Result<HashMap<String, DeploymentDetail>, AwsError> {
    let output = clients
        .ecs()
        .describe_service_deployments()
        .set_service_deployment_arns(Some(arns))
        .send()
        .await
        .map_err(|error| AwsError::from_sdk(SERVICE, "DescribeServiceDeployments", error))?;
    let deployments = output.service_deployments.unwrap_or_default();
    Ok(deployments
        .iter()
        .filter_map(|one| Some((one.service_deployment_arn.clone()?, from_description(one)?)))
        .collect())
}

fn from_brief(output: &types::ServiceDeploymentBrief) -> Option<Deployment> {
    Some(Deployment {
        arn: output.service_deployment_arn.clone()?,
        status: status(output.status.as_ref()),
        status_reason: output.status_reason.clone(),
        target_revision_arn: output.target_service_revision_arn.clone(),
        created_at: convert::to_time(output.created_at.as_ref()),
        started_at: convert::to_time(output.started_at.as_ref()),
        finished_at: convert::to_time(output.finished_at.as_ref()),
    })
}

fn from_description(output: &types::ServiceDeployment) -> Option<DeploymentDetail> {
    let target = output.target_service_revision.as_ref();
    let rollback = output.rollback.as_ref();
    let alarms = output.alarms.as_ref();
    Some(DeploymentDetail {
        deployment: Deployment {
            arn: output.service_deployment_arn.clone()?,
            status: status(output.status.as_ref()),
            status_reason: output.status_reason.clone(),
            target_revision_arn: target.and_then(|target| target.arn.clone()),
            created_at: convert::to_time(output.created_at.as_ref()),
            started_at: convert::to_time(output.started_at.as_ref()),
            finished_at: convert::to_time(output.finished_at.as_ref()),
        },
        lifecycle_stage: output.lifecycle_stage.as_ref().map(|stage| stage.as_str().to_owned()),
        running_task_count: target.map_or(0, |target| target.running_task_count),
        pending_task_count: target.map_or(0, |target| target.pending_task_count),
        requested_task_count: target.map_or(0, |target| target.requested_task_count),
        production_traffic_weight: target.and_then(|target| target.requested_production_traffic_weight),
        sources: output.source_service_revisions().iter().map(source_revision).collect(),
        schedule: output.deployment_configuration.as_ref().map(schedule).unwrap_or_default(),
        paused_by: output.lifecycle_hook_details().iter().find_map(pause_hook),
        rollback_reason: rollback.and_then(|rollback| rollback.reason.clone()),
        triggered_alarm_names: alarms
            .and_then(|alarms| alarms.triggered_alarm_names.clone())
            .unwrap_or_default(),
    })
}

fn pause_hook(output: &types::DeploymentLifecycleHookDetail) -> Option<PauseHook> {
    let awaits = output.status == Some(types::DeploymentLifecycleHookStatus::AwaitingAction);
    let id = output.hook_id.clone().filter(|_| awaits)?;
    Some(PauseHook {
        id,
        expires_at: convert::to_time(output.expires_at.as_ref()),
        timeout_action: output.timeout_action.as_ref().map(|action| action.as_str().to_owned()),
    })
}

fn source_revision(output: &types::ServiceRevisionSummary) -> SourceRevision {
    SourceRevision {
        arn: output.arn.clone(),
        running_task_count: output.running_task_count,
        pending_task_count: output.pending_task_count,
        requested_task_count: output.requested_task_count,
        production_traffic_weight: output.requested_production_traffic_weight,
    }
}

fn schedule(output: &types::DeploymentConfiguration) -> DeploymentSchedule {
    let canary = output.canary_configuration.as_ref();
    let linear = output.linear_configuration.as_ref();
    DeploymentSchedule {
        strategy: output.strategy.as_ref().map(|strategy| strategy.as_str().to_owned()),
        step_percent: canary
            .and_then(|canary| canary.canary_percent)
            .or_else(|| linear.and_then(|linear| linear.step_percent)),
        step_bake_minutes: canary
            .and_then(|canary| canary.canary_bake_time_in_minutes)
            .or_else(|| linear.and_then(|linear| linear.step_bake_time_in_minutes)),
        bake_minutes: output.bake_time_in_minutes,
    }
}

fn status(output: Option<&types::ServiceDeploymentStatus>) -> DeploymentStatus {
    output.map_or(DeploymentStatus::Pending, |status| DeploymentStatus::from(status.as_str()))
}
