//! A log group that the user names is there: ECS makes only its own.

use super::Finding;
use super::kept::Looked;
use super::looks::Looks;
use super::subject::LogGroupUse;

/// Looks at a log group.
pub(super) async fn check(looks: &Looks, group: &LogGroupUse) -> Option<Finding> {
    if looks.find_log_group(&group.name).await != Looked::Missing {
        return None;
    }
    let detail = format!("CloudWatch Logs has no log group `{}` in {}.", group.name, looks.region);
    let finding = Finding::certain(&group.path, "The log group does not exist", detail);
    Some(finding.hint(
        "tasks do not start without it: create it, or leave it out and the service gets one of its own",
    ))
}
