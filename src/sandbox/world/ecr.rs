//! Amazon ECR: which images a repository has. No layer is ever stored.
//!
//! Any image may be used in the sandbox without pushing it: a repository that nobody has made has every image, for both
//! processors. One that was made has what was put into it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::input::{list, text};
use super::{Scope, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// ECR of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EcrState {
    /// The repositories that were made: image tag to manifest.
    repositories: BTreeMap<String, BTreeMap<String, String>>,
    /// Repositories that were deleted.
    deleted: BTreeSet<String>,
    /// Prefixes of pull-through caches.
    cache_prefixes: BTreeSet<String>,
}

/// Executes one ECR operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    match request.operation.as_str() {
        "CreateRepository" => create_repository(scope, input),
        "DeleteRepository" => {
            let name = repository_name(scope, input)?;
            scope.region.ecr.repositories.remove(&name);
            scope.region.ecr.deleted.insert(name);
            Ok(json!({}))
        }
        "PutImage" => put_image(scope, input),
        "BatchGetImage" => batch_get_image(scope, input),
        "CreatePullThroughCacheRule" => {
            let prefix = text(input, "ecrRepositoryPrefix").unwrap_or_default().to_owned();
            scope.region.ecr.cache_prefixes.insert(prefix);
            Ok(json!({}))
        }
        "DescribePullThroughCacheRules" => {
            let rules = scope.region.ecr.cache_prefixes.iter();
            let rules: Vec<Value> = rules.map(|prefix| json!({"ecrRepositoryPrefix": prefix})).collect();
            Ok(json!({"pullThroughCacheRules": rules}))
        }
        _ => Err(unknown_operation(request)),
    }
}

fn create_repository(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = text(input, "repositoryName").unwrap_or_default().to_owned();
    let ecr = &mut scope.region.ecr;
    if ecr.repositories.contains_key(&name) {
        let message = format!("The repository with name '{name}' already exists in the registry");
        return Err(ApiError::client("RepositoryAlreadyExistsException", message));
    }
    ecr.deleted.remove(&name);
    ecr.repositories.insert(name.clone(), BTreeMap::new());
    let arn = scope.region.arn("ecr", &format!("repository/{name}"));
    Ok(json!({"repository": {"repositoryName": name, "repositoryArn": arn}}))
}

fn put_image(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = repository_name(scope, input)?;
    let (tag, manifest) = (text(input, "imageTag").unwrap_or("latest"), text(input, "imageManifest"));
    let manifest = manifest.unwrap_or_default().to_owned();
    let answer = json!({"image": image(Some(tag), &manifest)});
    scope.region.ecr.repositories.entry(name).or_default().insert(tag.to_owned(), manifest);
    Ok(answer)
}

fn batch_get_image(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = repository_name(scope, input)?;
    let made = scope.region.ecr.repositories.get(&name);
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in list(input, "imageIds") {
        let (tag, digest) = (text(id, "imageTag"), text(id, "imageDigest"));
        let found = match made {
            None => Some(json!({"imageId": id, "imageManifest": index(&["amd64", "arm64"])})),
            Some(images) => images
                .iter()
                .find(|(known, manifest)| match tag {
                    Some(tag) => *known == tag,
                    None => digest == Some(digest_of(manifest).as_str()),
                })
                .map(|(_, manifest)| image(tag, manifest)),
        };
        match found {
            Some(image) => images.push(image),
            None => failures.push(json!({
                "imageId": id,
                "failureCode": "ImageNotFound",
                "failureReason": "Requested image not found",
            })),
        }
    }
    Ok(json!({"images": images, "failures": failures}))
}

fn repository_name(scope: &Scope<'_>, input: &Value) -> Result<String, ApiError> {
    let name = text(input, "repositoryName").unwrap_or_default();
    if scope.region.ecr.deleted.contains(name) {
        let account = &scope.region.account_id;
        let message =
            format!("The repository with name '{name}' does not exist in the registry with id '{account}'");
        return Err(ApiError::client("RepositoryNotFoundException", message));
    }
    Ok(name.to_owned())
}

fn image(tag: Option<&str>, manifest: &str) -> Value {
    json!({"imageId": {"imageTag": tag, "imageDigest": digest_of(manifest)}, "imageManifest": manifest})
}

fn digest_of(manifest: &str) -> String {
    let mut digest = "sha256:".to_owned();
    for byte in Sha256::digest(manifest.as_bytes()) {
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

/// An index with an image for each of these processors.
fn index(architectures: &[&str]) -> String {
    let entry = |architecture: &&str| json!({"platform": {"os": "linux", "architecture": architecture}});
    json!({"schemaVersion": 2, "manifests": architectures.iter().map(entry).collect::<Vec<Value>>()})
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::testing::Caller;

    fn get(ecr: &mut Caller, id: &Value) -> Value {
        ecr.call("BatchGetImage", json!({"repositoryName": "api", "imageIds": [id]})).unwrap()
    }

    #[test]
    fn a_repository_that_nobody_made_has_every_image_and_one_that_was_made_only_its_own() {
        let mut ecr = Caller::of(Service::Ecr);
        let tag = json!({"imageTag": "1"});
        assert!(get(&mut ecr, &tag)["images"][0]["imageManifest"].as_str().unwrap().contains("arm64"));
        ecr.call("CreateRepository", json!({"repositoryName": "api"})).unwrap();
        assert_eq!(get(&mut ecr, &tag)["failures"][0]["failureCode"], "ImageNotFound");
        let put = json!({"repositoryName": "api", "imageTag": "1", "imageManifest": index(&["arm64"])});
        let digest = ecr.call("PutImage", put).unwrap()["image"]["imageId"]["imageDigest"].take();
        for id in [tag, json!({"imageDigest": digest})] {
            assert_eq!(get(&mut ecr, &id)["images"][0]["imageManifest"], index(&["arm64"]));
        }
        ecr.call("DeleteRepository", json!({"repositoryName": "api"})).unwrap();
        let gone = json!({"repositoryName": "api", "imageIds": []});
        assert_eq!(ecr.refusal("BatchGetImage", gone), "RepositoryNotFoundException");
    }
}
