//! Tests through the crate's outer faces: the protocol as a client speaks it, and the binary as it is started.

mod as_users_recorded;
mod changes;
mod citations;
mod composed;
mod data_sources;
mod defaults;
mod diagnosis;
mod early_failure;
mod facts;
mod faults;
mod functions;
mod imports;
mod lifecycle;
mod monitor;
mod moved;
mod newer_cores;
mod outages;
mod pains;
mod permissions;
mod preflight;
mod protocol;
mod recorded_state;
mod removal;
mod support;
mod tidy;
mod unfinished;
