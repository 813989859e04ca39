//! Tags of ECS resources: `TagResource`, `UntagResource`, `ListTagsForResource`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors;
use super::service::ServiceStatus;
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::ecs::input::{flatten_tags, parse};
use crate::sandbox::world::{Scope, Tags};

/// A tag in the form of ECS.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Tag {
    #[serde(default)]
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// The tags of an input as a map.
pub(crate) fn from_input(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

/// Checks number and form of user tags.
///
/// # Errors
/// `InvalidParameterException`, as ECS words it.
pub(crate) fn validate(tags: &[Tag]) -> Result<(), ApiError> {
    if tags.len() > 50 {
        return Err(errors::invalid_parameter("Tags can not have more than 50 tags."));
    }
    for tag in tags {
        if tag.key.is_empty() || tag.key.chars().count() > 128 {
            return Err(errors::invalid_parameter("Tag key must be between 1 and 128 characters."));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(errors::invalid_parameter("Tag key can not begin with 'aws:'."));
        }
        if tag.value.chars().count() > 256 {
            return Err(errors::invalid_parameter("Tag value must be at most 256 characters."));
        }
        // The pattern of TagKey and TagValue in the API model.
        let is_taken = |it: char| it.is_alphanumeric() || it == ' ' || "_.:/=+-@".contains(it);
        if !tag.key.chars().chain(tag.value.chars()).all(is_taken) {
            return Err(errors::invalid_parameter(
                "Tag keys and values must match the pattern ([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*).",
            ));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TagInput {
    resource_arn: String,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    tag_keys: Vec<String>,
}

/// `TagResource`.
pub(crate) fn tag(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: TagInput = parse(request)?;
    check_resource(scope, &input.resource_arn)?;
    validate(&input.tags)?;
    let tags = scope.region.ecs.tags.entry(input.resource_arn).or_default();
    tags.extend(from_input(&input.tags));
    if tags.len() > 50 {
        return Err(errors::invalid_parameter("Tags can not have more than 50 tags."));
    }
    Ok(json!({}))
}

/// `UntagResource`: keys that are not there are ignored.
pub(crate) fn untag(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: TagInput = parse(request)?;
    check_resource(scope, &input.resource_arn)?;
    if let Some(tags) = scope.region.ecs.tags.get_mut(&input.resource_arn) {
        tags.retain(|key, _| !input.tag_keys.contains(key));
    }
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(crate) fn list(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: TagInput = parse(request)?;
    check_resource(scope, &input.resource_arn)?;
    let tags = scope.region.ecs.tags.get(&input.resource_arn).cloned().unwrap_or_default();
    Ok(json!({"tags": flatten_tags(&tags)}))
}

fn check_resource(scope: &Scope<'_>, arn: &str) -> Result<(), ApiError> {
    let ecs = &scope.region.ecs;
    if let Some(service) = ecs.services.get(arn) {
        return match service.status {
            ServiceStatus::Inactive => Err(errors::invalid_parameter(
                "The specified service is inactive. Specify an active service and try again.",
            )),
            _ => Ok(()),
        };
    }
    let known = ecs.clusters.values().any(|cluster| cluster.active && cluster.arn == arn)
        || ecs.task_definitions.contains_key(arn)
        || ecs.tasks.contains_key(arn);
    if known {
        return Ok(());
    }
    Err(errors::invalid_parameter("The specified resource was not found. Verify the ARN and try again."))
}
