//! What tells why a deployment fails: service events and stopped tasks.

use std::time::SystemTime;

use aws_sdk_ecs::types;

use super::{Ecs, SERVICE, convert};
use crate::aws::AwsError;
use crate::service::ServiceArn;

/// Stopped tasks that are answered.
const STOPPED_TASKS: usize = 20;

/// One line of a service's event list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceEvent {
    pub(crate) created_at: Option<SystemTime>,
    pub(crate) message: String,
}

impl ServiceEvent {
    pub(super) fn from_output(output: &types::ServiceEvent) -> Self {
        Self {
            created_at: convert::to_time(output.created_at.as_ref()),
            message: output.message.clone().unwrap_or_default(),
        }
    }
}

/// A task that stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StoppedTask {
    pub(crate) arn: String,
    pub(crate) task_definition_arn: Option<String>,
    pub(crate) stopped_at: Option<SystemTime>,
    /// `TaskFailedToStart`, `EssentialContainerExited`, ...
    pub(crate) stop_code: Option<String>,
    pub(crate) stopped_reason: Option<String>,
    /// Name, exit code and reason of each container.
    pub(crate) containers: Vec<StoppedContainer>,
}

/// A container of a task that stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoppedContainer {
    pub(crate) name: String,
    pub(crate) exit_code: Option<i32>,
    pub(crate) reason: Option<String>,
}

impl Ecs {
    /// The tasks of a service that stopped last, newest first.
    pub(crate) async fn list_stopped_tasks(&self, arn: &ServiceArn) -> Result<Vec<StoppedTask>, AwsError> {
        let listed = self
            .clients
            .ecs()
            .list_tasks()
            .cluster(arn.cluster())
            .service_name(arn.name())
            .desired_status(types::DesiredStatus::Stopped)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, "ListTasks", error))?;
        let task_arns = listed.task_arns.unwrap_or_default();
        if task_arns.is_empty() {
            return Ok(Vec::new());
        }
        let described = self
            .clients
            .ecs()
            .describe_tasks()
            .cluster(arn.cluster())
            .set_tasks(Some(task_arns))
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, "DescribeTasks", error))?;
        let mut tasks: Vec<_> = described.tasks().iter().map(stopped_task).collect();
        tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped_at));
        tasks.truncate(STOPPED_TASKS);
        Ok(tasks)
    }
}

fn stopped_task(output: &types::Task) -> StoppedTask {
    StoppedTask {
        arn: output.task_arn.clone().unwrap_or_default(),
        task_definition_arn: output.task_definition_arn.clone(),
        stopped_at: convert::to_time(output.stopped_at.as_ref()),
        stop_code: output.stop_code.as_ref().map(|code| code.as_str().to_owned()),
        stopped_reason: output.stopped_reason.clone(),
        containers: output
            .containers()
            .iter()
            .map(|container| StoppedContainer {
                name: container.name.clone().unwrap_or_default(),
                exit_code: container.exit_code,
                reason: container.reason.clone(),
            })
            .collect(),
    }
}
