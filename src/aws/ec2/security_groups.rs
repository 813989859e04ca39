//! `CreateSecurityGroup`, `DescribeSecurityGroups`, `DeleteSecurityGroup`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::parameters::Parameters;
use super::permissions::PermissionItem;
use super::tags::TagItem;
use super::{Done, Ec2, Items, Permission, SERVICE};
use crate::aws::query::QueryClient;
use crate::aws::{AwsError, AwsErrorKind};

/// Names or ids in one filter: EC2 takes 200 values.
pub(super) const NAMES_PER_CALL: usize = 100;

/// How EC2 says that a security group does not exist.
const NOT_FOUND: [&str; 2] = ["InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound"];

/// What a security group is made with. It begins with the permission of every egress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroupInput {
    /// Unique in the VPC; at most 255 characters, not beginning with `sg-`.
    pub name: String,
    /// Letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`.
    pub description: String,
    /// Where it is.
    pub vpc_id: String,
    /// Tags, set by the same call.
    pub tags: BTreeMap<String, String>,
}

/// A security group as AWS describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    /// `sg-...`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Where it is.
    pub vpc_id: String,
    /// What may reach its members.
    pub ingress: Vec<Permission>,
    /// What its members may reach.
    pub egress: Vec<Permission>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CreateSecurityGroupOutput {
    group_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DescribeSecurityGroupsOutput {
    security_group_info: Items<SecurityGroupItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SecurityGroupItem {
    group_id: String,
    group_name: String,
    group_description: String,
    vpc_id: String,
    ip_permissions: Items<PermissionItem>,
    ip_permissions_egress: Items<PermissionItem>,
    tag_set: Items<TagItem>,
}

impl Ec2 {
    /// Makes a security group and answers its id. `InvalidGroup.Duplicate`: the VPC has one of this name.
    pub async fn create_security_group(&self, input: &SecurityGroupInput) -> Result<String, AwsError> {
        let parameters = Parameters::default()
            .with("GroupName", &input.name)
            .with("GroupDescription", &input.description)
            .with("VpcId", &input.vpc_id)
            .with_tag_specification("security-group", &input.tags);
        let output: CreateSecurityGroupOutput =
            self.client.call("CreateSecurityGroup", &parameters.0).await?;
        let nothing = |kind| AwsError::of_kind(SERVICE, "CreateSecurityGroup", kind, "the answer is empty");
        output.group_id.ok_or_else(|| nothing(AwsErrorKind::Unparsable))
    }

    /// One security group, read together with those that others ask for; `None`: it does not exist.
    pub async fn find_security_group(&self, id: &str) -> Result<Option<SecurityGroup>, AwsError> {
        self.security_groups.find(&id.to_owned()).await
    }

    /// The group of this name in the VPC; `None`: there is none.
    pub async fn find_security_group_by_name(
        &self,
        name: &str,
        vpc_id: &str,
    ) -> Result<Option<SecurityGroup>, AwsError> {
        let parameters = Parameters::default().with_filter("group-name", name).with_filter("vpc-id", vpc_id);
        Ok(self.describe_security_groups(parameters).await?.into_iter().next())
    }

    /// The groups of this name in any VPC, read together with those that others ask for.
    pub async fn list_security_groups_named(&self, name: &str) -> Result<Vec<SecurityGroup>, AwsError> {
        Ok(self.named_security_groups.find(&name.to_owned()).await?.unwrap_or_default())
    }

    /// The groups in any VPC with a tag whose value matches a pattern.
    pub async fn list_security_groups_tagged(
        &self,
        key: &str,
        pattern: &str,
    ) -> Result<Vec<SecurityGroup>, AwsError> {
        self.describe_security_groups(Parameters::default().with_filter(&format!("tag:{key}"), pattern)).await
    }

    /// The groups of these names in any VPC, a hundred names to a call.
    pub async fn list_security_groups_of_names(
        &self,
        names: impl IntoIterator<Item = &String>,
    ) -> Result<Vec<SecurityGroup>, AwsError> {
        let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
        let mut groups = Vec::new();
        for names in names.chunks(NAMES_PER_CALL) {
            let parameters = Parameters::default().with_filter_of_any("group-name", names);
            groups.extend(self.describe_security_groups(parameters).await?);
        }
        Ok(groups)
    }

    /// Those of these groups that exist.
    pub async fn list_existing_security_groups(
        &self,
        ids: &[String],
    ) -> Result<Vec<SecurityGroup>, AwsError> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        self.describe_security_groups(Parameters::default().with_filter_of_any("group-id", &ids)).await
    }

    /// The groups that have a permission from or to this one, which keeps it from being deleted.
    pub async fn list_security_groups_referencing(&self, id: &str) -> Result<Vec<SecurityGroup>, AwsError> {
        let mut groups: BTreeMap<String, SecurityGroup> = BTreeMap::new();
        for filter in ["ip-permission.group-id", "egress.ip-permission.group-id"] {
            let parameters = Parameters::default().with_filter(filter, id);
            let referencing = self.describe_security_groups(parameters).await?;
            groups.extend(referencing.into_iter().map(|group| (group.id.clone(), group)));
        }
        Ok(groups.into_values().collect())
    }

    /// Deletes a security group. `DependencyViolation`: a permission or a network interface names it.
    pub async fn delete_security_group(&self, id: &str) -> Result<(), AwsError> {
        let parameters = Parameters::default().with("GroupId", id);
        let result = self.client.call::<Done>("DeleteSecurityGroup", &parameters.0).await;
        AwsError::optional(result, &NOT_FOUND)?;
        Ok(())
    }

    async fn describe_security_groups(&self, parameters: Parameters) -> Result<Vec<SecurityGroup>, AwsError> {
        describe(&self.client, parameters).await
    }
}

async fn describe(client: &QueryClient, parameters: Parameters) -> Result<Vec<SecurityGroup>, AwsError> {
    let output: DescribeSecurityGroupsOutput = client.call("DescribeSecurityGroups", &parameters.0).await?;
    Ok(output.security_group_info.item.into_iter().map(from_output).collect())
}

/// The groups of these ids, by id; up to [`NAMES_PER_CALL`] of them. A filter finds those that exist, while one id that
/// does not exist fails a call that names ids.
pub(super) async fn describe_of_ids(
    client: QueryClient,
    ids: Vec<String>,
) -> Result<HashMap<String, SecurityGroup>, AwsError> {
    let wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
    let parameters = Parameters::default().with_filter_of_any("group-id", &wanted);
    let groups = describe(&client, parameters).await?;
    Ok(groups.into_iter().map(|group| (group.id.clone(), group)).collect())
}

/// The groups of these names, by name; up to [`NAMES_PER_CALL`] of them.
pub(super) async fn describe_named(
    client: QueryClient,
    names: Vec<String>,
) -> Result<HashMap<String, Vec<SecurityGroup>>, AwsError> {
    let wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    let parameters = Parameters::default().with_filter_of_any("group-name", &wanted);
    let mut groups: HashMap<_, Vec<_>> = HashMap::new();
    for group in describe(&client, parameters).await? {
        groups.entry(group.name.clone()).or_default().push(group);
    }
    Ok(groups)
}

fn from_output(item: SecurityGroupItem) -> SecurityGroup {
    let flatten = |items: Items<PermissionItem>| items.item.into_iter().flat_map(PermissionItem::flatten);
    SecurityGroup {
        id: item.group_id,
        name: item.group_name,
        description: item.group_description,
        vpc_id: item.vpc_id,
        ingress: flatten(item.ip_permissions).collect(),
        egress: flatten(item.ip_permissions_egress).collect(),
        tags: item.tag_set.item.into_iter().map(|tag| (tag.key, tag.value)).collect(),
    }
}
