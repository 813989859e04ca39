//! Why a service got no place on a load balancer, or could not give it up.

use crate::aws::AwsError;

/// Why joining or leaving failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PoolError {
    /// AWS refused or could not be reached.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// Another service has one of the host names.
    #[error("another service has one of the host names: listener rule `{rule_arn}`")]
    HostTaken { rule_arn: String },
    /// Every load balancer of the pool is full.
    #[error("every load balancer of the pool `{pool_id}` is full")]
    PoolFull { pool_id: String },
    /// Something has a name of the pool's without its tags.
    #[error("`{name}` exists and was not made by this provider")]
    NotOurs { name: String },
    /// The listener takes no further certificate.
    #[error("listener `{listener_arn}` takes no further certificate")]
    NoRoomForCertificate { listener_arn: String },
    /// The load balancer refuses the certificate, and goes on doing so.
    #[error("the load balancer does not take certificate `{certificate_arn}`: {refusal}")]
    CertificateRefused { certificate_arn: String, refusal: String },
    /// A rule that AWS does not show uses the target groups.
    #[error("the target groups are in use by a listener rule that is not to be found")]
    TargetGroupsInUse,
    /// AWS gave one priority to two rules.
    #[error("AWS gave the priority of the service's listener rule to another rule as well")]
    SlotShared,
    /// Others came and went more often than is tried.
    #[error("load balancers of the pool `{pool_id}` came and went; the next apply goes on")]
    Unsettled { pool_id: String },
    /// The deadline passed.
    #[error("timed out while {pending}")]
    TimedOut { pending: String },
    /// The user stopped Terraform.
    #[error("interrupted while {pending}")]
    Interrupted { pending: String },
}
