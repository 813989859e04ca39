//! `AddTags`, `RemoveTags`, `DescribeTags`.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{Tag, TagDescription};

use super::{ARNS_PER_CALL, Elbv2, from_sdk};
use crate::aws::AwsError;
use crate::service::TagChange;

/// How `DescribeTags` says that one of the resources does not exist, which fails the whole call.
const NOT_FOUND: [&str; 4] =
    ["LoadBalancerNotFound", "ListenerNotFound", "RuleNotFound", "TargetGroupNotFound"];

type Tags = BTreeMap<String, String>;

impl Elbv2 {
    /// Sets and removes tags of one resource.
    pub async fn change_tags(&self, arn: &str, change: &TagChange) -> Result<(), AwsError> {
        if let Some(tags) = to_input(&change.set) {
            let request = self.clients.elbv2().add_tags().resource_arns(arn);
            request.set_tags(Some(tags)).send().await.map_err(from_sdk("AddTags"))?;
        }
        if !change.remove.is_empty() {
            let request = self.clients.elbv2().remove_tags().resource_arns(arn);
            let request = request.set_tag_keys(Some(change.remove.clone()));
            request.send().await.map_err(from_sdk("RemoveTags"))?;
        }
        Ok(())
    }

    /// The tags of those of the resources that exist, by ARN.
    pub async fn list_tags(&self, arns: &[String]) -> Result<BTreeMap<String, Tags>, AwsError> {
        let mut tags = BTreeMap::new();
        for arns in arns.chunks(ARNS_PER_CALL) {
            let described = self.describe_tags(arns.to_vec()).await;
            match AwsError::optional(described, &NOT_FOUND)? {
                Some(described) => tags.extend(described),
                None => {
                    for arn in arns {
                        let described = self.describe_tags(vec![arn.clone()]).await;
                        tags.extend(AwsError::optional(described, &NOT_FOUND)?.unwrap_or_default());
                    }
                }
            }
        }
        Ok(tags)
    }

    /// The tags of one resource; `None`: it does not exist.
    pub async fn find_tags(&self, arn: &str) -> Result<Option<Tags>, AwsError> {
        Ok(self.list_tags(&[arn.to_owned()]).await?.remove(arn))
    }

    async fn describe_tags(&self, arns: Vec<String>) -> Result<BTreeMap<String, Tags>, AwsError> {
        let request = self.clients.elbv2().describe_tags().set_resource_arns(Some(arns));
        let output = request.send().await.map_err(from_sdk("DescribeTags"))?;
        Ok(output.tag_descriptions().iter().filter_map(from_output).collect())
    }
}

/// Tags of a create; the API takes no empty list.
pub(super) fn to_input(tags: &Tags) -> Option<Vec<Tag>> {
    let tags: Vec<Tag> =
        tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    Some(tags).filter(|tags| !tags.is_empty())
}

fn from_output(output: &TagDescription) -> Option<(String, Tags)> {
    let tag = |tag: &Tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default()));
    Some((output.resource_arn.clone()?, output.tags().iter().filter_map(tag).collect()))
}
