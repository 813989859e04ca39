//! `ListServiceDeployments`, `DescribeServiceDeployments`.

use aws_sdk_ecs::types;

use super::{Ecs, SERVICE, convert, is_not_found};
use crate::aws::AwsError;
use crate::service::{Deployment, DeploymentStatus, ServiceArn};

/// A deployment with what only its description tells.
#[derive(Debug, Clone)]
pub(crate) struct DeploymentDetail {
    pub(crate) deployment: Deployment,
    /// For example `BAKE_TIME`.
    pub(crate) lifecycle_stage: Option<String>,
    pub(crate) running_task_count: i32,
    pub(crate) requested_task_count: i32,
    /// Percent of production traffic on the new revision.
    pub(crate) production_traffic_weight: Option<f64>,
    pub(crate) rollback_reason: Option<String>,
    pub(crate) triggered_alarm_names: Vec<String>,
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

    /// One deployment; `None`: it cannot be seen (yet).
    pub(crate) async fn find_deployment(
        &self,
        deployment_arn: &str,
    ) -> Result<Option<DeploymentDetail>, AwsError> {
        const OPERATION: &str = "DescribeServiceDeployments";
        let output = self
            .clients
            .ecs()
            .describe_service_deployments()
            .service_deployment_arns(deployment_arn)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, OPERATION, error))?;
        Ok(output.service_deployments.unwrap_or_default().first().and_then(from_description))
    }
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
        requested_task_count: target.map_or(0, |target| target.requested_task_count),
        production_traffic_weight: target.and_then(|target| target.requested_production_traffic_weight),
        rollback_reason: rollback.and_then(|rollback| rollback.reason.clone()),
        triggered_alarm_names: alarms
            .and_then(|alarms| alarms.triggered_alarm_names.clone())
            .unwrap_or_default(),
    })
}

fn status(output: Option<&types::ServiceDeploymentStatus>) -> DeploymentStatus {
    output.map_or(DeploymentStatus::Pending, |status| DeploymentStatus::from(status.as_str()))
}
