//! Query parameters to nested JSON: `Filter.1.Value.2=x` to `{"Filters": [{"Values": [_, "x"]}]}`.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::services::{EC2_INPUT_LISTS, ServiceTable};
use crate::sandbox::api::Service;

/// Most parameters of one request.
const MAX_PARAMETERS: usize = 20_000;

/// Deepest nesting of a parameter name.
const MAX_DEPTH: usize = 16;

/// Why parameters could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ParameterError {
    /// The request is larger than any of these APIs allows.
    #[error("The request has more than {MAX_PARAMETERS} parameters or nests deeper than {MAX_DEPTH}")]
    TooLarge,
    /// One name is both a value and a structure.
    #[error("The parameter {0} is given both as a value and as a structure")]
    Ambiguous(String),
    /// A number or boolean that is none.
    #[error("Invalid value '{value}' for parameter {member}")]
    Malformed {
        /// Member name.
        member: String,
        /// The text given.
        value: String,
    },
}

/// One level of parameter names.
#[derive(Debug)]
enum Node {
    Leaf(String),
    Branch(BTreeMap<String, Node>),
}

/// The pairs of a form body or query string, percent-decoded.
pub(super) fn pairs(form: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(form).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Nests `pairs` into the JSON of the operation's input, with the types of the service's table.
///
/// `Action` and `Version` are left out.
pub(super) fn nest(pairs: Vec<(String, String)>, table: &ServiceTable) -> Result<Value, ParameterError> {
    if pairs.len() > MAX_PARAMETERS {
        return Err(ParameterError::TooLarge);
    }
    let mut root = BTreeMap::new();
    for (name, value) in pairs {
        if name == "Action" || name == "Version" {
            continue;
        }
        insert(&mut root, &name, value)?;
    }
    to_object("", root, table)
}

fn insert(root: &mut BTreeMap<String, Node>, name: &str, value: String) -> Result<(), ParameterError> {
    let ambiguous = || ParameterError::Ambiguous(name.to_owned());
    let mut segments: Vec<&str> = name.split('.').collect();
    if segments.len() > MAX_DEPTH {
        return Err(ParameterError::TooLarge);
    }
    let last = segments.pop().unwrap_or_default();
    let mut branch = root;
    for segment in segments {
        let next = branch.entry(segment.to_owned()).or_insert_with(|| Node::Branch(BTreeMap::new()));
        branch = match next {
            Node::Branch(inner) => inner,
            Node::Leaf(_) => return Err(ambiguous()),
        };
    }
    match branch.insert(last.to_owned(), Node::Leaf(value)) {
        Some(Node::Branch(_)) => Err(ambiguous()),
        _ => Ok(()),
    }
}

fn to_object(
    parent: &str,
    branch: BTreeMap<String, Node>,
    table: &ServiceTable,
) -> Result<Value, ParameterError> {
    let mut object = Map::new();
    for (name, node) in branch {
        let (member, value) = to_member(parent, name, node, table)?;
        object.insert(member, value);
    }
    Ok(Value::Object(object))
}

fn to_member(
    parent: &str,
    name: String,
    node: Node,
    table: &ServiceTable,
) -> Result<(String, Value), ParameterError> {
    match node {
        Node::Leaf(text) => {
            let member = scalar_member(name, table);
            let value = to_scalar(parent, &member, text, table)?;
            Ok((member, value))
        }
        Node::Branch(branch) => match into_list(branch) {
            Ok(elements) => {
                let member = list_member(name, table);
                let values = elements.into_iter().map(|element| to_element(&member, element, table));
                let values = values.collect::<Result<Vec<Value>, ParameterError>>()?;
                Ok((member, Value::Array(values)))
            }
            Err(branch) => {
                let object = to_object(&name, branch, table)?;
                Ok((name, object))
            }
        },
    }
}

fn to_element(list: &str, element: Node, table: &ServiceTable) -> Result<Value, ParameterError> {
    match element {
        Node::Leaf(text) => Ok(Value::String(text)),
        Node::Branch(branch) => to_object(list, branch, table),
    }
}

/// The elements in order, if the branch is a list (`1`, `2`, ... or `member.1`, ...); else the branch.
fn into_list(mut branch: BTreeMap<String, Node>) -> Result<Vec<Node>, BTreeMap<String, Node>> {
    let is_member_list = branch.len() == 1 && matches!(branch.get("member"), Some(Node::Branch(_)));
    if is_member_list && let Some(Node::Branch(inner)) = branch.remove("member") {
        return into_list(inner);
    }
    let is_list =
        !branch.is_empty() && branch.keys().all(|key| key.parse::<u32>().is_ok_and(|index| index > 0));
    if !is_list {
        return Err(branch);
    }
    let mut elements: Vec<(u32, Node)> =
        branch.into_iter().filter_map(|(key, node)| Some((key.parse().ok()?, node))).collect();
    elements.sort_by_key(|(index, _)| *index);
    Ok(elements.into_iter().map(|(_, node)| node).collect())
}

fn list_member(name: String, table: &ServiceTable) -> String {
    let renamed = (table.service == Service::Ec2)
        .then(|| EC2_INPUT_LISTS.iter().find(|(parameter, _)| *parameter == name))
        .flatten();
    renamed.map_or(name, |(_, member)| (*member).to_owned())
}

fn scalar_member(name: String, table: &ServiceTable) -> String {
    let is_group_description = table.service == Service::Ec2 && name == "GroupDescription";
    if is_group_description { "Description".to_owned() } else { name }
}

fn to_scalar(
    parent: &str,
    member: &str,
    text: String,
    table: &ServiceTable,
) -> Result<Value, ParameterError> {
    let malformed =
        |value: &str| ParameterError::Malformed { member: member.to_owned(), value: value.to_owned() };
    if table.is_integer(parent, member) {
        return text.parse::<i64>().map(Value::from).map_err(|_| malformed(&text));
    }
    if table.is_boolean(member) {
        return text.parse::<bool>().map(Value::Bool).map_err(|_| malformed(&text));
    }
    if table.is_double(member) {
        let number = text.parse::<f64>().ok().and_then(Number::from_f64);
        return number.map(Value::Number).ok_or_else(|| malformed(&text));
    }
    Ok(Value::String(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::sandbox::wire::services::table_of;

    fn nested(service: Service, form: &str) -> Result<Value, ParameterError> {
        nest(pairs(form.as_bytes()), table_of(service))
    }

    #[test]
    fn query_lists_structures_and_types_are_nested() {
        let form = "Action=ModifyRule&Version=2015-12-01&RuleArn=arn%3Aaws&Actions.member.1.Type=forward\
            &Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn=a\
            &Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight=999\
            &Actions.member.1.ForwardConfig.TargetGroups.member.2.TargetGroupArn=b\
            &Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight=0\
            &Actions.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled=false";
        let expected = json!({
            "RuleArn": "arn:aws",
            "Actions": [{"Type": "forward", "ForwardConfig": {
                "TargetGroups": [
                    {"TargetGroupArn": "a", "Weight": 999},
                    {"TargetGroupArn": "b", "Weight": 0},
                ],
                "TargetGroupStickinessConfig": {"Enabled": false},
            }}],
        });
        assert_eq!(nested(Service::Elbv2, form), Ok(expected));
    }

    #[test]
    fn ec2_parameters_get_their_member_names() {
        let form = "Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&SubnetId.1=subnet-1&SubnetId.2=subnet-2\
            &TagSpecification.1.ResourceType=subnet&TagSpecification.1.Tag.1.Key=k\
            &TagSpecification.1.Tag.1.Value=&GroupDescription=d&GroupId=sg-1\
            &IpPermissions.1.FromPort=80&IpPermissions.1.Groups.1.GroupId=sg-2";
        let expected = json!({
            "Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}],
            "SubnetIds": ["subnet-1", "subnet-2"],
            "TagSpecifications": [{"ResourceType": "subnet", "Tags": [{"Key": "k", "Value": ""}]}],
            "Description": "d",
            "GroupId": "sg-1",
            "IpPermissions": [{"FromPort": 80, "UserIdGroupPairs": [{"GroupId": "sg-2"}]}],
        });
        assert_eq!(nested(Service::Ec2, form), Ok(expected));
    }

    #[test]
    fn the_tenth_element_follows_the_ninth() {
        let form: Vec<String> = (1..=11).map(|index| format!("Names.member.{index}=n{index}")).collect();
        let value = nested(Service::Elbv2, &form.join("&")).unwrap();
        assert_eq!(value["Names"][9], "n10");
        assert_eq!(value["Names"].as_array().map(Vec::len), Some(11));
    }

    #[test]
    fn a_number_that_is_none_is_refused_by_name() {
        let error = nested(Service::Elbv2, "PageSize=many").unwrap_err();
        assert_eq!(error.to_string(), "Invalid value 'many' for parameter PageSize");
    }

    #[test]
    fn a_name_that_is_value_and_structure_is_refused() {
        assert!(nested(Service::Ec2, "Filter=x&Filter.1.Name=y").is_err());
        assert!(nested(Service::Ec2, "Filter.1.Name=y&Filter=x").is_err());
    }

    #[test]
    fn too_deep_a_name_is_refused() {
        let form = format!("{}=x", vec!["a"; MAX_DEPTH + 1].join("."));
        assert_eq!(nested(Service::Sts, &form), Err(ParameterError::TooLarge));
    }

    proptest! {
        #[test]
        fn no_form_makes_the_reader_panic(form in "([A-Za-z0-9.]{0,12}=[a-z0-9%]{0,4}&){0,12}") {
            for service in [Service::Ec2, Service::Elbv2, Service::CloudWatch] {
                let _ = nested(service, &form);
            }
        }

        #[test]
        fn a_list_keeps_its_order(items in prop::collection::vec("[a-z]{1,5}", 1..30)) {
            let parameter = |(index, item): (usize, &String)| format!("Names.member.{}={item}", index + 1);
            let form: Vec<String> = items.iter().enumerate().rev().map(parameter).collect();
            let value = nested(Service::Elbv2, &form.join("&")).unwrap();
            prop_assert_eq!(value, json!({"Names": items}));
        }
    }
}
