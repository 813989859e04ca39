//! What a plan looks up before anything is changed: what it says, when it is silent, and what it costs.

pub(crate) mod account;
mod calls;
mod findings;
mod limits;
mod replacement;
mod secrets;
mod silence;
