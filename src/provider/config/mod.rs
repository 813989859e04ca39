//! The provider block: its schema, and what it means.

mod check;
mod expand;
mod members;
pub(in crate::provider) mod schema;
mod settings;
mod validators;

pub(crate) use check::check;
pub(crate) use expand::expand;
pub(crate) use schema::schema;
pub use settings::{IgnoreTags, ProviderSettings};
