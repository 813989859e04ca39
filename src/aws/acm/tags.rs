//! `AddTagsToCertificate`, `RemoveTagsFromCertificate`, `ListTagsForCertificate`.

use std::collections::BTreeMap;

use aws_sdk_acm::types::Tag;

use super::{Acm, NOT_FOUND, from_sdk};
use crate::aws::AwsError;
use crate::service::TagChange;

type Tags = BTreeMap<String, String>;

impl Acm {
    /// The tags of a certificate; `None`: it does not exist.
    pub async fn find_tags(&self, certificate_arn: &str) -> Result<Option<Tags>, AwsError> {
        let request = self.clients.acm().list_tags_for_certificate().certificate_arn(certificate_arn);
        let result = request.send().await.map_err(from_sdk("ListTagsForCertificate"));
        let output = AwsError::optional(result, &[NOT_FOUND])?;
        let tag = |tag: &Tag| (tag.key.clone(), tag.value.clone().unwrap_or_default());
        Ok(output.map(|output| output.tags().iter().map(tag).collect()))
    }

    /// Sets and removes tags of a certificate.
    pub async fn change_tags(&self, certificate_arn: &str, change: &TagChange) -> Result<(), AwsError> {
        if let Some(tags) = to_input(&change.set) {
            let request = self.clients.acm().add_tags_to_certificate().certificate_arn(certificate_arn);
            request.set_tags(Some(tags)).send().await.map_err(from_sdk("AddTagsToCertificate"))?;
        }
        if !change.remove.is_empty() {
            let request = self.clients.acm().remove_tags_from_certificate().certificate_arn(certificate_arn);
            let keys = change.remove.iter().filter_map(|key| Tag::builder().key(key).build().ok()).collect();
            request.set_tags(Some(keys)).send().await.map_err(from_sdk("RemoveTagsFromCertificate"))?;
        }
        Ok(())
    }
}

/// Tags of a create; the API takes no empty list. Every tag has a key, which is all that the builder asks for.
pub(super) fn to_input(tags: &Tags) -> Option<Vec<Tag>> {
    let tags: Vec<Tag> =
        tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect();
    Some(tags).filter(|tags| !tags.is_empty())
}
