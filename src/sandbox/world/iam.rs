//! AWS IAM: roles and whom they trust.
//!
//! Any role may be used in the sandbox without making it: one that nobody has touched is there and trusts ECS.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::text;
use super::scenario::Scenario;
use super::{Scope, Timestamp, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// IAM of one account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct IamState {
    /// Trust policies of the roles that were made or changed, by name.
    trust_policies: BTreeMap<String, String>,
    /// Paths of the roles that were made, by name.
    paths: BTreeMap<String, String>,
    /// When roles were made in the sandbox, by name.
    created_at: BTreeMap<String, Timestamp>,
    /// Roles that were deleted.
    deleted: BTreeSet<String>,
    /// Policies of roles, by name of the role: their ARNs. Nobody lacks a right in the sandbox, with or without them.
    attached: BTreeMap<String, BTreeSet<String>>,
}

impl IamState {
    /// Names of the roles that were made or changed.
    pub(crate) fn role_names(&self) -> BTreeSet<String> {
        self.trust_policies.keys().cloned().collect()
    }

    /// Makes a role unknown for a while; its trust policy.
    pub(crate) fn take_role(&mut self, name: &str) -> Option<String> {
        let policy = self.trust_policies.remove(name)?;
        self.deleted.insert(name.to_owned());
        Some(policy)
    }

    /// Makes it known again.
    pub(crate) fn put_role(&mut self, name: String, policy: String) {
        self.deleted.remove(&name);
        self.trust_policies.insert(name, policy);
    }
}

/// Executes one IAM operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input = &request.input;
    match request.operation.as_str() {
        "GetRole" => {
            let name = existing_name(scope, input)?;
            Ok(json!({"Role": describe(scope, &name)}))
        }
        "CreateRole" => create(scope, input),
        "UpdateAssumeRolePolicy" => {
            let name = existing_name(scope, input)?;
            let policy = checked_policy(input, "PolicyDocument")?;
            scope.account.iam.trust_policies.insert(name, policy);
            Ok(json!({}))
        }
        "DeleteRole" => {
            let name = existing_name(scope, input)?;
            // IAM API reference, DeleteRole: "you must first detach any policies attached to the role".
            if scope.account.iam.attached.get(&name).is_some_and(|arns| !arns.is_empty()) {
                let message = "Cannot delete entity, must detach all policies first.";
                return Err(ApiError { status: 409, ..ApiError::client("DeleteConflict", message) });
            }
            scope.account.iam.trust_policies.remove(&name);
            scope.account.iam.paths.remove(&name);
            scope.account.iam.deleted.insert(name);
            Ok(json!({}))
        }
        "AttachRolePolicy" | "DetachRolePolicy" => {
            let name = existing_name(scope, input)?;
            let policy_arn = text(input, "PolicyArn").unwrap_or_default().to_owned();
            attach(scope.account.iam.attached.entry(name).or_default(), &request.operation, policy_arn)
        }
        "ListAttachedRolePolicies" => {
            let name = existing_name(scope, input)?;
            let attached = scope.account.iam.attached.get(&name).into_iter().flatten();
            let policies = attached.map(
                |arn| json!({"PolicyArn": arn, "PolicyName": arn.rsplit('/').next().unwrap_or_default()}),
            );
            Ok(json!({"AttachedPolicies": policies.collect::<Vec<_>>(), "IsTruncated": false}))
        }
        _ => Err(unknown_operation(request)),
    }
}

fn attach(attached: &mut BTreeSet<String>, operation: &str, policy_arn: String) -> Result<Value, ApiError> {
    if !policy_arn.starts_with("arn:") || !policy_arn.contains(":policy/") {
        let message = format!("ARN {policy_arn} is not valid.");
        return Err(ApiError::client("ValidationError", message));
    }
    if operation == "AttachRolePolicy" {
        attached.insert(policy_arn);
    } else if !attached.remove(&policy_arn) {
        let message = format!("Policy {policy_arn} was not found.");
        return Err(ApiError { status: 404, ..ApiError::client("NoSuchEntity", message) });
    }
    Ok(json!({}))
}

fn create(scope: &mut Scope<'_>, input: &Value) -> Result<Value, ApiError> {
    let name = text(input, "RoleName").unwrap_or_default().to_owned();
    let policy = checked_policy(input, "AssumeRolePolicyDocument")?;
    let iam = &mut scope.account.iam;
    if iam.trust_policies.contains_key(&name) {
        let message = format!("Role with name {name} already exists.");
        return Err(ApiError { status: 409, ..ApiError::client("EntityAlreadyExists", message) });
    }
    iam.deleted.remove(&name);
    iam.trust_policies.insert(name.clone(), policy);
    iam.paths.insert(name.clone(), text(input, "Path").unwrap_or("/").to_owned());
    iam.created_at.insert(name.clone(), scope.now);
    Ok(json!({"Role": describe(scope, &name)}))
}

fn existing_name(scope: &Scope<'_>, input: &Value) -> Result<String, ApiError> {
    let name = text(input, "RoleName").unwrap_or_default();
    if name.is_empty() || scope.account.iam.deleted.contains(name) {
        let message = format!("The role with name {name} cannot be found.");
        return Err(ApiError { status: 404, ..ApiError::client("NoSuchEntity", message) });
    }
    Ok(name.to_owned())
}

fn checked_policy(input: &Value, member: &str) -> Result<String, ApiError> {
    let policy = text(input, member).unwrap_or_default();
    let is_document = serde_json::from_str::<Value>(policy).is_ok_and(|policy| policy.is_object());
    is_document
        .then(|| policy.to_owned())
        .ok_or_else(|| ApiError::client("MalformedPolicyDocument", "This policy contains invalid Json"))
}

/// The trust policy is percent-encoded, as IAM answers it. A role that nobody has made has whatever path a user writes,
/// so its ARN is left out.
fn describe(scope: &Scope<'_>, name: &str) -> Value {
    let policy = scope.account.iam.trust_policies.get(name).cloned().unwrap_or_else(first_policy);
    let is_new =
        scope.scenarios.list("", "").any(|on| matches!(on, Scenario::InfrastructureRolePropagation { .. }));
    let made_at = scope.account.iam.created_at.get(name).copied().or(is_new.then_some(scope.now));
    let document: String = form_urlencoded::byte_serialize(policy.as_bytes()).collect();
    let path = scope.account.iam.paths.get(name);
    let (partition, account_id) = (scope.region.partition(), &scope.region.account_id);
    let arn = path.map(|path| format!("arn:{partition}:iam::{account_id}:role{path}{name}"));
    json!({
        "Path": path,
        "RoleName": name,
        "RoleId": "AROASANDBOXSANDBOX000",
        "Arn": arn,
        "CreateDate": made_at.map_or_else(|| "2026-01-01T00:00:00Z".to_owned(), Timestamp::iso8601),
        "AssumeRolePolicyDocument": document.replace('+', "%20"),
        "MaxSessionDuration": 3600,
    })
}

fn first_policy() -> String {
    let principal = json!({"Service": ["ecs.amazonaws.com", "ecs-tasks.amazonaws.com"]});
    let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::api::Service;
    use crate::sandbox::world::testing::Caller;

    fn trust(iam: &mut Caller) -> String {
        let role = iam.call("GetRole", json!({"RoleName": "r"})).unwrap();
        let document = role["Role"]["AssumeRolePolicyDocument"].as_str().unwrap().to_owned();
        form_urlencoded::parse(document.as_bytes()).next().unwrap().0.into_owned()
    }

    #[test]
    fn every_role_is_there_and_trusts_ecs_until_somebody_says_otherwise() {
        let mut iam = Caller::of(Service::Iam);
        assert!(trust(&mut iam).contains("ecs-tasks.amazonaws.com"));
        let policy = r#"{"Statement": []}"#;
        iam.call("UpdateAssumeRolePolicy", json!({"RoleName": "r", "PolicyDocument": policy})).unwrap();
        assert_eq!(trust(&mut iam), policy);
        iam.call("DeleteRole", json!({"RoleName": "r"})).unwrap();
        assert_eq!(iam.refusal("GetRole", json!({"RoleName": "r"})), "NoSuchEntity");
        let role = json!({"RoleName": "r", "AssumeRolePolicyDocument": policy});
        iam.call("CreateRole", role.clone()).unwrap();
        assert_eq!(iam.refusal("CreateRole", role), "EntityAlreadyExists");
        let broken = json!({"RoleName": "r", "PolicyDocument": "{"});
        assert_eq!(iam.refusal("UpdateAssumeRolePolicy", broken), "MalformedPolicyDocument");
    }

    #[test]
    fn a_role_with_policies_cannot_be_deleted() {
        let mut iam = Caller::of(Service::Iam);
        let policy = json!({"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/service-role/P"});
        iam.call("AttachRolePolicy", policy.clone()).unwrap();
        let listed = iam.call("ListAttachedRolePolicies", json!({"RoleName": "r"})).unwrap();
        assert_eq!(listed["AttachedPolicies"][0]["PolicyName"], "P");
        assert_eq!(iam.refusal("DeleteRole", json!({"RoleName": "r"})), "DeleteConflict");
        iam.call("DetachRolePolicy", policy.clone()).unwrap();
        assert_eq!(iam.refusal("DetachRolePolicy", policy), "NoSuchEntity");
        iam.call("DeleteRole", json!({"RoleName": "r"})).unwrap();
        let no_arn = json!({"RoleName": "s", "PolicyArn": "P"});
        assert_eq!(iam.refusal("AttachRolePolicy", no_arn), "ValidationError");
    }
}
