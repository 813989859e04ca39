//! What users do: the real command lines, the provider installed as from a registry, and the sandbox in AWS's place.
//!
//! Every scenario runs with every command line that is installed (`terraform`, `tofu`).

mod arguments;
mod compatibility;
mod composition;
mod configurations;
mod crowd;
mod documentation;
mod examples;
mod failures;
mod import_at_scale;
mod interruption;
mod lifecycle;
mod mocks;
mod monitor;
mod packaging;
mod pairs;
mod preflight;
mod provider_block;
mod recorded_state;
mod refusals;
mod sandbox_command;
mod support;
mod workflow;
