//! `phase`: the tag on the ECS service that says that its create has ended. The last call of a create.

use super::super::ground::Ground;
use super::anchor::remove_creation_mark;
use crate::engine::EngineError;
use crate::engine::retry::retrying;
use crate::service::{PHASE_READY, PHASE_TAG_KEY, TagChange};

/// Value of the phase tag from the first call on.
pub(in crate::engine::composed) const CREATING: &str = "creating";
/// Value of the phase tag from the end of the create on.
pub(in crate::engine::composed) const READY: &str = PHASE_READY;

/// The service is marked ready. One whose create was cut short is not, and the next create continues it.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let set = [(PHASE_TAG_KEY.to_owned(), READY.to_owned())].into();
    let change = TagChange { set, ..TagChange::default() };
    if ground.change.creation_mark.is_some()
        && let Some(group) = ground.findings.service_security_group_id.get()
    {
        remove_creation_mark(&ground.apis.ec2, group).await;
    }
    retrying(&ground.bounds, || ground.apis.ecs.change_tags(ground.blueprint.service(), &change)).await
}
