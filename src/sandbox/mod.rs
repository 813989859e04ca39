//! A local stand-in for the AWS APIs that the provider uses.

pub mod api;
pub mod world;
