//! A local stand-in for the AWS APIs that the provider uses.

pub mod api;
pub mod callers_rights;
pub mod command;
mod control;
pub mod faults;
pub mod journal;
#[expect(clippy::module_inception, reason = "the file is named after its main item")]
mod sandbox;
mod scaled_clock;
#[cfg(test)]
mod sdk_tests;
pub mod server;
pub mod spoil;
mod state_file;
mod transport;
mod wire;
pub mod world;

pub use sandbox::Sandbox;
pub use scaled_clock::ScaledClock;
pub use transport::SandboxHttpClient;
