//! Amazon ECR as this provider uses it: whether an image is there, and which processors it is built for.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::json::{JsonClient, JsonService};
use crate::aws::{AwsError, Clients};
use crate::service::ImageReference;

const ECR: JsonService = JsonService {
    name: "ECR",
    signing_name: "ecr",
    host_prefix: "api.ecr",
    endpoint_name: "ecr",
    sdk_id: "ecr",
    target_prefix: "AmazonEC2ContainerRegistry_V20150921",
    version: "1.1",
};

/// Formats of manifests: first those that list an image for each platform.
const MANIFEST_TYPES: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// Pages of `DescribePullThroughCacheRules` that are read at the most: 50 rules to a registry.
const PAGE_LIMIT: usize = 5;

/// The ECR API of one region.
pub(crate) struct Ecr {
    client: JsonClient,
}

/// What an image is built for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImagePlatforms {
    /// `amd64`, `arm64` and others, as its index lists them; empty: it has no index, so that it is not known.
    pub(crate) architectures: BTreeSet<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BatchGetImageOutput {
    images: Vec<ImageItem>,
    failures: Vec<FailureItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ImageItem {
    image_id: ImageId,
    image_manifest: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FailureItem {
    failure_code: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ImageId {
    image_tag: Option<String>,
    image_digest: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Manifest {
    manifests: Vec<ManifestEntry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ManifestEntry {
    platform: Platform,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Platform {
    architecture: String,
    os: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DescribePullThroughCacheRulesOutput {
    pull_through_cache_rules: Vec<RuleItem>,
    next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RuleItem {
    ecr_repository_prefix: String,
}

impl Ecr {
    /// Images that one call describes at the most.
    pub(crate) const IMAGES_PER_CALL: usize = 100;

    /// The API through these clients' configuration.
    pub(crate) fn new(clients: Clients) -> Self {
        Self { client: JsonClient::new(clients, ECR) }
    }

    /// Those of the images that a repository has; none if there is no such repository. An image that ECR cannot hand
    /// out for another reason than that it is not there is an error.
    pub(crate) async fn list_images(
        &self,
        registry_id: &str,
        repository: &str,
        references: &[ImageReference],
    ) -> Result<HashMap<ImageReference, ImagePlatforms>, AwsError> {
        let ids: Vec<Value> = references.iter().map(to_image_id).collect();
        let input = json!({
            "registryId": registry_id,
            "repositoryName": repository,
            "imageIds": ids,
            "acceptedMediaTypes": MANIFEST_TYPES,
        });
        let result = self.client.call::<BatchGetImageOutput>("BatchGetImage", &input).await;
        let output = AwsError::optional(result, &["RepositoryNotFoundException"])?.unwrap_or_default();
        if let Some(failure) = output.failures.iter().find(|failure| failure.failure_code != "ImageNotFound")
        {
            let code = failure.failure_code.clone();
            return Err(AwsError::answered(ECR.name, "BatchGetImage", code, String::new(), None));
        }
        Ok(references
            .iter()
            .filter_map(|reference| {
                let item = output.images.iter().find(|item| is_meant(reference, &item.image_id))?;
                Some((reference.clone(), from_manifest(&item.image_manifest)))
            })
            .collect())
    }

    /// Beginnings of the names of repositories that ECR fills from another registry when an image is first pulled.
    pub(crate) async fn list_pull_through_prefixes(
        &self,
        registry_id: &str,
    ) -> Result<Vec<String>, AwsError> {
        let mut prefixes = Vec::new();
        let mut input = json!({ "registryId": registry_id });
        for _ in 0..PAGE_LIMIT {
            let output: DescribePullThroughCacheRulesOutput =
                self.client.call("DescribePullThroughCacheRules", &input).await?;
            prefixes
                .extend(output.pull_through_cache_rules.into_iter().map(|rule| rule.ecr_repository_prefix));
            match output.next_token {
                Some(token) => input["nextToken"] = json!(token),
                None => break,
            }
        }
        Ok(prefixes)
    }
}

fn to_image_id(reference: &ImageReference) -> Value {
    match reference {
        ImageReference::Tag(tag) => json!({ "imageTag": tag }),
        ImageReference::Digest(digest) => json!({ "imageDigest": digest }),
    }
}

fn is_meant(reference: &ImageReference, id: &ImageId) -> bool {
    match reference {
        ImageReference::Tag(tag) => id.image_tag.as_ref() == Some(tag),
        ImageReference::Digest(digest) => id.image_digest.as_ref() == Some(digest),
    }
}

/// Entries of an index that are no images (signatures, attestations) have the platform `unknown`.
fn from_manifest(manifest: &str) -> ImagePlatforms {
    let manifest: Manifest = serde_json::from_str(manifest).unwrap_or_default();
    let platforms = manifest.manifests.into_iter().map(|entry| entry.platform);
    let images = platforms.filter(|platform| platform.os == "linux" && !platform.architecture.is_empty());
    ImagePlatforms { architectures: images.map(|platform| platform.architecture).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Answer, FakeAws};

    fn tag(tag: &str) -> ImageReference {
        ImageReference::Tag(tag.to_owned())
    }

    async fn listed(body: String, references: &[ImageReference]) -> (FakeAws, Result<Vec<String>, AwsError>) {
        let aws = FakeAws::answering(move |_| Answer::Http(200, body.clone()));
        let images = Ecr::new(aws.clients().await).list_images("123456789012", "api", references).await;
        let described = images.map(|images| {
            let mut lines: Vec<_> = images
                .into_iter()
                .map(|(reference, image)| format!("{reference} {:?}", image.architectures))
                .collect();
            lines.sort();
            lines
        });
        (aws, described)
    }

    #[tokio::test]
    async fn images_are_found_by_tag_and_by_digest_with_the_platforms_of_their_index() {
        let index = json!({"manifests": [
            {"platform": {"os": "linux", "architecture": "arm64"}},
            {"platform": {"os": "linux", "architecture": "amd64"}},
            {"platform": {"os": "unknown", "architecture": "unknown"}},
        ]});
        let body = json!({
            "images": [
                {"imageId": {"imageTag": "1", "imageDigest": "sha256:a"}, "imageManifest": index.to_string()},
                {"imageId": {"imageDigest": "sha256:b"}, "imageManifest": "{\"config\": {}}"},
            ],
            "failures": [{"imageId": {"imageTag": "2"}, "failureCode": "ImageNotFound"}],
        });
        let digest = ImageReference::Digest("sha256:b".to_owned());
        let (aws, images) = listed(body.to_string(), &[tag("1"), tag("2"), digest]).await;
        assert_eq!(images, Ok(vec![":1 {\"amd64\", \"arm64\"}".to_owned(), "@sha256:b {}".to_owned()]));
        assert_eq!(aws.seen()[0].uri, "https://api.ecr.eu-west-1.amazonaws.com/");
    }

    #[tokio::test]
    async fn an_image_that_cannot_be_handed_out_is_not_called_missing() {
        let body = json!({"failures": [{"imageId": {"imageTag": "1"}, "failureCode": "KmsError"}]});
        let (_, images) = listed(body.to_string(), &[tag("1")]).await;
        assert!(images.expect_err("unknown").has_code("KmsError"));
    }
}
