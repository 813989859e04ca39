//! `ListClusters`.

use super::{Ecs, SERVICE};
use crate::aws::AwsError;

/// Pages of `ListClusters` that are read at the most: 100 clusters to a page, 10,000 clusters to an account.
const PAGE_LIMIT: usize = 100;

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
}
