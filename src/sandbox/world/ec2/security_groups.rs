//! Security groups and their rules, in both of the API's shapes: permissions and single rules.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::describe::Described;
use super::{
    Ec2State, SecurityGroup, SecurityGroupRule, done, group_not_found, invalid, not_found, tags,
    vpc_not_found,
};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::input::{list, text, texts};
use crate::sandbox::world::tag_list;

/// Most rules per group and direction (a VPC quota).
const MAX_RULES: usize = 60;

/// A rule with the group that it belongs to.
pub(super) struct GroupRule<'a> {
    pub(super) group: &'a SecurityGroup,
    pub(super) rule: &'a SecurityGroupRule,
}

/// The rules of all groups.
pub(super) fn all_rules(ec2: &Ec2State) -> impl Iterator<Item = GroupRule<'_>> {
    ec2.security_groups.values().flat_map(SecurityGroup::rules_with_group)
}

impl SecurityGroup {
    fn rules_with_group(&self) -> impl Iterator<Item = GroupRule<'_>> {
        self.rules.iter().map(|rule| GroupRule { group: self, rule })
    }
}

/// `CreateSecurityGroup`: lets everything out, nothing in.
pub(super) fn create(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let ec2 = &scope.region.ec2;
    let default_vpc = || ec2.vpcs.values().find(|vpc| vpc.is_default).map(|vpc| vpc.id.as_str());
    let vpc_id = text(input, "VpcId").or_else(default_vpc).unwrap_or_default().to_owned();
    if !ec2.vpcs.contains_key(&vpc_id) {
        return Err(vpc_not_found(&vpc_id));
    }
    let name = text(input, "GroupName").unwrap_or_default().to_owned();
    if name.is_empty() || name.len() > 255 || name.starts_with("sg-") {
        return Err(invalid(format!("Value ({name}) for parameter GroupName is invalid.")));
    }
    let description = text(input, "Description").unwrap_or_default().to_owned();
    if !is_description(&description) {
        return Err(invalid(format!("Value ({description}) for parameter GroupDescription is invalid.")));
    }
    if ec2.security_groups.values().any(|group| group.vpc_id == vpc_id && group.name == name) {
        let message = format!("The security group '{name}' already exists for VPC '{vpc_id}'");
        return Err(ApiError::client("InvalidGroup.Duplicate", message));
    }
    let egress = SecurityGroupRule {
        id: scope.ids.ec2_id("sgr"),
        is_egress: true,
        ip_protocol: "-1".to_owned(),
        cidr_ipv4: Some("0.0.0.0/0".to_owned()),
        ..SecurityGroupRule::default()
    };
    let group = SecurityGroup {
        id: scope.ids.ec2_id("sg"),
        name,
        description,
        vpc_id,
        rules: vec![egress],
        tags: tags::specified(input, "security-group"),
    };
    let answer = json!({
        "GroupId": group.id,
        "Tags": tag_list::to_list(&group.tags),
        "SecurityGroupArn": scope.region.arn("ec2", &format!("security-group/{}", group.id)),
    });
    scope.region.ec2.security_groups.insert(group.id.clone(), group);
    Ok(answer)
}

/// Letters, digits, spaces and some signs of ASCII, as EC2 takes them in descriptions.
fn is_description(text: &str) -> bool {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b" ._-:/()#,@[]+=&;{}!$*".contains(&byte);
    text.len() <= 255 && text.bytes().all(is_valid)
}

/// `DeleteSecurityGroup`: refused while a network interface or a rule of another group uses it.
pub(super) fn delete(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let ec2 = &mut scope.region.ec2;
    let id = text(input, "GroupId").unwrap_or_default();
    let group = ec2.security_groups.get(id).ok_or_else(|| group_not_found(id))?;
    if group.name == "default" {
        let message = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(ApiError::client("CannotDelete", message));
    }
    let is_attached =
        ec2.network_interfaces.values().any(|interface| interface.group_ids.iter().any(|it| it == id));
    let is_referenced =
        all_rules(ec2).any(|it| it.group.id != id && it.rule.referenced_group_id.as_deref() == Some(id));
    if is_attached || is_referenced {
        let message = format!("resource {id} has a dependent object");
        return Err(ApiError::client("DependencyViolation", message));
    }
    ec2.security_groups.remove(id);
    Ok(json!({"Return": true, "GroupId": id}))
}

/// `AuthorizeSecurityGroupIngress` and `...Egress`: all of the rules, or none.
pub(super) fn authorize(scope: &mut Scope<'_>, input: &Value, is_egress: bool) -> Result<Value, ApiError> {
    let id = text(input, "GroupId").unwrap_or_default();
    let mut group = scope.region.ec2.security_groups.get(id).cloned().ok_or_else(|| group_not_found(id))?;
    let tags = tags::specified(input, "security-group-rule");
    let mut added = asked_rules(input, is_egress);
    if added.is_empty() {
        let message = "The request must contain the parameter ipPermissions";
        return Err(ApiError::client("MissingParameter", message));
    }
    for rule in &mut added {
        if let Some(missing) =
            rule.referenced_group_id.as_ref().filter(|it| !scope.region.ec2.security_groups.contains_key(*it))
        {
            return Err(group_not_found(missing));
        }
        if group.rules.iter().any(|known| is_same(known, rule)) {
            let message = format!("the specified rule \"{}\" already exists", peer_text(rule));
            return Err(ApiError::client("InvalidPermission.Duplicate", message));
        }
        rule.id = scope.ids.ec2_id("sgr");
        rule.tags.clone_from(&tags);
        group.rules.push(rule.clone());
    }
    if group.rules.iter().filter(|rule| rule.is_egress == is_egress).count() > MAX_RULES {
        let message = "The maximum number of rules per security group has been reached.";
        return Err(ApiError::client("RulesPerSecurityGroupLimitExceeded", message));
    }
    let outputs = added.iter().map(|rule| GroupRule { group: &group, rule }.output(scope.region));
    let answer = json!({"Return": true, "SecurityGroupRules": outputs.collect::<Vec<Value>>()});
    scope.region.ec2.security_groups.insert(id.to_owned(), group);
    Ok(answer)
}

/// `RevokeSecurityGroupIngress` and `...Egress`: by rule id or by permission; all of them, or none.
pub(super) fn revoke(scope: &mut Scope<'_>, input: &Value, is_egress: bool) -> Result<Value, ApiError> {
    let id = text(input, "GroupId").unwrap_or_default();
    let group = scope.region.ec2.security_groups.get_mut(id).ok_or_else(|| group_not_found(id))?;
    let ids = texts(input, "SecurityGroupRuleIds");
    let mut kept = group.rules.clone();
    for rule_id in ids {
        let missing = || not_found("InvalidSecurityGroupRuleId.NotFound", "security group rule ID", rule_id);
        let is_it = |rule: &SecurityGroupRule| rule.id == rule_id && rule.is_egress == is_egress;
        let position = kept.iter().position(is_it).ok_or_else(missing)?;
        kept.remove(position);
    }
    for asked in asked_rules(input, is_egress) {
        let missing = || {
            let message = "The specified rule does not exist in this security group.";
            ApiError::client("InvalidPermission.NotFound", message)
        };
        let position = kept.iter().position(|rule| is_same(rule, &asked)).ok_or_else(missing)?;
        kept.remove(position);
    }
    group.rules = kept;
    Ok(done())
}

/// The rules that the input describes: as permissions, or as one rule in the older flat members.
fn asked_rules(input: &Value, is_egress: bool) -> Vec<SecurityGroupRule> {
    let permissions = list(input, "IpPermissions");
    if !permissions.is_empty() {
        return permissions.iter().flat_map(|permission| permission_rules(permission, is_egress)).collect();
    }
    let Some(cidr) = text(input, "CidrIp") else { return Vec::new() };
    vec![SecurityGroupRule { cidr_ipv4: Some(cidr.to_owned()), ..ports(input, is_egress) }]
}

fn permission_rules(permission: &Value, is_egress: bool) -> Vec<SecurityGroupRule> {
    let ports = ports(permission, is_egress);
    let peers = [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("UserIdGroupPairs", "GroupId")];
    let mut rules = Vec::new();
    for (member, peer) in peers {
        for entry in list(permission, member) {
            let address = text(entry, peer).map(str::to_owned);
            let description = text(entry, "Description").map(str::to_owned);
            let mut rule = SecurityGroupRule { description, ..ports.clone() };
            match member {
                "IpRanges" => rule.cidr_ipv4 = address,
                "Ipv6Ranges" => rule.cidr_ipv6 = address,
                _ => rule.referenced_group_id = address,
            }
            rules.push(rule);
        }
    }
    rules
}

/// Protocol and ports alone. The protocol "all" has no ports.
fn ports(permission: &Value, is_egress: bool) -> SecurityGroupRule {
    let ip_protocol = match text(permission, "IpProtocol").unwrap_or("-1") {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        other => other,
    };
    let port = |member: &str| permission[member].as_i64().filter(|_| ip_protocol != "-1");
    SecurityGroupRule {
        is_egress,
        ip_protocol: ip_protocol.to_owned(),
        from_port: port("FromPort"),
        to_port: port("ToPort"),
        ..SecurityGroupRule::default()
    }
}

/// Whether two rules admit the same: everything but name, description and tags.
fn is_same(left: &SecurityGroupRule, right: &SecurityGroupRule) -> bool {
    let essence = |rule: &SecurityGroupRule| SecurityGroupRule {
        id: String::new(),
        description: None,
        tags: BTreeMap::new(),
        ..rule.clone()
    };
    essence(left) == essence(right)
}

fn peer_text(rule: &SecurityGroupRule) -> String {
    let peer = rule.cidr_ipv4.as_ref().or(rule.cidr_ipv6.as_ref()).or(rule.referenced_group_id.as_ref());
    let peer = peer.map_or("", String::as_str);
    let protocol = if rule.ip_protocol == "-1" { "ALL".to_owned() } else { rule.ip_protocol.to_uppercase() };
    match (rule.from_port, rule.to_port) {
        (Some(from), Some(to)) => {
            format!("peer: {peer}, {protocol}, from port: {from}, to port: {to}, ALLOW")
        }
        _ => format!("peer: {peer}, {protocol}, ALLOW"),
    }
}

/// The rules of one direction, grouped by protocol and ports as `DescribeSecurityGroups` shows them.
pub(super) fn permissions(group: &SecurityGroup, is_egress: bool, account_id: &str) -> Vec<Value> {
    type Ports<'a> = (&'a str, Option<i64>, Option<i64>);
    let mut grouped: BTreeMap<Ports<'_>, Vec<&SecurityGroupRule>> = BTreeMap::new();
    for rule in group.rules.iter().filter(|rule| rule.is_egress == is_egress) {
        grouped.entry((&rule.ip_protocol, rule.from_port, rule.to_port)).or_default().push(rule);
    }
    let permission = |((protocol, from, to), rules): (Ports<'_>, Vec<&SecurityGroupRule>)| {
        let entries = |entry: &dyn Fn(&SecurityGroupRule) -> Option<Value>| -> Vec<Value> {
            rules.iter().filter_map(|rule| entry(rule)).collect()
        };
        json!({
            "IpProtocol": protocol,
            "FromPort": from,
            "ToPort": to,
            "IpRanges": entries(&|rule| {
                rule.cidr_ipv4.as_ref().map(|cidr| json!({"CidrIp": cidr, "Description": rule.description}))
            }),
            "Ipv6Ranges": entries(&|rule| {
                rule.cidr_ipv6.as_ref().map(|cidr| json!({"CidrIpv6": cidr, "Description": rule.description}))
            }),
            "UserIdGroupPairs": entries(&|rule| {
                let pair = |id: &String| {
                    json!({"GroupId": id, "UserId": account_id, "Description": rule.description})
                };
                rule.referenced_group_id.as_ref().map(pair)
            }),
            "PrefixListIds": [],
        })
    };
    grouped.into_iter().map(permission).collect()
}

/// The values that the filters `ip-permission.*` compare with.
pub(super) fn permission_values<'a>(
    rules: impl Iterator<Item = &'a SecurityGroupRule>,
    filter: &str,
) -> Option<Vec<String>> {
    let value: fn(&SecurityGroupRule) -> Option<String> = match filter {
        "group-id" => |rule| rule.referenced_group_id.clone(),
        "cidr" => |rule| rule.cidr_ipv4.clone(),
        "ipv6-cidr" => |rule| rule.cidr_ipv6.clone(),
        "protocol" => |rule| Some(rule.ip_protocol.clone()),
        "from-port" => |rule| rule.from_port.map(|port| port.to_string()),
        "to-port" => |rule| rule.to_port.map(|port| port.to_string()),
        _ => return None,
    };
    Some(rules.filter_map(value).collect())
}
