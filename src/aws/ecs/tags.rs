//! `TagResource`, `UntagResource`.

use super::{Ecs, SERVICE, convert};
use crate::aws::AwsError;
use crate::service::{ServiceArn, TagChange};

impl Ecs {
    /// Sets and removes tags of a service. Starts no deployment.
    pub(crate) async fn change_tags(&self, arn: &ServiceArn, change: &TagChange) -> Result<(), AwsError> {
        self.change_resource_tags(arn.as_str(), change).await
    }

    /// Sets and removes tags of anything in ECS, by ARN.
    pub(crate) async fn change_resource_tags(&self, arn: &str, change: &TagChange) -> Result<(), AwsError> {
        if !change.set.is_empty() {
            self.clients
                .ecs()
                .tag_resource()
                .resource_arn(arn)
                .set_tags(Some(convert::tags_to_input(&change.set)))
                .send()
                .await
                .map_err(|error| AwsError::from_sdk(SERVICE, "TagResource", error))?;
        }
        if !change.remove.is_empty() {
            self.clients
                .ecs()
                .untag_resource()
                .resource_arn(arn)
                .set_tag_keys(Some(change.remove.clone()))
                .send()
                .await
                .map_err(|error| AwsError::from_sdk(SERVICE, "UntagResource", error))?;
        }
        Ok(())
    }
}
