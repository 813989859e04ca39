//! Preflight: what can be known by reading alone, before anything is changed.
//!
//! A [`Subject`] is what a plan names and AWS can be asked about. [`Looks`] asks, once for each distinct thing, whatever
//! the number of services. Each check is one file: it looks, and judges what was found. Where AWS may not be asked or
//! does not answer, nothing is said.
//!
//! **Invariant:** reads only, and never the value of a secret.

mod cluster;
mod finding;
mod image;
mod image_route;
mod kept;
mod log_group;
mod looks;
mod network;
mod role;
mod secret;
mod security_group;
mod service_name;
mod subject;
mod subnets;
mod trust_policy;

pub(crate) use finding::{Finding, PreflightMode};
pub(crate) use looks::Looks;
pub(crate) use subject::{
    ClusterUse, ImageUse, LogGroupUse, NetworkUse, RolePurpose, RoleUse, SecretUse, SecurityGroupUse,
    ServiceUse, Subject, SubnetChoice,
};

use futures_util::future::join_all;

/// Looks at everything that a plan depends on, at the same time. Findings come in the order of the subject.
pub(crate) async fn check(looks: &Looks, subject: &Subject) -> Vec<Finding> {
    let roles = join_all(subject.roles.iter().map(|role| role::check(looks, role)));
    let clusters = join_all(subject.cluster.iter().map(|cluster| cluster::check(looks, cluster)));
    let services = join_all(subject.service.iter().map(|service| service_name::check(looks, service)));
    let networks = join_all(subject.network.iter().map(|network| network::check(looks, network)));
    let groups = join_all(subject.security_groups.iter().map(|group| security_group::check(looks, group)));
    let log_groups = join_all(subject.log_groups.iter().map(|group| log_group::check(looks, group)));
    let images = join_all(subject.images.iter().map(|image| image::check(looks, image)));
    let secrets = join_all(subject.secrets.iter().map(|secret| secret::check(looks, secret)));
    let (roles, clusters, services, networks, groups, log_groups, images, secrets) =
        tokio::join!(roles, clusters, services, networks, groups, log_groups, images, secrets);
    let single = [roles, clusters, services].into_iter().flatten().flatten();
    let rest = [groups, log_groups, images, secrets].into_iter().flatten().flatten();
    single.chain(networks.into_iter().flatten()).chain(rest).collect()
}
