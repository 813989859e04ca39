//! The domain: what a service should be, what it is, and what differs.
//!
//! **Invariant:** pure. No async, no AWS SDK, no Terraform values; this module imports nothing of ours.

#[macro_use]
mod named;

mod arn;
mod composed;
mod configuration;
mod console;
mod deployment_marker;
mod diff;
mod ecr_image;
mod fargate;
mod members;
mod merge;
mod names;
mod object_names;
mod observed;
mod own_url;
mod reservations;
mod secret_reference;

pub use arn::{Arn, ArnError, ServiceArn, cluster_name};
pub use composed::{
    AccessLogs, CapacityProvider, CapacityProviderError, CircuitBreaker, ComposedSettings,
    ContainerHealthCheck, DEFAULT_CONTAINER_PORT, DEFAULT_INIT_PROCESS, DEFAULT_MAXIMUM_PERCENT,
    DEFAULT_MINIMUM_HEALTHY_PERCENT, DEFAULT_STOP_TIMEOUT_SECONDS, DEFAULT_STREAM_PREFIX,
    DependencyCondition, DependencyConditionError, DeploymentConfiguration, DeploymentStrategy, Domain,
    FirelensConfiguration, FirelensType, FirelensTypeError, HealthCheck, LoadBalancerScheme,
    LoadBalancerSettings, LogConfiguration, Percent, PercentError, PortMapping, RollbackAlarm, SchemeError,
    Sidecar, StrategyError, TransportProtocol, TransportProtocolError, default_configuration,
    default_settings,
};
pub use configuration::{
    Configuration, LogsConfiguration, PrimaryContainer, ScalingMetric, ScalingTarget, ServiceSpec,
};
pub use console::{console_url, kind_of_arn};
pub use deployment_marker::{
    DEPLOYMENT_MARKER_TAG_KEY, DeploymentMarker, awaits_marked_deployment, find_marked_deployment,
};
pub use diff::{ConfigurationChange, TagChange, configuration_change, tag_change};
pub use ecr_image::{EcrImage, ImageReference};
pub use fargate::{FargateSizeError, check_fargate_size, smallest_fargate_size};
pub use members::Members;
pub use merge::{
    DamagedTags, Merged, MergedSet, Rule, Rules, SentLeaves, is_same_but_for_members, merge_documents,
    merge_sets, merge_task_definitions, sent_tags,
};
pub use names::{
    CREATION_MARKER_TAG_KEY, CreationMarker, DEFAULT_CLUSTER_NAME, is_system_tag, name_after_image,
};
pub use object_names::{
    ACCESS_LOGS_TAG_KEY, CERTIFICATE_TAG_KEY, FIRST_GENERATION, GENERATION_TAG_KEY, HOST_TAG_KEY,
    INFRASTRUCTURE_ROLE_TAG_KEY, MANAGED_TAG_KEY, MANAGED_TAG_VALUE, MOVED_FROM_TAG_KEY, NO_ZONE,
    OWNER_TAG_KEY, ObjectNames, OwnerId, PART_TAG_KEY, PHASE_READY, PHASE_TAG_KEY, POOL_NAME_TAG_KEY,
    POOL_TAG_KEY, SENT_TAG_KEY_PREFIX, TAG_KEY_PREFIX, TOMBSTONE_TAG_KEY, WEB_ACL_TAG_KEY, ZONE_TAG_KEY,
    is_ownership_tag, short_hash,
};
pub use observed::{
    CHANGED, DEGRADED, Deployment, DeploymentStatus, INCOMPLETE, IngressPath, LoadBalancerAddress, MISSING,
    ManagedKind, ManagedResource, ObservedService, ServiceStatus, TaskCounts,
};
pub use own_url::{refers_to_own_url, with_own_url, with_references};
pub use reservations::{ReservationError, Reservations};
pub use secret_reference::SecretReference;
