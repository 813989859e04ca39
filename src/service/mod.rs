//! The domain: what a service should be, what it is, and what differs.
//!
//! **Invariant:** pure. No async, no AWS SDK, no Terraform values; this module imports nothing of ours.

mod arn;
mod configuration;
mod console;
mod diff;
mod fargate;
mod names;
mod object_names;
mod observed;
mod own_url;

pub use arn::{Arn, ArnError, ServiceArn, cluster_name};
pub use configuration::{
    Configuration, LogsConfiguration, PrimaryContainer, ScalingMetric, ScalingTarget, ServiceSpec,
};
pub use console::{console_url, kind_of_arn};
pub use diff::{ConfigurationChange, TagChange, configuration_change, tag_change};
pub use fargate::{FargateSizeError, check_fargate_size, smallest_fargate_size};
pub use names::{CREATION_MARKER_TAG_KEY, CreationMarker, DEFAULT_CLUSTER_NAME, is_system_tag};
pub use object_names::{
    FIRST_GENERATION, GENERATION_TAG_KEY, MANAGED_TAG_KEY, MANAGED_TAG_VALUE, OWNER_TAG_KEY, ObjectNames,
    OwnerId, PART_TAG_KEY, PHASE_TAG_KEY, POOL_TAG_KEY, TAG_KEY_PREFIX, TOMBSTONE_TAG_KEY, is_ownership_tag,
    short_hash,
};
pub use observed::{
    Deployment, DeploymentStatus, IngressPath, LoadBalancerAddress, ManagedKind, ManagedResource,
    ObservedService, ServiceStatus,
};
pub use own_url::{refers_to_own_url, with_own_url, with_references};
