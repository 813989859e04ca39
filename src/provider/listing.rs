//! The Express services of a region, as data sources and queries find them.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::aws::AwsError;
use crate::aws::ecs::{Ecs, ServiceRecord};
use crate::framework::Attr;
use crate::service::ServiceStatus;

/// Clusters that are listed at the same time.
const CLUSTERS_AT_ONCE: usize = 8;

/// The engine of every service that the Express Mode API lists.
pub(crate) const MANAGED: &str = "managed";

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

/// The services that pass a filter and are not gone, by ARN, from what `DescribeServices` tells ten at a time.
///
/// Calls: `ListClusters` unless the filter names one, then `ListServices` and `DescribeServices` for each cluster.
pub(crate) async fn list_services(
    ecs: &Arc<Ecs>,
    filter: &ServiceFilter,
) -> Result<Vec<ServiceRecord>, AwsError> {
    if filter.engine.known().is_some_and(|engine| engine != MANAGED) {
        return Ok(Vec::new());
    }
    let clusters = match filter.cluster.known() {
        Some(cluster) => vec![cluster.clone()],
        None => ecs.list_clusters().await?,
    };
    let mut records = Vec::new();
    for group in clusters.chunks(CLUSTERS_AT_ONCE) {
        let mut tasks = JoinSet::new();
        for cluster in group {
            tasks.spawn(list_of_cluster(Arc::clone(ecs), cluster.clone()));
        }
        while let Some(finished) = tasks.join_next().await {
            records.extend(finished.expect("the look-up neither panics nor is aborted")?);
        }
    }
    records.retain(|record| has_tags(record, filter));
    records.sort_by(|left, right| left.arn.cmp(&right.arn));
    Ok(records)
}

async fn list_of_cluster(ecs: Arc<Ecs>, cluster: String) -> Result<Vec<ServiceRecord>, AwsError> {
    let arns = ecs.list_express_services(&cluster).await?;
    let mut records = ecs.find_services(&cluster, &arns).await?;
    records.retain(|record| record.is_express && record.status != ServiceStatus::Inactive);
    Ok(records)
}

fn has_tags(record: &ServiceRecord, filter: &ServiceFilter) -> bool {
    let mut wanted = filter.tags.known().into_iter().flatten();
    wanted.all(|(key, value)| record.tags.get(key) == value.known())
}
