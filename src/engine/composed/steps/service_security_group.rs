//! `service_security_group`: the security group of the tasks. Everything out; in, only what
//! `security_group_rules` lets in. It is the anchor of a composition: made first, removed last, and tagged with the
//! pool and the host name.

use std::collections::BTreeMap;

use super::super::ground::{Ground, Site};
use super::super::plan::Part;
use super::{anchor, owned};
use crate::aws::ec2::SecurityGroupInput;
use crate::engine::EngineError;
use crate::engine::retry::{retrying, until_shown};
use crate::service::CREATION_MARKER_TAG_KEY;

const PART: &str = "service_security_group";

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
pub(super) async fn undo(site: &Site) -> Result<(), EngineError> {
    let Some(group) = &site.composition.service_security_group else { return Ok(()) };
    retrying(&site.bounds, || site.apis.ec2.delete_security_group(&group.id)).await
}
