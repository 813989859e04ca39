//! State machine tests of Express Mode with hand-driven times.

mod configuration;
mod create;
mod delete;
mod failures;
mod network;
mod sharing;
mod soak;
mod update;
