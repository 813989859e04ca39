//! A role is there, and trusts who is to assume it.

use super::Finding;
use super::kept::Looked;
use super::looks::Looks;
use super::subject::RoleUse;
use super::trust_policy::Trust;
use crate::aws::iam::Role;
use crate::service::Arn;

/// Looks at a role of our own account.
pub(super) async fn check(looks: &Looks, role: &RoleUse) -> Option<Finding> {
    let arn: Arn = role.arn.parse().ok()?;
    let is_foreign = looks.account_id.as_deref().is_some_and(|account_id| account_id != arn.account_id());
    if is_foreign || !arn.resource().starts_with("role/") {
        return None;
    }
    judge(role, arn.resource_id(), looks.find_role(arn.resource_id()).await)
}

fn judge(role: &RoleUse, name: &str, looked: Looked<Role>) -> Option<Finding> {
    let noun = role.purpose.noun();
    let found = match looked {
        Looked::Hidden => return None,
        Looked::Missing => {
            let detail = format!("IAM has no role `{name}` in this account.");
            let finding = Finding::certain(&role.path, format!("The {noun} does not exist"), detail);
            return Some(finding.hint("create the role, or correct its ARN").or_made_here());
        }
        Looked::Found(found) => found,
    };
    if let Some(finding) = check_arn(role, name, &found.arn) {
        return Some(finding);
    }
    let trust = Trust::of(&found.trust_policy);
    let principal = role.purpose.principal();
    let Trust::Services(services) = &trust else { return None };
    if trust.includes(principal) {
        return None;
    }
    let others: Vec<_> = services.iter().map(|service| format!("`{service}`")).collect();
    let trusted = if others.is_empty() { "no service".to_owned() } else { others.join(", ") };
    let detail =
        format!("ECS assumes the {noun} as `{principal}`, but the trust policy of `{name}` names {trusted}.");
    Some(
        Finding::certain(&role.path, format!("The {noun} does not trust ECS"), detail)
            .hint(format!("let the trust policy allow `sts:AssumeRole` to the service `{principal}`")),
    )
}

/// IAM knows a role by its name, and everybody else by its ARN: with its path.
fn check_arn(role: &RoleUse, name: &str, live: &str) -> Option<Finding> {
    if live.is_empty() || live == role.arn {
        return None;
    }
    let detail = format!(
        "The ARN of the role `{name}` is `{live}`, not `{}`: a role's path is a part of its ARN.",
        role.arn
    );
    let summary = format!("The {} has another ARN", role.purpose.noun());
    Some(
        Finding::certain(&role.path, summary, detail)
            .hint(format!("write `{live}`, or refer to the `arn` attribute of what makes the role")),
    )
}
