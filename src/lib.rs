//! Terraform and OpenTofu provider for Amazon ECS Express Mode services.

pub mod aws;
pub mod clock;
pub mod diagnosis;
mod engine;
pub mod framework;
pub mod monitor;
pub mod nearest;
mod preflight;
pub mod protocol;
pub mod provider;
pub mod sandbox;
pub mod service;
