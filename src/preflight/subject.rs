//! What a plan names and AWS can be asked about, each with the attribute that names it.

use std::collections::BTreeSet;

use crate::framework::Path;
use crate::service::{EcrImage, SecretReference};

/// Everything that one planned service depends on. What is not known yet is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) roles: Vec<RoleUse>,
    pub(crate) cluster: Option<ClusterUse>,
    pub(crate) service: Option<ServiceUse>,
    pub(crate) network: Option<NetworkUse>,
    pub(crate) security_groups: Vec<SecurityGroupUse>,
    pub(crate) log_groups: Vec<LogGroupUse>,
    pub(crate) images: Vec<ImageUse>,
    pub(crate) secrets: Vec<SecretUse>,
}

/// A role that ECS is to assume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleUse {
    pub(crate) path: Path,
    pub(crate) arn: String,
    pub(crate) purpose: RolePurpose,
}

/// What ECS assumes a role for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RolePurpose {
    Infrastructure,
    Execution,
    Task,
}

impl RolePurpose {
    /// As people call the role.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Infrastructure => "infrastructure role",
            Self::Execution => "execution role",
            Self::Task => "task role",
        }
    }

    /// Who assumes it.
    pub(crate) fn principal(self) -> &'static str {
        match self {
            Self::Infrastructure => "ecs.amazonaws.com",
            Self::Execution | Self::Task => "ecs-tasks.amazonaws.com",
        }
    }
}

/// A cluster that is to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClusterUse {
    pub(crate) path: Path,
    pub(crate) name: String,
    /// `default` is made if it is missing, with all that a service may want of it.
    pub(crate) is_made: bool,
    /// The capacity provider that the service asks it for; a launch type asks for none.
    pub(crate) capacity_provider: Option<String>,
}

/// A name that a new service is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceUse {
    pub(crate) path: Path,
    pub(crate) cluster: String,
    pub(crate) name: String,
}

/// Where tasks and load balancer are to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NetworkUse {
    pub(crate) path: Path,
    pub(crate) subnets: SubnetChoice,
    /// Subnets of the load balancer, if it has others than the tasks.
    pub(crate) load_balancer: Option<(Path, BTreeSet<String>)>,
    /// Whether the service is not there yet; otherwise only addresses are counted.
    pub(crate) is_new: bool,
    /// Tasks at the most.
    pub(crate) max_task_count: u32,
    /// Addresses that a deployment may need at the most beyond those that the service has.
    pub(crate) needed_address_count: u32,
    /// Whether tasks in public subnets get an address of the internet.
    pub(crate) assigns_public_ip: bool,
    /// Images that tasks pull.
    pub(crate) pulls: Vec<String>,
    /// What tasks read before they start.
    pub(crate) secrets: Vec<SecretReference>,
}

/// The subnets of the tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SubnetChoice {
    /// Those of the default VPC.
    Default,
    Named(BTreeSet<String>),
}

/// A security group of the user's own that is to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecurityGroupUse {
    pub(crate) path: Path,
    pub(crate) id: String,
}

/// A log group that is to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogGroupUse {
    pub(crate) path: Path,
    pub(crate) name: String,
    /// Whether the service is Express Mode's.
    pub(crate) is_managed: bool,
}

/// An image that is to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageUse {
    pub(crate) path: Path,
    pub(crate) image: EcrImage,
    /// `X86_64` or `ARM64`; `None`: not known yet.
    pub(crate) cpu_architecture: Option<String>,
    /// Express runs the image on the processor that it is built for, whatever its default is.
    pub(crate) is_chosen_by_express: bool,
}

/// A secret that is to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretUse {
    pub(crate) path: Path,
    /// As the user wrote it.
    pub(crate) written: String,
    pub(crate) reference: SecretReference,
}

impl Subject {
    /// Takes away what the service already has.
    pub(crate) fn without(mut self, prior: &Self) -> Self {
        let has_role = |role: &RoleUse| {
            prior.roles.iter().any(|had| (&had.arn, had.purpose) == (&role.arn, role.purpose))
        };
        self.roles.retain(|role| !has_role(role));
        self.security_groups.retain(|group| !prior.security_groups.iter().any(|had| had.id == group.id));
        self.log_groups.retain(|group| !prior.log_groups.iter().any(|had| had.name == group.name));
        let has_image = |image: &ImageUse| {
            let same = |had: &&ImageUse| had.image == image.image;
            prior.images.iter().find(same).is_some_and(|had| had.cpu_architecture == image.cpu_architecture)
        };
        self.images.retain(|image| !has_image(image));
        self.secrets.retain(|secret| !prior.secrets.iter().any(|had| had.reference == secret.reference));
        self
    }
}
