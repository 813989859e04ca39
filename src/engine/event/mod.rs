//! What changes while AWS works: pure differences between two looks at a service.
//!
//! The engines log them while they wait ([`ProgressLog`]); the monitor prints them as lines. Nothing here reads
//! anything: who has looked hands in an [`Observation`].

mod change;
mod pause;
mod progress_log;

pub(crate) use change::{Change, TaskCounts, list_changes};
pub(crate) use pause::describe_pause;
pub(crate) use progress_log::ProgressLog;

use crate::aws::ecs::{DeploymentDetail, ServiceEvent};
use crate::service::{ManagedResource, ServiceStatus};

/// One look at a service. What was not looked at is empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Observation {
    /// Whether the service lives, and why, in AWS's words.
    pub(crate) service: Option<(ServiceStatus, Option<String>)>,
    /// The deployment that is followed.
    pub(crate) deployment: Option<DeploymentDetail>,
    /// Everything underneath the service.
    pub(crate) resources: Vec<ManagedResource>,
    /// What AWS tells, newest first.
    pub(crate) events: Vec<ServiceEvent>,
}
