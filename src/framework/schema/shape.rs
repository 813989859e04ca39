//! The type of the values that a schema describes.

use crate::framework::Type;
use crate::framework::schema::{Attribute, Kind, Mode, NestedBlock, Nesting, Schema};

impl Schema {
    /// The type of a configuration, a plan or a state of this schema.
    pub fn r#type(&self) -> Type {
        let attributes =
            self.attributes.iter().map(|attribute| (attribute.name.to_owned(), attribute.r#type()));
        let blocks = self.blocks.iter().map(|block| (block.name.to_owned(), block.r#type()));
        Type::Object(attributes.chain(blocks).collect())
    }

    /// Attributes and blocks alike, as planning and validation see them: a block is a nested attribute that the
    /// user may set.
    pub fn members(&self) -> Vec<Attribute> {
        let blocks = self.blocks.iter().map(NestedBlock::to_attribute);
        self.attributes.iter().cloned().chain(blocks).collect()
    }

    /// The top-level attribute `name`.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

impl Attribute {
    /// Whether the user may or must set it.
    pub fn is_configurable(&self) -> bool {
        self.mode != Mode::Computed
    }

    /// Whether the provider sets it when the user does not.
    pub fn is_computed(&self) -> bool {
        matches!(self.mode, Mode::Computed | Mode::OptionalComputed)
    }

    /// The attributes of its objects; none unless it is nested.
    pub fn nested_attributes(&self) -> &[Attribute] {
        match &self.kind {
            Kind::Nested(_, attributes) => attributes,
            Kind::Value(_) => &[],
        }
    }

    /// The type of its values.
    pub fn r#type(&self) -> Type {
        match &self.kind {
            Kind::Value(r#type) => r#type.clone(),
            Kind::Nested(nesting, attributes) => nesting.of(object(attributes)),
        }
    }
}

impl NestedBlock {
    fn to_attribute(&self) -> Attribute {
        Attribute::nested(self.name, Mode::Optional, self.nesting, self.attributes.clone())
            .describe(self.description)
    }

    /// The type of its values.
    pub fn r#type(&self) -> Type {
        self.nesting.of(object(&self.attributes))
    }
}

impl Nesting {
    fn of(self, object: Type) -> Type {
        match self {
            Self::Single => object,
            Self::List => Type::List(Box::new(object)),
            Self::Set => Type::Set(Box::new(object)),
            Self::Map => Type::Map(Box::new(object)),
        }
    }
}

fn object(attributes: &[Attribute]) -> Type {
    Type::Object(attributes.iter().map(|attribute| (attribute.name.to_owned(), attribute.r#type())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_attributes_and_blocks_are_collections_of_objects() {
        let member = || vec![Attribute::required("image", Type::String)];
        let schema = Schema {
            attributes: vec![
                Attribute::optional("tags", Type::Map(Box::new(Type::String))),
                Attribute::nested("container", Mode::Optional, Nesting::Single, member()),
            ],
            blocks: vec![NestedBlock {
                name: "role",
                description: "",
                nesting: Nesting::List,
                max_items: 0,
                attributes: member(),
            }],
            ..Schema::default()
        };
        assert_eq!(
            schema.r#type().to_string(),
            "object({ container = object({ image = string }), role = list(object({ image = string })), \
             tags = map(string) })"
        );
    }
}
