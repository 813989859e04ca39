//! `log_group`: the log group of the container, with the retention that the user wants. It outlives the service.

use std::time::Duration;

use super::super::ground::{Ground, Site};
use super::super::plan::Part;
use super::owned;
use crate::engine::EngineError;
use crate::engine::retry::{retrying, until_shown};
use crate::engine::wait::{Condition, WaitError, wait_until};

const PART: &str = "log_group";

/// CloudWatch Logs lists a group that was just made after some seconds (unproven how many).
const APPEARS: Duration = Duration::from_secs(30);

/// The group exists, is ours, and keeps lines for as long as the user says. "Forever" is no number: it is a group without
/// a policy (API reference, `PutRetentionPolicy`).
///
/// One that an earlier service of the same name left behind has the same owner, and is used again.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let (name, _) = ground.blueprint.logs();
    let logs = &ground.apis.logs;
    let existing = retrying(&ground.bounds, || logs.find_log_group(&name)).await?;
    if existing.is_none() {
        let tags = ground.blueprint.tags_of(PART);
        retrying(&ground.bounds, || logs.create_log_group(&name, None, &tags)).await?;
        ground.findings.note_made(Part::LogGroup);
        await_shown(ground, &name).await?;
    }
    let retention = existing.as_ref().and_then(|group| group.retention_in_days);
    if let Some(group) = &existing {
        // The tags show after the group.
        let what = format!("the tags of log group {name}");
        let tags = until_shown(&ground.bounds, &what, || logs.find_log_group_tags(&group.arn)).await?;
        owned(&ground.blueprint.names, "log group", &name, &tags)?;
    }
    match ground.blueprint.settings().log_retention_days {
        Some(days) if retention != Some(days) => {
            retrying(&ground.bounds, || logs.put_retention_policy(&name, days)).await
        }
        None if retention.is_some() && ground.change.frees_log => {
            retrying(&ground.bounds, || logs.delete_retention_policy(&name)).await
        }
        _ => Ok(()),
    }
}

/// Until the read at the end of an update would find the group. A create takes longer than that by itself. One that does
/// not show by then is the next refresh's to find.
async fn await_shown(ground: &Ground, name: &str) -> Result<(), EngineError> {
    if ground.existing.live_service().is_none() {
        return Ok(());
    }
    let bounds = ground.bounds.at_most(APPEARS);
    let shown = wait_until(&bounds, || async {
        let found = retrying(&ground.bounds, || ground.apis.logs.find_log_group(name)).await?;
        Ok::<_, EngineError>(match found {
            Some(_) => Condition::Ready(()),
            None => Condition::Pending(format!("waiting for log group {name}, which was just made, to show")),
        })
    });
    match shown.await {
        Err(WaitError::TimedOut { .. }) if ground.bounds.remaining() > Duration::ZERO => Ok(()),
        other => Ok(other?),
    }
}

/// A log group stays when its service goes, as with Express Mode. One that a create has just made, for a service that
/// never came to be, has nothing in it and goes.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let Some(group) = &site.composition.log_group else { return Ok(()) };
    let name = site.names.log_group();
    if group.name != name {
        return Ok(());
    }
    if site.made.as_ref().is_some_and(|made| made.contains(&Part::LogGroup)) {
        return retrying(&site.bounds, || site.apis.logs.delete_log_group(&name)).await;
    }
    if site.made.is_none() {
        site.keep(|remains| remains.log_group_arns.push(group.arn.clone()));
    }
    Ok(())
}
