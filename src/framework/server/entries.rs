//! What the server knows about each type, computed once.

use std::fmt;
use std::sync::Arc;

use crate::framework::Type;
use crate::framework::erased::{ErasedAction, ErasedDataSource, ErasedListResource, ErasedResource};
use crate::framework::function::{Function, Signature};
use crate::framework::resource::IdentitySchema;
use crate::framework::schema::{Attribute, Schema};

/// A managed resource.
pub struct ResourceEntry {
    /// The shape.
    pub schema: Schema,
    /// The type of its configurations, plans and states.
    pub r#type: Type,
    /// The shape of its identity, if it has one.
    pub identity_schema: Option<IdentitySchema>,
    /// The type of its identity, if it has one.
    pub identity_type: Option<Type>,
    /// Attributes and blocks, as planning and validation see them.
    pub(super) members: Vec<Attribute>,
    pub(super) resource: Arc<dyn ErasedResource>,
}

/// A data source.
pub struct DataSourceEntry {
    /// The shape.
    pub schema: Schema,
    /// The type of its configurations and results.
    pub r#type: Type,
    /// Attributes and blocks, as validation sees them.
    pub(super) members: Vec<Attribute>,
    pub(super) data_source: Arc<dyn ErasedDataSource>,
}

/// A list resource.
pub struct ListResourceEntry {
    /// The shape of its configurations.
    pub schema: Schema,
    /// Their type.
    pub r#type: Type,
    /// Attributes, as validation sees them.
    pub(super) members: Vec<Attribute>,
    pub(super) list_resource: Arc<dyn ErasedListResource>,
}

/// An action.
pub struct ActionEntry {
    /// The shape of its configurations.
    pub schema: Schema,
    /// Their type.
    pub r#type: Type,
    /// Attributes, as validation sees them.
    pub(super) members: Vec<Attribute>,
    pub(super) action: Arc<dyn ErasedAction>,
}

/// A function.
pub struct FunctionEntry {
    /// Parameters, result and documentation.
    pub signature: Signature,
    pub(super) function: Arc<dyn Function>,
}

impl ResourceEntry {
    pub(super) fn keyed(resource: Arc<dyn ErasedResource>) -> (&'static str, Self) {
        let schema = resource.schema();
        let identity_schema = resource.identity_schema();
        let entry = Self {
            r#type: schema.r#type(),
            members: schema.members(),
            schema,
            identity_type: identity_schema.as_ref().map(IdentitySchema::r#type),
            identity_schema,
            resource,
        };
        (entry.resource.type_name(), entry)
    }
}

impl DataSourceEntry {
    pub(super) fn keyed(data_source: Arc<dyn ErasedDataSource>) -> (&'static str, Self) {
        let schema = data_source.schema();
        (
            data_source.type_name(),
            Self { r#type: schema.r#type(), members: schema.members(), schema, data_source },
        )
    }
}

impl ListResourceEntry {
    pub(super) fn keyed(list_resource: Arc<dyn ErasedListResource>) -> (&'static str, Self) {
        let schema = list_resource.schema();
        (
            list_resource.type_name(),
            Self { r#type: schema.r#type(), members: schema.members(), schema, list_resource },
        )
    }
}

impl ActionEntry {
    pub(super) fn keyed(action: Arc<dyn ErasedAction>) -> (&'static str, Self) {
        let schema = action.schema();
        (action.type_name(), Self { r#type: schema.r#type(), members: schema.members(), schema, action })
    }
}

impl FunctionEntry {
    pub(super) fn keyed(function: Arc<dyn Function>) -> (&'static str, Self) {
        (function.name(), Self { signature: function.signature(), function })
    }
}

impl IdentitySchema {
    /// The type of an identity.
    pub fn r#type(&self) -> Type {
        let attributes = self.attributes.iter();
        Type::Object(
            attributes.map(|attribute| (attribute.name.to_owned(), attribute.r#type.clone())).collect(),
        )
    }
}

impl fmt::Debug for ResourceEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ResourceEntry({})", self.resource.type_name())
    }
}

impl fmt::Debug for DataSourceEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DataSourceEntry({})", self.data_source.type_name())
    }
}

impl fmt::Debug for ListResourceEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ListResourceEntry({})", self.list_resource.type_name())
    }
}

impl fmt::Debug for ActionEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ActionEntry({})", self.action.type_name())
    }
}

impl fmt::Debug for FunctionEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FunctionEntry({})", self.function.name())
    }
}
