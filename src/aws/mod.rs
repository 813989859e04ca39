//! AWS: configuration, credentials, HTTP and the service clients.
//!
//! [`settings::ClientSettings`] is what a user wrote, as plain data; [`config::load`] turns it into the SDK's
//! configuration; [`credentials::verify`] asks AWS once who we are; [`clients::Clients`] builds the service clients.
//!
//! **Invariant:** only this module builds SDK clients, so that every one of them has the same credentials,
//! retries, timeouts, HTTP client and clock.

pub mod acm;
mod assumed_role;
pub(crate) mod autoscaling;
pub(crate) mod batch;

pub mod clients;
mod clock_adapter;
pub(crate) mod cloudwatch;
pub mod config;
pub mod credentials;
pub mod ec2;
pub(crate) mod ecr;
pub(crate) mod ecs;
pub mod elbv2;
pub mod environment;
pub mod error;
pub mod http;
pub(crate) mod iam;
pub(crate) mod json;
mod kept_credentials;
pub(crate) mod logs;
mod pace;
pub(crate) mod pauses;
mod profile;
pub(crate) mod query;
pub mod region;
pub(crate) mod retry;
pub mod route53;
pub(crate) mod secretsmanager;
pub mod settings;
mod signed_call;
pub(crate) mod ssm;
#[cfg(test)]
pub(crate) mod testing;
pub mod wafv2;

pub use clients::Clients;
pub use environment::Environment;
pub use error::{AwsError, AwsErrorKind};
