//! Terraform's ideas without protobuf and without AWS.
//!
//! Values, schemas, planning rules and diagnostics, and the typed traits that resources, data sources and
//! functions implement. Whatever core would reject (protocol section 1.7) is prevented here, once.
//!
//! **Invariant:** nothing in this module knows the wire (that is `protocol`) or a cloud.

pub mod action;
#[cfg(test)]
mod arbitrary;
pub mod context;
pub mod core_rules;
pub mod data_source;
pub mod diagnostics;
pub mod duration;
pub mod erased;
pub mod function;
pub mod list_resource;
pub mod model;
pub mod path;
pub mod plan;
pub mod provider;
pub mod resource;
pub mod schema;
pub mod server;
pub mod settle;
pub mod validation;
pub mod value;

pub use context::Context;
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use model::{Attr, Model};
pub use path::Path;
pub use value::{Number, Type, Value};
