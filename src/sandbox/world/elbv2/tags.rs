//! Tags of load balancers, listeners, rules and target groups.

use serde_json::{Value, json};

use super::{Elbv2State, not_found};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, texts};
use crate::sandbox::world::{Scope, Tags, tag_list};

/// `DescribeTags`, of twenty resources at the most.
pub(super) fn describe(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    super::describe::check_count("ResourceArns", &texts(input, "ResourceArns"))?;
    let mut descriptions = Vec::new();
    for arn in texts(input, "ResourceArns") {
        let tags = find(&mut scope.region.elbv2, arn)?;
        descriptions.push(json!({"ResourceArn": arn, "Tags": tag_list::to_list(tags)}));
    }
    Ok(json!({"TagDescriptions": descriptions}))
}

/// `AddTags`: to all of the resources, or to none if one is missing.
pub(super) fn add(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let tags = tag_list::from_list(list(input, "Tags"));
    change(scope, input, |present| present.extend(tags.clone()))
}

/// `RemoveTags`: from all of the resources, or from none if one is missing.
pub(super) fn remove(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let keys = texts(input, "TagKeys");
    change(scope, input, |present| present.retain(|key, _| !keys.contains(&key.as_str())))
}

fn change(scope: &mut Scope<'_>, input: &Value, change: impl Fn(&mut Tags)) -> Result<Value, ApiError> {
    let elbv2 = &mut scope.region.elbv2;
    let arns = texts(input, "ResourceArns");
    for arn in &arns {
        find(elbv2, arn)?;
    }
    for arn in arns {
        change(find(elbv2, arn)?);
    }
    Ok(json!({}))
}

fn find<'a>(elbv2: &'a mut Elbv2State, arn: &str) -> Result<&'a mut Tags, ApiError> {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let (kind, tags) = match resource.split('/').next() {
        Some("loadbalancer") => ("load balancer", elbv2.load_balancers.get_mut(arn).map(|it| &mut it.tags)),
        Some("listener") => ("listener", elbv2.listeners.get_mut(arn).map(|it| &mut it.tags)),
        Some("listener-rule") => ("rule", elbv2.rules.get_mut(arn).map(|it| &mut it.tags)),
        _ => ("target group", elbv2.target_groups.get_mut(arn).map(|it| &mut it.tags)),
    };
    tags.ok_or_else(|| not_found(kind))
}
