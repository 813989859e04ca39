//! The cluster is there, takes services, and has the capacity provider that is asked for.

use super::Finding;
use super::kept::Looked;
use super::looks::Looks;
use super::subject::ClusterUse;
use crate::aws::ecs::clusters::Cluster;
use crate::framework::Path;

/// Looks at the cluster of a service.
pub(super) async fn check(looks: &Looks, used: &ClusterUse) -> Option<Finding> {
    let name = &used.name;
    match looks.find_cluster(name).await {
        Looked::Hidden => None,
        Looked::Found(found) if found.is_active() => check_capacity(used, &found),
        Looked::Missing | Looked::Found(_) if used.is_made => None,
        Looked::Missing => {
            let detail = format!("ECS has no cluster `{name}` in {}.", looks.region);
            let finding = Finding::certain(&used.path, "The cluster does not exist", detail);
            Some(
                finding
                    .hint("create the cluster, or leave `cluster` out: the cluster `default` is then made")
                    .or_made_here(),
            )
        }
        Looked::Found(found) => {
            let detail = format!("Cluster `{name}` is {}; services are made in an ACTIVE one.", found.status);
            Some(Finding::certain(&used.path, "The cluster is not active", detail))
        }
    }
}

/// A capacity provider strategy names what is associated with the cluster, and a cluster that was made without
/// `capacity_providers` has nothing (dask/dask-cloudprovider issue 328).
fn check_capacity(used: &ClusterUse, cluster: &Cluster) -> Option<Finding> {
    let (name, wanted) = (&used.name, used.capacity_provider.as_ref()?);
    let has = &cluster.capacity_providers;
    if has.contains(wanted) {
        return None;
    }
    let there =
        if has.is_empty() { "no capacity provider".to_owned() } else { format!("{} only", has.join(", ")) };
    let detail =
        format!("ECS runs tasks on {wanted} in clusters that have it, and cluster `{name}` has {there}.");
    let summary = format!("The cluster has no capacity provider {wanted}");
    let finding = Finding::certain(&Path::attribute("capacity_provider"), summary, detail);
    Some(finding.hint(associate(name)).hint(
        "if this configuration gives it to the cluster, let the service depend on that: \
         `depends_on = [aws_ecs_cluster_capacity_providers.<name>]`",
    ))
}

fn associate(cluster: &str) -> String {
    format!(
        "set `capacity_providers = [\"FARGATE\", \"FARGATE_SPOT\"]` in an `aws_ecs_cluster_capacity_providers` for the \
         cluster, or: aws ecs put-cluster-capacity-providers --cluster {cluster} --capacity-providers FARGATE \
         FARGATE_SPOT --default-capacity-provider-strategy capacityProvider=FARGATE"
    )
}
