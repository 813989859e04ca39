//! `ListClusters`, `DescribeClusters`, `CreateCluster`, `DeleteCluster`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Ecs, SERVICE, wire_tags};
use crate::aws::AwsError;
use crate::service::cluster_name;

/// Pages of `ListClusters` that are read at the most: 100 clusters to a page, 10,000 clusters to an account.
const PAGE_LIMIT: usize = 100;

/// `DescribeClusters` takes at most this many names.
pub(crate) const CLUSTERS_PER_CALL: usize = 100;

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cluster {
    pub(crate) arn: String,
    /// `ACTIVE`, `PROVISIONING`, `INACTIVE` and others.
    pub(crate) status: String,
    /// Capacity providers that services may name in their strategy.
    pub(crate) capacity_providers: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Cluster {
    /// Whether services can be made in it.
    pub(crate) fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }
}

/// What became of a call to delete a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClusterDeletion {
    /// It is gone, or was before.
    Deleted,
    /// Others still use it, so it stays.
    InUse,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DescribeClustersOutput {
    clusters: Vec<ClusterItem>,
}

#[derive(Debug, Deserialize)]
struct CreateClusterOutput {
    cluster: ClusterItem,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ClusterItem {
    cluster_arn: String,
    status: String,
    capacity_providers: Vec<String>,
    tags: Vec<wire_tags::Tag>,
}

impl From<ClusterItem> for Cluster {
    fn from(item: ClusterItem) -> Self {
        Self {
            arn: item.cluster_arn,
            status: item.status,
            capacity_providers: item.capacity_providers,
            tags: wire_tags::to_map(item.tags),
        }
    }
}

impl Ecs {
    /// ARNs of all clusters of the account in this region.
    pub(crate) async fn list_clusters(&self) -> Result<Vec<String>, AwsError> {
        let mut arns = Vec::new();
        let mut next_token = None;
        for _ in 0..PAGE_LIMIT {
            let output = self
                .clients
                .ecs()
                .list_clusters()
                .max_results(100)
                .set_next_token(next_token)
                .send()
                .await
                .map_err(|error| AwsError::from_sdk(SERVICE, "ListClusters", error))?;
            arns.extend(output.cluster_arns.unwrap_or_default());
            next_token = output.next_token;
            if next_token.is_none() {
                break;
            }
        }
        Ok(arns)
    }

    /// A cluster by name or ARN; `None`: there is none. A deleted one may still be found, INACTIVE.
    pub(crate) async fn find_cluster(&self, cluster: &str) -> Result<Option<Cluster>, AwsError> {
        let input = json!({ "clusters": [cluster], "include": ["TAGS"] });
        let output: DescribeClustersOutput = self.json.call("DescribeClusters", &input).await?;
        Ok(output.clusters.into_iter().next().map(Cluster::from))
    }

    /// Those of the clusters that exist, by name; at most [`CLUSTERS_PER_CALL`].
    pub(crate) async fn list_existing_clusters(
        &self,
        names: &[String],
    ) -> Result<BTreeMap<String, Cluster>, AwsError> {
        let output: DescribeClustersOutput =
            self.json.call("DescribeClusters", &json!({ "clusters": names })).await?;
        let clusters = output.clusters.into_iter().map(Cluster::from);
        Ok(clusters.map(|cluster| (cluster_name(&cluster.arn).to_owned(), cluster)).collect())
    }

    /// `CreateCluster`: makes the cluster, revives an INACTIVE one, or answers with the one that has the name.
    ///
    /// A cluster that is made here offers Fargate on demand and Spot. The answer does not tell which of these
    /// happened, and tags and capacity providers of an existing cluster stay what they are.
    pub(crate) async fn create_cluster(
        &self,
        name: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<Cluster, AwsError> {
        let mut input = json!({ "clusterName": name, "capacityProviders": ["FARGATE", "FARGATE_SPOT"] });
        if !tags.is_empty() {
            input["tags"] = wire_tags::to_value(tags);
        }
        let output: CreateClusterOutput = self.json.call("CreateCluster", &input).await?;
        Ok(output.cluster.into())
    }

    /// `DeleteCluster`, which AWS refuses while anything is in the cluster.
    pub(crate) async fn delete_cluster(&self, cluster: &str) -> Result<ClusterDeletion, AwsError> {
        const IN_USE: [&str; 4] = [
            "ClusterContainsServicesException",
            "ClusterContainsTasksException",
            "ClusterContainsContainerInstancesException",
            "ClusterContainsCapacityProviderException",
        ];
        match self.json.call::<Value>("DeleteCluster", &json!({ "cluster": cluster })).await {
            Ok(_) => Ok(ClusterDeletion::Deleted),
            Err(error) if error.has_code("ClusterNotFoundException") => Ok(ClusterDeletion::Deleted),
            Err(error) if IN_USE.iter().any(|code| error.has_code(code)) => Ok(ClusterDeletion::InUse),
            Err(error) => Err(error),
        }
    }
}
