//! Shapes as core reads them, within the rules that it checks on load (protocol section 1.7).

use std::collections::HashMap;

use crate::framework::function::{Parameter, Signature};
use crate::framework::resource::IdentitySchema;
use crate::framework::schema::{Attribute, Kind, Mode, NestedBlock, Nesting, Schema};
use crate::framework::server::Server;
use crate::protocol::proto::tfplugin6 as proto;
use crate::protocol::proto::tfplugin6::StringKind;
use crate::protocol::proto::tfplugin6::schema as proto_schema;

/// A schema.
pub(crate) fn schema(schema: &Schema) -> proto::Schema {
    let block = block(&schema.attributes, &schema.blocks, schema.description);
    proto::Schema { version: schema.version, block: Some(block) }
}

fn block(attributes: &[Attribute], blocks: &[NestedBlock], description: &str) -> proto_schema::Block {
    proto_schema::Block {
        attributes: attributes.iter().map(attribute).collect(),
        block_types: blocks.iter().map(nested_block).collect(),
        description: description.to_owned(),
        description_kind: StringKind::Markdown.into(),
        ..proto_schema::Block::default()
    }
}

/// Either the type or the nested type is set: core refuses a provider whose schema has both.
fn attribute(attribute: &Attribute) -> proto_schema::Attribute {
    let (r#type, nested_type) = match &attribute.kind {
        Kind::Value(r#type) => (r#type.to_json(), None),
        Kind::Nested(nesting, attributes) => (Vec::new(), Some(object(*nesting, attributes))),
    };
    proto_schema::Attribute {
        name: attribute.name.to_owned(),
        r#type,
        nested_type,
        description: attribute.description.to_owned(),
        required: attribute.mode == Mode::Required,
        optional: matches!(attribute.mode, Mode::Optional | Mode::OptionalComputed),
        computed: matches!(attribute.mode, Mode::Computed | Mode::OptionalComputed),
        sensitive: attribute.sensitive,
        description_kind: StringKind::Markdown.into(),
        deprecated: attribute.deprecation.is_some(),
        write_only: attribute.write_only,
        deprecation_message: attribute.deprecation.unwrap_or_default().to_owned(),
    }
}

fn object(nesting: Nesting, attributes: &[Attribute]) -> proto_schema::Object {
    use proto_schema::object::NestingMode;
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    proto_schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..proto_schema::Object::default()
    }
}

fn nested_block(nested: &NestedBlock) -> proto_schema::NestedBlock {
    use proto_schema::nested_block::NestingMode;
    // Single and map blocks must not say how many there may be.
    let (nesting, max_items) = match nested.nesting {
        Nesting::Single => (NestingMode::Single, 0),
        Nesting::List => (NestingMode::List, nested.max_items),
        Nesting::Set => (NestingMode::Set, nested.max_items),
        Nesting::Map => (NestingMode::Map, 0),
    };
    proto_schema::NestedBlock {
        type_name: nested.name.to_owned(),
        block: Some(block(&nested.attributes, &[], nested.description)),
        nesting: nesting.into(),
        min_items: 0,
        max_items,
    }
}

/// The shape of an identity.
pub(crate) fn identity_schema(schema: &IdentitySchema) -> proto::ResourceIdentitySchema {
    use proto::resource_identity_schema::IdentityAttribute;
    let attributes = schema.attributes.iter().map(|attribute| IdentityAttribute {
        name: attribute.name.to_owned(),
        r#type: attribute.r#type.to_json(),
        required_for_import: attribute.required_for_import,
        optional_for_import: !attribute.required_for_import,
        description: attribute.description.to_owned(),
    });
    proto::ResourceIdentitySchema { version: schema.version, identity_attributes: attributes.collect() }
}

/// All functions of a provider by name.
pub(crate) fn functions(server: &Server) -> HashMap<String, proto::Function> {
    server.functions().iter().map(|(name, entry)| ((*name).to_owned(), function(&entry.signature))).collect()
}

fn function(signature: &Signature) -> proto::Function {
    proto::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(proto::function::Return { r#type: signature.result.to_json() }),
        summary: signature.summary.to_owned(),
        description: signature.description.to_owned(),
        description_kind: StringKind::Markdown.into(),
        deprecation_message: String::new(),
    }
}

fn parameter(parameter: &Parameter) -> proto::function::Parameter {
    proto::function::Parameter {
        name: parameter.name.to_owned(),
        r#type: parameter.r#type.to_json(),
        allow_null_value: parameter.allow_null_value,
        allow_unknown_values: false,
        description: parameter.description.to_owned(),
        description_kind: StringKind::Markdown.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Type;

    #[test]
    fn an_attribute_has_either_a_type_or_a_nested_type() {
        let plain = attribute(&Attribute::required("a", Type::String));
        assert_eq!((plain.r#type.as_slice(), plain.nested_type), (b"\"string\"".as_slice(), None));
        let members = vec![Attribute::optional("b", Type::Bool)];
        let nested = attribute(&Attribute::nested("c", Mode::OptionalComputed, Nesting::Set, members));
        assert!(nested.r#type.is_empty());
        let object = nested.nested_type.expect("a nested type");
        assert_eq!(object.nesting(), proto_schema::object::NestingMode::Set);
        assert_eq!(object.attributes[0].name, "b");
        assert!(nested.optional && nested.computed && !nested.required);
    }

    #[test]
    fn a_deprecation_message_comes_with_the_flag() {
        let mut old = Attribute::optional("old", Type::String);
        assert!(!attribute(&old).deprecated);
        old.deprecation = Some("use new");
        let sent = attribute(&old);
        assert!(sent.deprecated);
        assert_eq!(sent.deprecation_message, "use new");
    }

    #[test]
    fn a_single_block_has_equal_bounds() {
        let nested = |nesting| NestedBlock {
            name: "b",
            description: "",
            nesting,
            max_items: 1,
            attributes: vec![Attribute::optional("c", Type::String)],
        };
        let single = nested_block(&nested(Nesting::Single));
        assert_eq!((single.min_items, single.max_items), (0, 0));
        let list = nested_block(&nested(Nesting::List));
        assert_eq!((list.min_items, list.max_items), (0, 1));
    }
}
