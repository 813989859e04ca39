//! Observed state: what AWS says a service is.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use super::arn::ServiceArn;
use super::configuration::Configuration;

/// A service as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedService {
    /// Its ARN.
    pub arn: ServiceArn,
    /// The role with which ECS builds the infrastructure.
    pub infrastructure_role_arn: Option<String>,
    /// Whether it lives.
    pub status: ServiceStatus,
    /// Why, in AWS's words.
    pub status_reason: Option<String>,
    /// All tags.
    pub tags: BTreeMap<String, String>,
    /// The configuration that the service runs, or is on its way to while a deployment is in flight.
    pub configuration: Configuration,
    /// The revision with that configuration.
    pub revision_arn: Option<String>,
    /// That revision's task definition, whoever made it.
    pub task_definition_arn: Option<String>,
    /// Where it is reached.
    pub ingress_paths: Vec<IngressPath>,
    /// The deployment that brought, or is bringing, that revision.
    pub deployment: Option<Deployment>,
    /// The newest deployment, whatever became of it.
    pub newest_deployment: Option<Deployment>,
    /// The deployment that an apply of this provider has marked as its own.
    pub marked_deployment: Option<Deployment>,
    /// Whether an apply has marked a deployment as its own that AWS does not list, or not yet.
    pub awaits_deployment: bool,
    /// How many tasks there are and are to be; `None`: it was not read.
    pub task_counts: Option<TaskCounts>,
    /// Everything that ECS made for the service.
    pub resources: Vec<ManagedResource>,
    /// DNS name and zone of the load balancer.
    pub load_balancer_address: Option<LoadBalancerAddress>,
    /// The target group that the revision registers its tasks in; deployments alternate between two.
    pub live_target_group_arn: Option<String>,
}

/// Tasks of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskCounts {
    /// How many ECS is to run.
    pub desired: i32,
    /// How many run.
    pub running: i32,
    /// How few the service may have by its live bounds.
    pub minimum: i32,
}

impl TaskCounts {
    /// Whether ECS is to run no task although the live bounds want some. The circuit breaker leaves a service like that
    /// whose first deployment failed, and no later deployment brings tasks back (facts, express in the wild W1). A
    /// count that is only lower than the bounds is Application Auto Scaling's to raise.
    pub fn are_none_by_mistake(&self) -> bool {
        self.desired == 0 && self.minimum > 0
    }
}

/// `status.statusCode` of an Express service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceStatus {
    /// It exists. That does not mean that it is ready (facts, express section 5).
    Active,
    /// It is being deleted.
    Draining,
    /// It is gone, though AWS still shows it.
    Inactive,
    /// A status that AWS added after this version was made.
    Other(String),
}

impl ServiceStatus {
    /// AWS's spelling.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Inactive => "INACTIVE",
            Self::Other(status) => status,
        }
    }
}

impl From<&str> for ServiceStatus {
    fn from(status: &str) -> Self {
        match status {
            "ACTIVE" => Self::Active,
            "DRAINING" => Self::Draining,
            "INACTIVE" => Self::Inactive,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// One way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressPath {
    /// `PUBLIC` or `PRIVATE`.
    pub access_type: String,
    /// Host name, without scheme and slash.
    pub hostname: String,
    /// Whether TLS protects it.
    pub is_https: bool,
}

impl IngressPath {
    /// A path from AWS's endpoint, which comes with or without a scheme (facts, express section 6.1).
    pub fn new(access_type: &str, endpoint: &str) -> Self {
        let host = endpoint.trim_start_matches("https://").trim_start_matches("http://");
        let hostname = host.split('/').next().unwrap_or_default().to_owned();
        Self { access_type: access_type.to_owned(), hostname, is_https: true }
    }

    /// A path without TLS.
    pub fn plain_http(access_type: &str, endpoint: &str) -> Self {
        Self { is_https: false, ..Self::new(access_type, endpoint) }
    }

    /// Where it leads, ready to click.
    pub fn url(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!("{scheme}://{}", self.hostname)
    }
}

/// A deployment of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its ARN.
    pub arn: String,
    /// How it stands.
    pub status: DeploymentStatus,
    /// Why, in AWS's words.
    pub status_reason: Option<String>,
    /// The revision that it brings.
    pub target_revision_arn: Option<String>,
    /// When it was made.
    pub created_at: Option<SystemTime>,
    /// When it began.
    pub started_at: Option<SystemTime>,
    /// When it ended.
    pub finished_at: Option<SystemTime>,
}

/// `status` of a service deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentStatus {
    /// Not begun.
    Pending,
    /// Running.
    InProgress,
    /// The target revision serves.
    Successful,
    /// Somebody asked to stop it.
    StopRequested,
    /// It was stopped.
    Stopped,
    /// A rollback was asked for.
    RollbackRequested,
    /// It is going back.
    RollbackInProgress,
    /// The revision from before serves.
    RollbackSuccessful,
    /// Going back failed too.
    RollbackFailed,
    /// A status that AWS added after this version was made.
    Other(String),
}

const DEPLOYMENT_STATUSES: [(&str, DeploymentStatus); 9] = [
    ("PENDING", DeploymentStatus::Pending),
    ("IN_PROGRESS", DeploymentStatus::InProgress),
    ("SUCCESSFUL", DeploymentStatus::Successful),
    ("STOP_REQUESTED", DeploymentStatus::StopRequested),
    ("STOPPED", DeploymentStatus::Stopped),
    ("ROLLBACK_REQUESTED", DeploymentStatus::RollbackRequested),
    ("ROLLBACK_IN_PROGRESS", DeploymentStatus::RollbackInProgress),
    ("ROLLBACK_SUCCESSFUL", DeploymentStatus::RollbackSuccessful),
    ("ROLLBACK_FAILED", DeploymentStatus::RollbackFailed),
];

impl DeploymentStatus {
    /// AWS's spelling.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(status) => status,
            known => {
                DEPLOYMENT_STATUSES.iter().find(|(_, status)| status == known).map_or("", |(name, _)| name)
            }
        }
    }

    /// Whether it has ended. A status that we do not know counts as still running.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed)
    }

    /// Whether the service stays on, or returns to, the revision from before.
    pub fn is_abandoned(&self) -> bool {
        matches!(
            self,
            Self::StopRequested
                | Self::Stopped
                | Self::RollbackRequested
                | Self::RollbackInProgress
                | Self::RollbackSuccessful
                | Self::RollbackFailed
        )
    }
}

impl From<&str> for DeploymentStatus {
    fn from(name: &str) -> Self {
        DEPLOYMENT_STATUSES
            .iter()
            .find(|(known, _)| *known == name)
            .map_or_else(|| Self::Other(name.to_owned()), |(_, status)| status.clone())
    }
}

impl fmt::Display for DeploymentStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Where a load balancer is, for DNS alias records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancerAddress {
    /// DNS name.
    pub dns_name: String,
    /// Hosted zone of that name.
    pub zone_id: String,
}

/// Status of a service of the composed engine without an ECS service: a create was cut short, or somebody deleted it.
pub const INCOMPLETE: &str = "INCOMPLETE";
/// Status of a service of the managed engine that lacks a part without which its URL does not answer.
pub const DEGRADED: &str = "DEGRADED";
/// Status of a part that is not there.
pub const MISSING: &str = "MISSING";
/// Status of a part that is not as the engine made it.
pub const CHANGED: &str = "CHANGED";

/// One resource underneath a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedResource {
    /// What it is.
    pub kind: ManagedKind,
    /// Its ARN; there is none while it is being provisioned.
    pub arn: Option<String>,
    /// `PROVISIONING`, `ACTIVE`, `DEPROVISIONING`, `DELETED`, `FAILED`; `MISSING` and `CHANGED` are ours, for what a look
    /// at the part itself shows.
    pub status: String,
    /// Why, in AWS's words.
    pub status_reason: Option<String>,
    /// What kind-specific fact the resource is known for: a load balancer's scheme, a log group's name.
    pub name: Option<String>,
}

/// What a resource underneath a service is, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManagedKind {
    /// ECS cluster.
    Cluster,
    /// ECS service.
    Service,
    /// ECS task definition.
    TaskDefinition,
    /// Application Load Balancer, shared.
    LoadBalancer,
    /// Its security group, shared.
    LoadBalancerSecurityGroup,
    /// Listener, shared.
    Listener,
    /// Listener rule.
    ListenerRule,
    /// Target group.
    TargetGroup,
    /// ACM certificate.
    Certificate,
    /// The certificate's place on the listener.
    ListenerCertificate,
    /// The record that proves the certificate, also when it is renewed.
    ValidationRecord,
    /// DNS record of a host name.
    AliasRecord,
    /// Web ACL in front of the load balancer.
    WebAcl,
    /// Security group of the tasks.
    ServiceSecurityGroup,
    /// What lets the load balancer reach the tasks.
    IngressPermission,
    /// Scalable target.
    ScalableTarget,
    /// Scaling policy.
    ScalingPolicy,
    /// Rollback alarm.
    MetricAlarm,
    /// Log group.
    LogGroup,
}

impl ManagedKind {
    /// Every kind, in their order.
    pub const ALL: [Self; 19] = [
        Self::Cluster,
        Self::Service,
        Self::TaskDefinition,
        Self::LoadBalancer,
        Self::LoadBalancerSecurityGroup,
        Self::Listener,
        Self::ListenerRule,
        Self::TargetGroup,
        Self::Certificate,
        Self::ListenerCertificate,
        Self::ValidationRecord,
        Self::AliasRecord,
        Self::WebAcl,
        Self::ServiceSecurityGroup,
        Self::IngressPermission,
        Self::ScalableTarget,
        Self::ScalingPolicy,
        Self::MetricAlarm,
        Self::LogGroup,
    ];

    /// Name in the `resources` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Service => "service",
            Self::TaskDefinition => "task_definition",
            Self::LoadBalancer => "load_balancer",
            Self::LoadBalancerSecurityGroup => "load_balancer_security_group",
            Self::Listener => "listener",
            Self::ListenerRule => "listener_rule",
            Self::TargetGroup => "target_group",
            Self::Certificate => "certificate",
            Self::ListenerCertificate => "listener_certificate",
            Self::ValidationRecord => "validation_record",
            Self::AliasRecord => "alias_record",
            Self::WebAcl => "web_acl",
            Self::ServiceSecurityGroup => "service_security_group",
            Self::IngressPermission => "ingress_permission",
            Self::ScalableTarget => "scalable_target",
            Self::ScalingPolicy => "scaling_policy",
            Self::MetricAlarm => "metric_alarm",
            Self::LogGroup => "log_group",
        }
    }

    /// Whether other services may use the same one.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Cluster | Self::LoadBalancer | Self::LoadBalancerSecurityGroup | Self::Listener)
    }
}

impl ObservedService {
    /// A service of which nothing but its status is known.
    pub fn gone(arn: ServiceArn, status: ServiceStatus) -> Self {
        Self {
            arn,
            infrastructure_role_arn: None,
            status,
            status_reason: None,
            tags: BTreeMap::new(),
            configuration: Configuration::default(),
            revision_arn: None,
            task_definition_arn: None,
            ingress_paths: Vec::new(),
            deployment: None,
            newest_deployment: None,
            marked_deployment: None,
            awaits_deployment: false,
            task_counts: None,
            resources: Vec::new(),
            load_balancer_address: None,
            live_target_group_arn: None,
        }
    }

    /// ARNs of the resources of one kind, in order.
    pub fn arns(&self, kind: ManagedKind) -> impl Iterator<Item = &str> {
        self.resources
            .iter()
            .filter(move |resource| resource.kind == kind)
            .filter_map(|resource| resource.arn.as_deref())
    }

    /// The first resource of one kind.
    pub fn resource(&self, kind: ManagedKind) -> Option<&ManagedResource> {
        self.resources.iter().find(|resource| resource.kind == kind)
    }

    /// Whether a part of this kind is known to be missing.
    pub fn lacks(&self, kind: ManagedKind) -> bool {
        self.resources.iter().any(|resource| resource.kind == kind && resource.status == MISSING)
    }

    /// Whether ECS is to run no task although the live bounds want some, and no deployment is on its way.
    pub fn lacks_tasks(&self) -> bool {
        self.task_counts.is_some_and(|counts| counts.are_none_by_mistake()) && !self.is_deploying()
    }

    /// Whether what the service is to run is what a deployment failed to bring: there is nothing that it could go back to.
    pub fn has_failed_first_deployment(&self) -> bool {
        self.deployment.as_ref().is_some_and(|it| it.status.is_abandoned() && it.status.is_final())
    }

    /// Whether a deployment is on its way.
    pub fn is_deploying(&self) -> bool {
        self.deployment.as_ref().is_some_and(|deployment| !deployment.status.is_final())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_the_same_with_and_without_a_scheme() {
        let expected = IngressPath {
            access_type: "PUBLIC".to_owned(),
            hostname: "ab-1.ecs.x.on.aws".to_owned(),
            is_https: true,
        };
        for endpoint in ["ab-1.ecs.x.on.aws", "https://ab-1.ecs.x.on.aws", "https://ab-1.ecs.x.on.aws/"] {
            assert_eq!(IngressPath::new("PUBLIC", endpoint), expected);
        }
    }

    #[test]
    fn every_deployment_status_keeps_its_spelling() {
        for (name, status) in &DEPLOYMENT_STATUSES {
            assert_eq!(DeploymentStatus::from(*name), *status);
            assert_eq!(status.as_str(), *name);
        }
        assert_eq!(DeploymentStatus::from("NEW").as_str(), "NEW");
        assert!(!DeploymentStatus::from("NEW").is_final());
    }

    #[test]
    fn a_rollback_is_abandoned_from_its_request_on() {
        assert!(
            DeploymentStatus::RollbackRequested.is_abandoned()
                && !DeploymentStatus::RollbackRequested.is_final()
        );
        assert!(!DeploymentStatus::Successful.is_abandoned());
    }
}
