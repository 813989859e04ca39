//! The services of both engines in a region, as data sources and queries find them.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::aws::AwsError;
use crate::aws::ecs::{Ecs, ServiceRecord};
use crate::framework::Attr;
use crate::provider::handle::{COMPOSED_ENGINE, MANAGED_ENGINE};
use crate::provider::maker::engine_of;
use crate::service::ServiceStatus;

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

/// The services that pass a filter and are not gone, by ARN, from what `DescribeServices` tells ten at a time.
///
/// Calls: `ListClusters` unless the filter names one, then `ListServices` and `DescribeServices` for each cluster.
/// Services of the composed engine are ordinary ones to ECS, so every ordinary service is described, too.
pub(crate) async fn list_services(
    ecs: &Arc<Ecs>,
    filter: &ServiceFilter,
) -> Result<Vec<ListedService>, AwsError> {
    let clusters = match filter.cluster.known() {
        Some(cluster) => vec![cluster.clone()],
        None => ecs.list_clusters().await?,
    };
    let mut services = Vec::new();
    for group in clusters.chunks(CLUSTERS_AT_ONCE) {
        let mut tasks = JoinSet::new();
        for cluster in group {
            tasks.spawn(list_of_cluster(Arc::clone(ecs), cluster.clone(), filter.engine.cloned()));
        }
        while let Some(finished) = tasks.join_next().await {
            services.extend(finished.expect("the look-up neither panics nor is aborted")?);
        }
    }
    services.retain(|service| has_tags(&service.record, filter));
    services.sort_by(|left, right| left.record.arn.cmp(&right.record.arn));
    Ok(services)
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
