//! The cluster is there and takes services.

use super::Finding;
use super::kept::Looked;
use super::looks::Looks;
use super::subject::ClusterUse;

/// Looks at a cluster that the user names.
pub(super) async fn check(looks: &Looks, cluster: &ClusterUse) -> Option<Finding> {
    let name = &cluster.name;
    match looks.find_cluster(name).await {
        Looked::Hidden => None,
        Looked::Missing => {
            let detail = format!("ECS has no cluster `{name}` in {}.", looks.region);
            let finding = Finding::certain(&cluster.path, "The cluster does not exist", detail);
            Some(
                finding
                    .hint("create the cluster, or leave `cluster` out: the cluster `default` is then made"),
            )
        }
        Looked::Found(found) if found.is_active() => None,
        Looked::Found(found) => {
            let detail = format!("Cluster `{name}` is {}; services are made in an ACTIVE one.", found.status);
            Some(Finding::certain(&cluster.path, "The cluster is not active", detail))
        }
    }
}
