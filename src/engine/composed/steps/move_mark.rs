//! `move_mark`: the anchor says which load balancer a move leaves, before anything is made for the new one.

use super::super::composition::Departure;
use super::super::ground::{Ground, found};
use super::pool::pool_tag;
use crate::engine::EngineError;
use crate::engine::retry::retrying;
use crate::service::{MOVED_FROM_TAG_KEY, POOL_TAG_KEY, TagChange};

/// Both pools are named: a deletion in the middle of the move finds what there is on either side. One that is marked
/// already is on its way here.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    if ground.existing.departure().is_some() {
        return Ok(());
    }
    let departure = Departure {
        generation: ground.existing.generation(),
        pool_tag: ground.existing.pool_tag().unwrap_or_default().to_owned(),
    };
    let set = [
        (MOVED_FROM_TAG_KEY.to_owned(), departure.to_tag()),
        (POOL_TAG_KEY.to_owned(), pool_tag(&ground.blueprint)),
    ];
    let change = TagChange { set: set.into(), ..TagChange::default() };
    let group = found(&ground.findings.service_security_group_id)?;
    retrying(&ground.bounds, || ground.apis.ec2.change_tags(group, &change)).await
}
