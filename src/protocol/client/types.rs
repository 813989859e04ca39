//! The types of values, from a schema as it came over the wire.

use std::collections::{BTreeMap, HashMap};

use tonic::Status;

use crate::framework::Type;
use crate::protocol::proto::tfplugin6 as proto;
use crate::protocol::proto::tfplugin6::get_provider_schema;
use crate::protocol::proto::tfplugin6::schema::nested_block::NestingMode as BlockNesting;
use crate::protocol::proto::tfplugin6::schema::object::NestingMode as ObjectNesting;
use crate::protocol::proto::tfplugin6::schema::{Attribute, Block};

/// The type of everything that a provider has.
#[derive(Debug, Clone)]
pub(crate) struct Types {
    pub(crate) provider: Type,
    pub(crate) resources: BTreeMap<String, Type>,
    pub(crate) identities: BTreeMap<String, Type>,
    pub(crate) data_sources: BTreeMap<String, Type>,
    pub(crate) list_resources: BTreeMap<String, Type>,
    pub(crate) actions: BTreeMap<String, Type>,
    /// Types of the fixed parameters, the variadic one and the result.
    pub(crate) functions: BTreeMap<String, (Vec<Type>, Option<Type>, Type)>,
}

impl Types {
    pub(crate) fn of(
        schemas: &get_provider_schema::Response,
        identities: &proto::get_resource_identity_schemas::Response,
    ) -> Result<Self, Status> {
        let types = |schemas: &HashMap<String, proto::Schema>| {
            let types = schemas.iter().map(|(name, schema)| Ok((name.clone(), schema_type(schema)?)));
            types.collect::<Result<_, Status>>()
        };
        Ok(Self {
            provider: schemas.provider.as_ref().map_or(Ok(Type::Object(BTreeMap::new())), schema_type)?,
            resources: types(&schemas.resource_schemas)?,
            data_sources: types(&schemas.data_source_schemas)?,
            list_resources: types(&schemas.list_resource_schemas)?,
            actions: schemas
                .action_schemas
                .iter()
                .filter_map(|(name, action)| Some((name, action.schema.as_ref()?)))
                .map(|(name, schema)| Ok((name.clone(), schema_type(schema)?)))
                .collect::<Result<_, Status>>()?,
            identities: identities
                .identity_schemas
                .iter()
                .map(|(name, schema)| Ok((name.clone(), identity_type(schema)?)))
                .collect::<Result<_, Status>>()?,
            functions: schemas
                .functions
                .iter()
                .map(|(name, function)| Ok((name.clone(), function_types(function)?)))
                .collect::<Result<_, Status>>()?,
        })
    }
}

fn schema_type(schema: &proto::Schema) -> Result<Type, Status> {
    block_type(schema.block.as_ref().ok_or_else(|| Status::data_loss("a schema without a block"))?)
}

fn block_type(block: &Block) -> Result<Type, Status> {
    let attributes =
        block.attributes.iter().map(|attribute| Ok((attribute.name.clone(), attribute_type(attribute)?)));
    let blocks = block.block_types.iter().map(|nested| {
        let object =
            block_type(nested.block.as_ref().ok_or_else(|| Status::data_loss("an empty block type"))?)?;
        let r#type = match nested.nesting() {
            BlockNesting::List => Type::List(Box::new(object)),
            BlockNesting::Set => Type::Set(Box::new(object)),
            BlockNesting::Map => Type::Map(Box::new(object)),
            BlockNesting::Single | BlockNesting::Group => object,
            BlockNesting::Invalid => return Err(Status::data_loss("a block type without nesting")),
        };
        Ok((nested.type_name.clone(), r#type))
    });
    Ok(Type::Object(attributes.chain(blocks).collect::<Result<_, Status>>()?))
}

fn attribute_type(attribute: &Attribute) -> Result<Type, Status> {
    let Some(nested) = &attribute.nested_type else { return from_json(&attribute.r#type) };
    if !attribute.r#type.is_empty() {
        return Err(Status::data_loss(format!("{} has a type and a nested type", attribute.name)));
    }
    let attributes =
        nested.attributes.iter().map(|member| Ok((member.name.clone(), attribute_type(member)?)));
    let object = Type::Object(attributes.collect::<Result<_, Status>>()?);
    match nested.nesting() {
        ObjectNesting::Single => Ok(object),
        ObjectNesting::List => Ok(Type::List(Box::new(object))),
        ObjectNesting::Set => Ok(Type::Set(Box::new(object))),
        ObjectNesting::Map => Ok(Type::Map(Box::new(object))),
        ObjectNesting::Invalid => Err(Status::data_loss(format!("{} has no nesting", attribute.name))),
    }
}

fn identity_type(schema: &proto::ResourceIdentitySchema) -> Result<Type, Status> {
    let attributes = schema.identity_attributes.iter();
    let types = attributes.map(|attribute| Ok((attribute.name.clone(), from_json(&attribute.r#type)?)));
    Ok(Type::Object(types.collect::<Result<_, Status>>()?))
}

fn function_types(function: &proto::Function) -> Result<(Vec<Type>, Option<Type>, Type), Status> {
    let parameters = function.parameters.iter().map(|parameter| from_json(&parameter.r#type));
    let variadic = function.variadic_parameter.as_ref().map(|parameter| from_json(&parameter.r#type));
    let result =
        function.r#return.as_ref().ok_or_else(|| Status::data_loss("a function without a result"))?;
    Ok((parameters.collect::<Result<_, _>>()?, variadic.transpose()?, from_json(&result.r#type)?))
}

fn from_json(json: &[u8]) -> Result<Type, Status> {
    Type::from_json(json).map_err(|error| Status::data_loss(error.to_string()))
}
