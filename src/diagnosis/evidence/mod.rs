//! What AWS knows about a failure.

mod glimpse;
mod log_lines;
mod reader;
mod redact;
mod render;
mod symptoms;

pub(super) use glimpse::Glimpse;
pub(crate) use reader::EvidenceReader;
pub(super) use render::render;
pub(crate) use symptoms::{list_symptoms, of_refusal, of_task};

use crate::aws::cloudwatch::Alarm;
use crate::aws::ecs::{ServiceEvent, StoppedTask};
use crate::aws::elbv2::TargetHealth;
use crate::service::ManagedResource;

/// What was found. Evidence that cannot be read is missing and named; it never hides the error itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Evidence {
    /// Where the deployment was: `SCALE_UP`, `BAKE_TIME`, ...
    pub(crate) stage: Option<String>,
    /// Service events since the deployment began, newest first, each text once.
    pub(crate) events: Vec<ServiceEvent>,
    /// Tasks of the new revision that stopped since the deployment began, newest first.
    pub(crate) stopped_tasks: Vec<StoppedTask>,
    /// Targets of the new revision's target group that are not healthy.
    pub(crate) targets: Vec<TargetHealth>,
    /// The alarms that went off, as they are now.
    pub(crate) alarms: Vec<Alarm>,
    /// What ECS makes for the service and is not there, with the reason.
    pub(crate) resources: Vec<ManagedResource>,
    /// How the certificate stands that is not issued, in one line.
    pub(crate) certificate: Option<String>,
    /// What the failing container wrote last.
    pub(crate) log: Option<LogExcerpt>,
    /// What could not be read, and why.
    pub(crate) unreadable: Vec<String>,
}

/// The last lines of a container, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogExcerpt {
    pub(crate) container: String,
    pub(crate) task_id: String,
    /// Oldest first; at least one.
    pub(crate) lines: Vec<String>,
}
