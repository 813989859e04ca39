//! A security group that the user names is there.

use super::Finding;
use super::kept::Looked;
use super::looks::Looks;
use super::subject::SecurityGroupUse;

/// Looks at a security group.
pub(super) async fn check(looks: &Looks, group: &SecurityGroupUse) -> Option<Finding> {
    if looks.find_security_group(&group.id).await != Looked::Missing {
        return None;
    }
    let detail = format!("EC2 has no security group `{}` in {}.", group.id, looks.region);
    Some(
        Finding::certain(&group.path, "A security group does not exist", detail)
            .hint("aws ec2 describe-security-groups lists those that do")
            .or_made_here(),
    )
}
