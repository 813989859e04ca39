//! What turns desired state into a running service.
//!
//! An engine observes, plans purely and executes flatly. AWS is the record of progress: whatever was interrupted is
//! found again by name and creation marker.

pub(crate) mod composed;
pub(crate) mod deployment;
pub(crate) mod deployments;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod judge;
pub(crate) mod log_deletion;
pub(crate) mod managed;
pub(crate) mod mark;
pub(crate) mod retry;
pub(crate) mod role_age;
pub(crate) mod running_tasks;
pub(crate) mod wait;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use crate::aws::AwsError;
use crate::service::{Configuration, ObservedService, ServiceArn, ServiceSpec};
pub(crate) use error::{DeploymentFailure, EngineError, SplitRule};
pub(crate) use wait::Bounds;

/// Builds, changes and removes services in one way.
#[async_trait]
pub(crate) trait Engine: Send + Sync {
    /// Creates a service, or continues a create that was interrupted.
    async fn create(&self, bounds: &Bounds, request: &CreateRequest) -> Outcome;

    /// Brings an existing service to the desired configuration and tags.
    async fn update(&self, bounds: &Bounds, request: &UpdateRequest) -> Outcome;

    /// Removes a service and waits until it is gone. A service that is gone already is a success.
    async fn delete(&self, bounds: &Bounds, arn: &ServiceArn) -> Outcome;

    /// Reads a service and everything underneath; `None`: there is no record of it.
    async fn observe(&self, arn: &ServiceArn) -> Result<Option<ObservedService>, AwsError>;
}

/// A service to create.
#[derive(Debug, Clone)]
pub(crate) struct CreateRequest {
    pub(crate) spec: ServiceSpec,
    /// Whether success means that the first deployment succeeded, or only that AWS accepted the request.
    pub(crate) wait_for_steady_state: bool,
}

/// A service to change.
#[derive(Debug, Clone)]
pub(crate) struct UpdateRequest {
    pub(crate) arn: ServiceArn,
    /// The role that the state knows. It never changes, but a service that was never finished does not tell it.
    pub(crate) infrastructure_role_arn: String,
    pub(crate) configuration: Configuration,
    /// All tags that the service should have, provider defaults included.
    pub(crate) tags: BTreeMap<String, String>,
    /// The tags that the state knows; only these are ever removed.
    pub(crate) known_tags: BTreeMap<String, String>,
    /// The host names that the state knows; besides the service's own, only these are ever given up.
    pub(crate) known_hostnames: BTreeSet<String>,
    /// Whether the state knows a retention of the log, and none is wanted any more. One that the state does not know is
    /// somebody else's.
    pub(crate) frees_log: bool,
    /// Whether a part underneath was found missing or changed, so that what AWS says of the service itself is not enough.
    /// Only the managed engine needs to be told; the composed one looks at each part anyway.
    pub(crate) looks_underneath: bool,
    /// Whether success means that this change's deployment succeeded, or only that AWS accepted the request.
    pub(crate) wait_for_steady_state: bool,
}

/// What exists after an operation, whether it succeeded or not.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The service, as soon as there is one.
    pub(crate) arn: Option<ServiceArn>,
    /// The service as it was found at the end; `None` if it is gone or could not be read.
    pub(crate) observed: Option<ObservedService>,
    /// What a deletion left on purpose; `None` if nothing was deleted.
    pub(crate) remains: Option<Remains>,
    /// How the operation ended.
    pub(crate) result: Result<(), EngineError>,
}

/// What stays on purpose when a service is deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Remains {
    /// Log groups: ECS never deletes them.
    pub(crate) log_group_arns: Vec<String>,
    /// The task definition that ran last; ECS keeps every revision of its family.
    pub(crate) task_definition_arn: Option<String>,
    /// The load balancer, if others were on it.
    pub(crate) load_balancer_arn: Option<String>,
    /// Whatever else stays, with the reason.
    pub(crate) others: Vec<String>,
}
