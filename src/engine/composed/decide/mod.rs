//! What a change means. Pure, and asked by both: the provider's plan, which tells it, and the engine, which does it.

pub(crate) mod missing;
pub(crate) mod network;
