//! The services of both engines in a region, as data sources and queries find them.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::aws::ecs::{Ecs, ServiceRecord};
use crate::aws::{AwsError, AwsErrorKind};
use crate::framework::{Attr, Diagnostic, Diagnostics, Path};
use crate::provider::handle::{COMPOSED_ENGINE, MANAGED_ENGINE};
use crate::provider::maker::engine_of;
use crate::service::{ServiceArn, ServiceStatus, cluster_name};

/// Clusters that are listed at the same time.
const CLUSTERS_AT_ONCE: usize = 8;

/// Which services are meant. Everything that is not known leaves nothing out.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServiceFilter {
    /// Services of this cluster, by name or ARN.
    pub(crate) cluster: Attr<String>,
    /// Services that have all these tags.
    pub(crate) tags: Attr<BTreeMap<String, Attr<String>>>,
    /// Services of this engine.
    pub(crate) engine: Attr<String>,
}

/// A service that one of the engines made.
#[derive(Debug, Clone)]
pub(crate) struct ListedService {
    pub(crate) record: ServiceRecord,
    pub(crate) engine: &'static str,
}

/// The services that pass a filter and are not gone, by ARN, from what `DescribeServices` tells ten at a time; and
/// warnings about clusters that could not be read.
///
/// Calls: `ListClusters` unless the filter names one, then `ListServices` and `DescribeServices` for each cluster.
/// Services of the composed engine are ordinary ones to ECS, so every ordinary service is described, too. A cluster
/// that is named and has no service is looked up: it may not exist.
///
/// # Errors
/// The clusters cannot be listed, or none of them can be read.
pub(crate) async fn list_services(
    ecs: &Arc<Ecs>,
    filter: &ServiceFilter,
) -> Result<(Vec<ListedService>, Diagnostics), AwsError> {
    let clusters = match filter.cluster.known() {
        Some(cluster) => vec![cluster.clone()],
        None => ecs.list_clusters().await?,
    };
    let (mut services, mut warnings) = (Vec::new(), Diagnostics::none());
    let (mut read_count, mut unreadable) = (0, None);
    for group in clusters.chunks(CLUSTERS_AT_ONCE) {
        let mut tasks = JoinSet::new();
        for cluster in group {
            let (ecs, cluster, wanted) = (Arc::clone(ecs), cluster.clone(), filter.engine.cloned());
            tasks.spawn(async move {
                let listed = list_of_cluster(ecs, cluster.clone(), wanted).await;
                (cluster, listed)
            });
        }
        while let Some(finished) = tasks.join_next().await {
            match finished.expect("the look-up neither panics nor is aborted") {
                (_, Ok(listed)) => {
                    read_count += 1;
                    services.extend(listed);
                }
                (cluster, Err(error)) => {
                    warnings.push(unreadable_cluster(&cluster, &error));
                    unreadable = Some(error);
                }
            }
        }
    }
    if let Some(error) = unreadable.filter(|_| read_count == 0) {
        return Err(error);
    }
    if let Some(cluster) = filter.cluster.known().filter(|_| services.is_empty()) {
        warnings.extend(find_absence(ecs, cluster).await);
    }
    services.retain(|service| has_tags(&service.record, filter));
    services.sort_by(|left, right| left.record.arn.cmp(&right.record.arn));
    Ok((services, warnings))
}

/// What is said of a service that is left out.
pub(crate) fn unreadable_service(arn: &ServiceArn, problem: &Diagnostic) -> Diagnostic {
    let mut warning = Diagnostic::warning(
        format!("Service `{}` is left out: it cannot be read", arn.name()),
        format!("{arn}\n{}\n{}", problem.summary, problem.detail),
    );
    warning.hints.clone_from(&problem.hints);
    warning
}

fn unreadable_cluster(cluster: &str, error: &AwsError) -> Diagnostic {
    let problem = error.to_diagnostic("");
    let mut warning = Diagnostic::warning(
        format!("Services of cluster `{}` are left out: they cannot be listed", cluster_name(cluster)),
        problem.detail,
    );
    warning.hints = problem.hints;
    warning
}

/// Says that a cluster does not exist; silent where it does, or where AWS may not be asked.
async fn find_absence(ecs: &Ecs, cluster: &str) -> Option<Diagnostic> {
    match ecs.find_cluster(cluster).await {
        Ok(Some(found)) if found.is_active() => None,
        Ok(_) => Some(
            Diagnostic::warning(
                format!("Cluster `{}` does not exist", cluster_name(cluster)),
                format!("No cluster `{cluster}` is in this region and account, so no service is listed."),
            )
            .at(Path::attribute("cluster"))
            .hint("list the clusters with `aws ecs list-clusters`, or leave `cluster` out for the services of all"),
        ),
        Err(error) => {
            if error.kind != AwsErrorKind::AccessDenied {
                tracing::warn!(error = %error, cluster, "whether the cluster exists is not known");
            }
            None
        }
    }
}

async fn list_of_cluster(
    ecs: Arc<Ecs>,
    cluster: String,
    wanted: Option<String>,
) -> Result<Vec<ListedService>, AwsError> {
    let arns = match wanted.as_deref() {
        Some(MANAGED_ENGINE) => ecs.list_express_services(&cluster).await?,
        Some(COMPOSED_ENGINE) => ecs.list_plain_services(&cluster).await?,
        _ => ecs.list_all_services(&cluster).await?,
    };
    let records = ecs.find_services(&cluster, &arns).await?;
    let living = records.into_iter().filter(|record| record.status != ServiceStatus::Inactive);
    let made = living.filter_map(|record| Some(ListedService { engine: engine_of(&record)?, record }));
    Ok(made.filter(|service| wanted.as_deref().is_none_or(|wanted| wanted == service.engine)).collect())
}

fn has_tags(record: &ServiceRecord, filter: &ServiceFilter) -> bool {
    let mut wanted = filter.tags.known().into_iter().flatten();
    wanted.all(|(key, value)| record.tags.get(key) == value.known())
}
