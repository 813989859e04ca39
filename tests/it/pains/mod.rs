//! What users of the existing providers suffer from: each test is named after what the user sees here instead.
//!
//! `tests/README.md` maps the pains and the acceptance scenarios to these tests; `table` checks the map.

mod cluster;
mod container;
mod deletion;
mod denials;
pub(crate) mod live;
mod removal;
mod retries;
mod rollouts;
mod scaling;
mod security_groups;
pub(crate) mod table;
mod tagging;
mod unknowns;
