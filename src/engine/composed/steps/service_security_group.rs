//! `service_security_group`: the security group of the tasks. Everything out; in, only what
//! `security_group_rules` lets in. It is the anchor of a composition: made first, removed last, and tagged with the
//! pool and the host name.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::super::ground::{Ground, Site};
use super::super::plan::Part;
use super::super::pool::kept_group;
use super::{anchor, owned};
use crate::aws::ec2::{SecurityGroup, SecurityGroupInput};
use crate::engine::EngineError;
use crate::engine::retry::{retrying, until_shown};
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::service::CREATION_MARKER_TAG_KEY;

const PART: &str = "service_security_group";
/// Rules of other groups that name ours may go in the same run.
const REFERENCES_GO: Duration = Duration::from_secs(60);

/// The group exists and is ours. Its name is unique in the VPC, which makes its create an atomic claim.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let blueprint = &ground.blueprint;
    let input = SecurityGroupInput {
        name: blueprint.names.service_security_group(),
        description: format!(
            "Tasks of ECS service {}/{}",
            blueprint.service().cluster(),
            blueprint.service().name()
        )
        .chars()
        .take(255)
        .collect(),
        vpc_id: blueprint.network.vpc_id.clone(),
        tags: tags(ground),
    };
    let id = match retrying(&ground.bounds, || ground.apis.ec2.create_security_group(&input)).await {
        Ok(id) => {
            ground.findings.note_made(Part::ServiceSecurityGroup);
            id
        }
        Err(EngineError::Aws(error)) if error.has_code("InvalidGroup.Duplicate") => {
            find(ground, &input.name).await?
        }
        Err(error) => return Err(error),
    };
    let _ = ground.findings.service_security_group_id.set(id);
    Ok(())
}

fn tags(ground: &Ground) -> BTreeMap<String, String> {
    let blueprint = &ground.blueprint;
    let mut tags = blueprint.tags_of(PART);
    tags.extend(anchor::tags(blueprint));
    let mark = ground.change.creation_mark.clone();
    tags.extend(mark.map(|mark| (CREATION_MARKER_TAG_KEY.to_owned(), mark)));
    tags
}

async fn find(ground: &Ground, name: &str) -> Result<String, EngineError> {
    let vpc_id = &ground.blueprint.network.vpc_id;
    let find = || ground.apis.ec2.find_security_group_by_name(name, vpc_id);
    let group = until_shown(&ground.bounds, &format!("security group {name}"), find).await?;
    owned(&ground.blueprint.names, "security group", name, &group.tags)?;
    Ok(group.id)
}

/// Deletes the group, as soon as the tasks' network interfaces are gone (`aws::retry` waits).
///
/// A group that a rule of somebody else's group names cannot be deleted. Such a rule may go in the same run, so it is
/// waited for a while; then the group stays, and the user is told which rule keeps it. All else of the service is gone.
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let Some(group) = &site.composition.service_security_group else { return Ok(()) };
    let referring = wait_while_referred_to(site, &group.id).await?;
    if referring.is_empty() {
        return retrying(&site.bounds, || site.apis.ec2.delete_security_group(&group.id)).await;
    }
    site.keep(|remains| remains.others.push(kept_group("of the tasks", group, &referring)));
    Ok(())
}

/// The groups whose rules name a group, once there are none or the wait is over.
async fn wait_while_referred_to(site: &Site, group_id: &str) -> Result<Vec<SecurityGroup>, EngineError> {
    let last = Mutex::new(Vec::new());
    let bounds = site.bounds.at_most(REFERENCES_GO);
    let gone = wait_until(&bounds, || async {
        let ec2 = &site.apis.ec2;
        let found = retrying(&site.bounds, || ec2.list_security_groups_referencing(group_id)).await?;
        let others: Vec<_> = found.into_iter().filter(|other| other.id != group_id).collect();
        let ids: Vec<_> = others.iter().map(|other| other.id.clone()).collect();
        let is_free = others.is_empty();
        *last.lock().unwrap_or_else(PoisonError::into_inner) = others;
        Ok::<_, EngineError>(if is_free {
            Condition::Ready(())
        } else {
            Condition::Pending(format!(
                "waiting for rules of {} that name security group {group_id} to go",
                ids.join(", ")
            ))
        })
    });
    match gone.await {
        Ok(()) => Ok(Vec::new()),
        Err(WaitError::TimedOut { .. }) => Ok(last.into_inner().unwrap_or_else(PoisonError::into_inner)),
        Err(error) => Err(error.into()),
    }
}
