//! `CreateTags`, `DeleteTags`.

use serde::Deserialize;

use super::parameters::Parameters;
use super::{Done, Ec2};
use crate::aws::AwsError;
use crate::service::TagChange;

/// A tag as the API describes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TagItem {
    pub(super) key: String,
    pub(super) value: String,
}

impl Ec2 {
    /// Sets and removes tags of one resource, for example a security group.
    pub async fn change_tags(&self, resource_id: &str, change: &TagChange) -> Result<(), AwsError> {
        let resource = || Parameters::default().with("ResourceId.1", resource_id);
        if !change.set.is_empty() {
            let parameters = resource().with_tags("Tag", &change.set);
            let _: Done = self.client.call("CreateTags", &parameters.0).await?;
        }
        if !change.remove.is_empty() {
            let key = |(number, key): (usize, &String)| (format!("Tag.{number}.Key"), key.clone());
            let mut parameters = resource();
            parameters.0.extend((1..).zip(&change.remove).map(key));
            let _: Done = self.client.call("DeleteTags", &parameters.0).await?;
        }
        Ok(())
    }
}
