//! What a change means. Pure, and asked by both: the provider's plan, which tells it, and the engine, which does it.

pub(crate) mod network;
