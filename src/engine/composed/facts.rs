//! What steps find or make and other steps build on. From it follows which step must come before which
//! ([`super::plan::Plan::ensure`]), so that no step ever begins without what it builds on.

use super::plan::Part;

/// Something that one step finds and others build on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    /// ARNs of the two target groups.
    TargetGroups,
    /// Id of the security group of the tasks.
    ServiceSecurityGroup,
    /// ARN of the certificate.
    Certificate,
    /// The load balancer with its listener, and the service's rule on it.
    Place,
    /// ARN of the task definition that the service is to run.
    TaskDefinition,
}

impl Fact {
    /// The part whose step finds it.
    pub(crate) fn giver(self) -> Part {
        match self {
            Self::TargetGroups => Part::TargetGroups,
            Self::ServiceSecurityGroup => Part::ServiceSecurityGroup,
            Self::Certificate => Part::Certificate,
            Self::Place => Part::Pool,
            Self::TaskDefinition => Part::TaskDefinition,
        }
    }
}

impl Part {
    /// What its step cannot do without.
    pub(crate) fn needs(self) -> &'static [Fact] {
        use Fact::{Certificate, Place, ServiceSecurityGroup, TargetGroups, TaskDefinition};
        match self {
            // The security group is the anchor: a place without it would be found by nobody.
            Self::Pool => &[ServiceSecurityGroup, TargetGroups],
            Self::SecurityGroupRules => &[ServiceSecurityGroup, Place],
            Self::ListenerCertificate => &[Place, Certificate],
            Self::CertificateValidation => &[Certificate],
            Self::AliasRecord
            | Self::LoadBalancerState
            | Self::RuleHosts
            | Self::RetiredHosts
            | Self::RetiredCertificate => &[Place],
            Self::Alarm | Self::Scaling => &[TargetGroups, Place],
            Self::EcsService => &[TaskDefinition, TargetGroups, Place, ServiceSecurityGroup],
            Self::Deployment => &[TaskDefinition],
            Self::Attachment => &[TargetGroups, ServiceSecurityGroup],
            Self::Anchor | Self::MoveMark => &[ServiceSecurityGroup],
            Self::Cluster
            | Self::LogGroup
            | Self::ServiceSecurityGroup
            | Self::TargetGroups
            | Self::Certificate
            | Self::TaskDefinition
            | Self::DeploymentStart
            | Self::Phase
            | Self::Tags
            | Self::RuleCheck
            | Self::IdleHealthCheck
            | Self::RetiredHealthCheck
            | Self::Drain
            | Self::Arrival
            | Self::Departure => &[],
        }
    }

    /// What its step uses if there is any.
    pub(crate) fn uses(self) -> &'static [Fact] {
        match self {
            Self::EcsService | Self::Anchor | Self::RetiredCertificate => &[Fact::Certificate],
            Self::Departure => &[Fact::Place],
            _ => &[],
        }
    }
}
