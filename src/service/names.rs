//! Names and tags that this provider gives.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::cluster_name;
use super::configuration::ServiceSpec;
use super::object_names::is_ownership_tag;

/// The cluster that ECS uses when none is named (facts, express section 1.1).
pub const DEFAULT_CLUSTER_NAME: &str = "default";

/// Key of the tag that a service carries from its first call until its ARN is safely in a Terraform state.
pub const CREATION_MARKER_TAG_KEY: &str = "terraform-provider-express:creating";

/// Whether a tag is AWS's or this provider's own, never the user's.
pub fn is_system_tag(key: &str) -> bool {
    key.starts_with("aws:") || key == "AmazonECSManaged" || is_ownership_tag(key)
}

/// Value of the creation marker: which request a service was made for, and by which attempt.
///
/// A provider that is killed during a create leaves the marker behind. The next apply recognises the request
/// by its fingerprint and continues instead of making a second service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreationMarker {
    /// Same for every attempt at the same service.
    pub fingerprint: String,
    /// Different for every attempt.
    pub attempt: String,
}

impl CreationMarker {
    /// The marker of one attempt to create `spec`.
    ///
    /// The fingerprint covers what stays the same when a user corrects a configuration and tries again: cluster,
    /// name, infrastructure role, and for an unnamed service its image without tag and digest.
    pub fn new(spec: &ServiceSpec, attempt: u64) -> Self {
        let cluster = cluster_name(spec.cluster.as_deref().unwrap_or(DEFAULT_CLUSTER_NAME));
        let name = spec.service_name.as_deref().unwrap_or_default();
        let workload = match (&spec.service_name, &spec.configuration.primary_container) {
            (None, Some(container)) => image_repository(&container.image),
            (None, None) => spec.configuration.task_definition_arn.as_deref().unwrap_or_default(),
            (Some(_), _) => "",
        };
        let mut hasher = Sha256::new();
        for part in [cluster, name, &spec.infrastructure_role_arn, workload] {
            hasher.update(part.as_bytes());
            hasher.update([0]);
        }
        let digest = hasher.finalize();
        let mut first_bytes = [0; 8];
        first_bytes.copy_from_slice(&digest[..8]);
        let fingerprint = format!("{:016x}", u64::from_be_bytes(first_bytes));
        Self { fingerprint, attempt: format!("{attempt:016x}") }
    }
}

impl fmt::Display for CreationMarker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.fingerprint, self.attempt)
    }
}

/// A tag value is not a creation marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a creation marker")]
pub struct MarkerError;

impl FromStr for CreationMarker {
    type Err = MarkerError;

    fn from_str(text: &str) -> Result<Self, MarkerError> {
        let (fingerprint, attempt) = text.split_once('.').ok_or(MarkerError)?;
        Ok(Self { fingerprint: fingerprint.to_owned(), attempt: attempt.to_owned() })
    }
}

/// A name for a service, after its image: what is a name and a label of a host name in one, of `most` characters.
///
/// Image names have dots and underscores, and more characters than a label: what does not fit becomes a hyphen or goes.
pub fn name_after_image(image: &str, most: usize) -> String {
    let last = image_repository(image).rsplit('/').next().unwrap_or_default();
    let mut name = String::new();
    for character in last.chars() {
        let fitting = if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' };
        if name.len() < most && !(fitting == '-' && (name.is_empty() || name.ends_with('-'))) {
            name.push(fitting);
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "service".chars().take(most).collect() } else { name.to_owned() }
}

/// An image reference without its tag and digest.
fn image_repository(image: &str) -> &str {
    let without_digest = image.split_once('@').map_or(image, |(repository, _)| repository);
    match without_digest.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => without_digest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Configuration, PrimaryContainer};

    fn spec(image: &str, name: Option<&str>) -> ServiceSpec {
        let container = PrimaryContainer { image: image.to_owned(), ..PrimaryContainer::default() };
        ServiceSpec {
            service_name: name.map(str::to_owned),
            cluster: None,
            infrastructure_role_arn: "arn:aws:iam::1:role/infra".to_owned(),
            configuration: Configuration { primary_container: Some(container), ..Configuration::default() },
            tags: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn a_second_attempt_has_the_same_fingerprint_even_with_another_tag() {
        let first = CreationMarker::new(&spec("registry:5000/team/api:1", None), 1);
        let second = CreationMarker::new(&spec("registry:5000/team/api:2", None), 2);
        assert_eq!(first.fingerprint, second.fingerprint);
        assert_ne!(first, second);
    }

    #[test]
    fn different_services_have_different_fingerprints() {
        let api = CreationMarker::new(&spec("team/api:1", None), 1);
        assert_ne!(api.fingerprint, CreationMarker::new(&spec("team/web:1", None), 1).fingerprint);
        assert_ne!(api.fingerprint, CreationMarker::new(&spec("team/api:1", Some("api")), 1).fingerprint);
    }

    #[test]
    fn a_marker_survives_as_a_tag_value() {
        let marker = CreationMarker::new(&spec("api", None), 7);
        assert_eq!(marker.to_string().parse(), Ok(marker));
        assert_eq!("x".parse::<CreationMarker>(), Err(MarkerError));
    }

    #[test]
    fn an_image_loses_its_tag_and_digest_but_not_its_port() {
        assert_eq!(image_repository("registry:5000/team/api"), "registry:5000/team/api");
        assert_eq!(image_repository("team/api:1@sha256:abc"), "team/api");
    }

    #[test]
    fn a_service_is_called_after_its_image_in_what_a_host_name_takes() {
        let named = |image: &str| name_after_image(image, 20);
        assert_eq!(named("ghcr.io/acme/my.app:1"), "my-app");
        assert_eq!(named("ghcr.io/acme/my__app@sha256:abc"), "my-app");
        assert_eq!(named("Team/API"), "api");
        assert_eq!(named("registry:5000/-x-"), "x");
        assert_eq!(named("a/.."), "service");
        assert_eq!(named(&"a".repeat(300)), "a".repeat(20));
        assert_eq!(named("a/aaaaaaaaaaaaaaaaaaa_b"), "a".repeat(19), "no hyphen is left at the end");
    }

    #[test]
    fn tags_of_aws_are_not_the_users() {
        assert!(is_system_tag("aws:cloudformation:stack-name") && is_system_tag("AmazonECSManaged"));
        assert!(is_system_tag(CREATION_MARKER_TAG_KEY) && !is_system_tag("team"));
    }
}
