//! `arrival`: the service counts the new load balancer of a move as its own.

use super::super::ground::Ground;
use crate::engine::EngineError;
use crate::engine::retry::retrying;
use crate::service::{GENERATION_TAG_KEY, TagChange};

/// The service's tag names the new generation.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    let generation = ground.blueprint.generation.to_string();
    let set = [(GENERATION_TAG_KEY.to_owned(), generation)].into();
    let change = TagChange { set, ..TagChange::default() };
    retrying(&ground.bounds, || ground.apis.ecs.change_tags(ground.blueprint.service(), &change)).await
}
