//! Why an operation of an engine failed. What a user reads is rendered in `diagnosis`.

use std::time::SystemTime;

use crate::aws::AwsError;
use crate::engine::judge::Verdict;
use crate::engine::wait::WaitError;
use crate::service::{DeploymentStatus, ServiceArn};

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum EngineError {
    /// AWS refused or could not be reached.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The name is taken by a live service that this configuration did not begin.
    #[error("service `{arn}` already exists")]
    AlreadyExists {
        arn: ServiceArn,
        /// Whether an engine of this provider can take it over.
        is_importable: bool,
    },
    /// Something that the service is to use does not exist.
    #[error("{what} does not exist")]
    Missing { what: String },
    /// Something of the name that a part of the service must have is somebody else's.
    #[error("{kind} `{name}` exists and is not ours")]
    NotOurs { kind: &'static str, name: String },
    /// What is wanted cannot be built.
    #[error("{reason}")]
    Unfit { reason: String, hint: String },
    /// A step of the composed engine failed.
    #[error("{step}: {source}")]
    Step { step: String, source: Box<EngineError>, aftermath: Aftermath },
    /// An interrupted apply left an unnamed service behind.
    #[error("an interrupted apply left service `{arn}` behind")]
    LeftBehind {
        arn: ServiceArn,
        /// Whether the composed engine began it.
        is_composed: bool,
    },
    /// The service to change is not there any more.
    #[error("service `{arn}` is gone")]
    Gone { arn: ServiceArn },
    /// The deployment that this operation started did not succeed.
    #[error("deployment {} ended {}", .0.deployment_arn, .0.status)]
    DeploymentFailed(Box<DeploymentFailure>),
    /// A later deployment replaced the one that this operation started.
    #[error("deployment of revision `{expected}` was replaced by `{actual}`")]
    Superseded { expected: String, actual: String },
    /// Somebody else's deployment did not end in time.
    #[error("deployment `{deployment_arn}` is still running")]
    Busy { deployment_arn: String, started_at: Option<SystemTime> },
    /// The listener rule is split over both target groups, so that ECS would refuse any deployment.
    #[error("listener rule `{}` is split over both target groups", .0.rule_arn)]
    SplitRule(Box<SplitRule>),
    /// The deployment ended well, but fewer tasks run than the service is to have.
    #[error("{running} tasks run, {desired} are to, and the service is to have at least {minimum}")]
    NoTasks { desired: i32, running: i32, minimum: i32 },
    /// A resource underneath could not be provisioned.
    #[error("{kind} failed to provision")]
    ResourceFailed { kind: &'static str, arn: Option<String>, reason: Option<String> },
    /// ECS can no longer assume the infrastructure role, so a deletion cannot end.
    #[error("the infrastructure role cannot be assumed")]
    InfrastructureRoleGone { role_arn: Option<String>, evidence: String },
    /// The deployment goes on, but it is certain that it cannot succeed.
    #[error("the deployment cannot succeed: {}", .verdict.evidence)]
    Hopeless {
        verdict: Verdict,
        /// When the wait began.
        since: SystemTime,
    },
    /// The deadline passed.
    #[error("timed out while {pending}")]
    TimedOut { pending: String },
    /// The user stopped Terraform.
    #[error("interrupted while {pending}")]
    Interrupted { pending: String },
}

/// What became of the steps that had succeeded before one failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Aftermath {
    /// Parts that were taken away again.
    pub(crate) undone: Vec<String>,
    /// Parts that stay.
    pub(crate) kept: Vec<String>,
}

impl EngineError {
    /// A failure of a step. That of a step within a step is the inner one's.
    pub(crate) fn step(step: String, source: Self, aftermath: Aftermath) -> Self {
        Self::Step { step, source: Box::new(source), aftermath }
    }

    /// Whether the operation ended while a deployment of its own may still run.
    pub(crate) fn leaves_deployment(&self) -> bool {
        matches!(self.root(), Self::Interrupted { .. } | Self::TimedOut { .. } | Self::Hopeless { .. })
    }

    /// The failure itself, without the step that it happened in.
    pub(crate) fn root(&self) -> &Self {
        match self {
            Self::Step { source, .. } => source.root(),
            other => other,
        }
    }
}

/// How a deployment failed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeploymentFailure {
    pub(crate) deployment_arn: String,
    pub(crate) status: DeploymentStatus,
    /// AWS's reason for the status.
    pub(crate) status_reason: Option<String>,
    /// AWS's reason for the rollback.
    pub(crate) rollback_reason: Option<String>,
    /// Alarms that went off.
    pub(crate) triggered_alarm_names: Vec<String>,
    /// When the deployment was made: evidence from before does not count.
    pub(crate) created_at: Option<SystemTime>,
}

/// A listener rule that both target groups serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SplitRule {
    pub(crate) rule_arn: String,
    /// Target group ARNs and their weights.
    pub(crate) weights: Vec<(String, i32)>,
    /// The group of the running revision, if AWS says so.
    pub(crate) live_target_group_arn: Option<String>,
}

impl From<WaitError<EngineError>> for EngineError {
    fn from(error: WaitError<EngineError>) -> Self {
        match error {
            WaitError::TimedOut { pending } => Self::TimedOut { pending },
            WaitError::Interrupted { pending } => Self::Interrupted { pending },
            WaitError::Failed(error) => error,
        }
    }
}
