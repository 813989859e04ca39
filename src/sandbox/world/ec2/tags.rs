//! Tags of EC2's things.

use serde_json::Value;

use super::describe::Described;
use super::{Ec2State, InternetGateway, RouteTable, SecurityGroup, Subnet, Vpc, done, invalid, not_found};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::input::{list, text, texts};
use crate::sandbox::world::{Scope, Tags, tag_list};

/// The tags of `TagSpecifications` for one type of resource.
pub(super) fn specified(input: &Value, resource_type: &str) -> Tags {
    let specifications = list(input, "TagSpecifications").iter();
    let of_type = specifications.filter(|it| text(it, "ResourceType") == Some(resource_type));
    of_type.flat_map(|it| tag_list::from_list(list(it, "Tags"))).collect()
}

/// `CreateTags`: on all of the resources, or on none if one is missing.
pub(super) fn create(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let tags = tag_list::from_list(list(input, "Tags"));
    if tags.keys().any(|key| key.starts_with("aws:")) {
        return Err(invalid("Tag keys starting with 'aws:' are reserved for internal use"));
    }
    change(scope, input, |present| present.extend(tags.clone()))
}

/// `DeleteTags`: by key, or by key and value; all tags if none is named.
pub(super) fn delete(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let asked = list(input, "Tags");
    let is_asked = |key: &str, value: &str| {
        let is_it = |tag: &Value| {
            text(tag, "Key") == Some(key) && text(tag, "Value").is_none_or(|asked| asked == value)
        };
        asked.is_empty() || asked.iter().any(is_it)
    };
    change(scope, input, |present| present.retain(|key, value| !is_asked(key, value)))
}

fn change(scope: &mut Scope<'_>, input: &Value, change: impl Fn(&mut Tags)) -> Result<Value, ApiError> {
    let ec2 = &mut scope.region.ec2;
    let ids = texts(input, "Resources");
    for id in &ids {
        find(ec2, id)?;
    }
    for id in ids {
        change(find(ec2, id)?);
    }
    Ok(done())
}

fn find<'a>(ec2: &'a mut Ec2State, id: &str) -> Result<&'a mut Tags, ApiError> {
    let ((code, noun), tags) = match id.split('-').next().unwrap_or_default() {
        "vpc" => (Vpc::NOT_FOUND, ec2.vpcs.get_mut(id).map(|it| &mut it.tags)),
        "subnet" => (Subnet::NOT_FOUND, ec2.subnets.get_mut(id).map(|it| &mut it.tags)),
        "rtb" => (RouteTable::NOT_FOUND, ec2.route_tables.get_mut(id).map(|it| &mut it.tags)),
        "igw" => (InternetGateway::NOT_FOUND, ec2.internet_gateways.get_mut(id).map(|it| &mut it.tags)),
        "sg" => (SecurityGroup::NOT_FOUND, ec2.security_groups.get_mut(id).map(|it| &mut it.tags)),
        "sgr" => {
            let mut rules = ec2.security_groups.values_mut().flat_map(|group| &mut group.rules);
            let not_found = super::security_groups::GroupRule::NOT_FOUND;
            (not_found, rules.find(|rule| rule.id == id).map(|rule| &mut rule.tags))
        }
        _ => (("InvalidID", "ID"), None),
    };
    tags.ok_or_else(|| not_found(code, noun, id))
}
