//! A log group that the user names is there: the composed engine makes only its own.
//!
//! Whether Express Mode makes the group is contradictory: nothing says that it does, and the rights of its execution role
//! say that it cannot, but nobody has shown a service that failed (facts, W14).

use super::Finding;
use super::kept::Looked;
use super::looks::Looks;
use super::subject::LogGroupUse;

/// Looks at a log group.
pub(super) async fn check(looks: &Looks, group: &LogGroupUse) -> Option<Finding> {
    if looks.find_log_group(&group.name).await != Looked::Missing {
        return None;
    }
    let missing = format!("CloudWatch Logs has no log group `{}` in {}.", group.name, looks.region);
    let summary = "The log group does not exist";
    let finding = if group.is_managed {
        let detail =
            format!("{missing} Express Mode is not known to make it, and tasks do not start without it.");
        Finding::estimate(&group.path, summary, detail)
    } else {
        Finding::certain(&group.path, summary, format!("{missing} Tasks do not start without it."))
    };
    Some(
        finding
            .hint("create it before the service, or leave it out and the service gets one of its own")
            .or_made_here(),
    )
}
