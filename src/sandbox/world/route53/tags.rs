//! Tags of hosted zones and health checks.

use serde_json::{Value, json};

use super::{bare_id, no_such_zone, not_found};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text, texts};
use crate::sandbox::world::{Scope, tag_list};

/// `ListTagsForResource`.
pub(super) fn list_for_resource(scope: &Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let (kind, id) = checked(scope, input)?;
    let tags = scope.account.route53.tags.get(&format!("{kind}/{id}")).cloned().unwrap_or_default();
    let set = json!({"ResourceType": kind, "ResourceId": id, "Tags": tag_list::to_list(&tags)});
    Ok(json!({"ResourceTagSet": set}))
}

/// `ChangeTagsForResource`.
pub(super) fn change(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let (kind, id) = checked(scope, input)?;
    let tags = scope.account.route53.tags.entry(format!("{kind}/{id}")).or_default();
    tags.extend(tag_list::from_list(list(input, "AddTags")));
    for key in texts(input, "RemoveTagKeys") {
        tags.remove(key);
    }
    Ok(json!({}))
}

fn checked(scope: &Scope<'_>, input: &Value) -> Result<(String, String), ApiError> {
    let kind = text(input, "ResourceType").unwrap_or_default();
    let id = bare_id(text(input, "ResourceId").unwrap_or_default());
    let state = &scope.account.route53;
    match kind {
        "hostedzone" if !state.hosted_zones.contains_key(id) => Err(no_such_zone(id)),
        "healthcheck" if !state.health_checks.contains_key(id) => {
            Err(not_found("NoSuchHealthCheck", format!("A health check with id {id} does not exist.")))
        }
        _ => Ok((kind.to_owned(), id.to_owned())),
    }
}
