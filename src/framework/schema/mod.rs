//! What a type looks like: attributes, blocks, validators and plan behaviour, as data.

mod attribute;
mod check;
mod removal;
mod shape;
mod validator;
pub mod validators;
mod write_only;

pub use attribute::{Attribute, Kind, Mode, Nesting, Replace, WhenUnset};
pub use check::SchemaUse;
pub use removal::{Lack, Removal};
pub use validator::{Target, Validator};
pub(crate) use write_only::without_write_only;

/// The shape of a resource, a data source or the provider block.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// Version of the shape; raise it when an older state needs [`crate::framework::resource::Resource::upgrade`].
    pub version: i64,
    /// Markdown.
    pub description: &'static str,
    /// Attributes in documentation order.
    pub attributes: Vec<Attribute>,
    /// Nested blocks in documentation order.
    pub blocks: Vec<NestedBlock>,
}

/// A nested block type. New resources use nested attributes instead; the provider block has the blocks that users
/// of `hashicorp/aws` know.
#[derive(Debug, Clone)]
pub struct NestedBlock {
    /// Block name.
    pub name: &'static str,
    /// Markdown.
    pub description: &'static str,
    /// `Single` or `List`.
    pub nesting: Nesting,
    /// Most blocks of a list; 0: any number.
    pub max_items: i64,
    /// Attributes in documentation order.
    pub attributes: Vec<Attribute>,
}
