//! From wire messages to the framework's types.

use std::collections::BTreeMap;

use crate::framework::server::{
    ActionEntry, ClientCapabilities, DataSourceEntry, ListResourceEntry, RawState, ResourceEntry, Server,
    unknown_action_type, unknown_data_source_type, unknown_list_resource_type, unknown_resource_type,
};
use crate::framework::value::{CodecError, json, msgpack};
use crate::framework::{Diagnostic, Diagnostics, Type, Value};
use crate::protocol::proto::tfplugin6 as proto;

/// The resource that a request is for; looked up before anything of the request is decoded.
pub(crate) fn find_resource<'a>(
    server: &'a Server,
    type_name: &str,
) -> Result<&'a ResourceEntry, Diagnostics> {
    server.resource(type_name).ok_or_else(|| unknown_resource_type(type_name))
}

/// The data source that a request is for; looked up before anything of the request is decoded.
pub(crate) fn find_data_source<'a>(
    server: &'a Server,
    type_name: &str,
) -> Result<&'a DataSourceEntry, Diagnostics> {
    server.data_source(type_name).ok_or_else(|| unknown_data_source_type(type_name))
}

/// The list resource that a request is for; looked up before anything of the request is decoded.
pub(crate) fn find_list_resource<'a>(
    server: &'a Server,
    type_name: &str,
) -> Result<&'a ListResourceEntry, Diagnostics> {
    server.list_resource_entry(type_name).ok_or_else(|| unknown_list_resource_type(type_name))
}

/// The action that a request is for; looked up before anything of the request is decoded.
pub(crate) fn find_action<'a>(server: &'a Server, type_name: &str) -> Result<&'a ActionEntry, Diagnostics> {
    server.action(type_name).ok_or_else(|| unknown_action_type(type_name))
}

/// A value of `type`; absent and empty ones are null, as core takes them. `what` names it in the diagnostic.
pub(crate) fn value(
    value: Option<proto::DynamicValue>,
    r#type: &Type,
    what: &str,
) -> Result<Value, Diagnostics> {
    decode(&value.unwrap_or_default(), r#type).map_err(|error| {
        Diagnostic::error(
            "Undecodable value from Terraform",
            format!(
                "The {what} does not have the type of the provider's schema: {error}. This is a defect of the \
                 provider or of Terraform, not of your configuration."
            ),
        )
        .into()
    })
}

/// A value of `type`; msgpack if there is any, otherwise JSON.
pub(crate) fn decode(value: &proto::DynamicValue, r#type: &Type) -> Result<Value, CodecError> {
    match (value.msgpack.is_empty(), value.json.is_empty()) {
        (false, _) => msgpack::decode(&value.msgpack, r#type),
        (true, false) => json::decode(&value.json, r#type),
        (true, true) => Ok(Value::Null),
    }
}

/// An identity of `entry`; none if there is none, or if the resource has none.
pub(crate) fn identity(
    identity: Option<proto::ResourceIdentityData>,
    entry: &ResourceEntry,
) -> Result<Option<Value>, Diagnostics> {
    let (Some(identity), Some(r#type)) = (identity, &entry.identity_type) else {
        return Ok(None);
    };
    let identity = value(identity.identity_data, r#type, "identity")?;
    Ok(Some(identity).filter(|identity| !identity.is_null()))
}

/// A stored state or identity.
pub(crate) fn raw_state(state: Option<proto::RawState>) -> RawState {
    let state = state.unwrap_or_default();
    RawState { json: state.json, flatmap: BTreeMap::from_iter(state.flatmap) }
}

/// What core can take.
pub(crate) fn capabilities(capabilities: Option<proto::ClientCapabilities>) -> ClientCapabilities {
    let capabilities = capabilities.unwrap_or_default();
    ClientCapabilities {
        deferral_allowed: capabilities.deferral_allowed,
        write_only_attributes_allowed: capabilities.write_only_attributes_allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msgpack_wins_over_json_and_nothing_is_null() {
        let both = proto::DynamicValue { msgpack: vec![0xc3], json: b"false".to_vec() };
        assert_eq!(decode(&both, &Type::Bool), Ok(Value::Bool(true)));
        let json = proto::DynamicValue { msgpack: Vec::new(), json: b"false".to_vec() };
        assert_eq!(decode(&json, &Type::Bool), Ok(Value::Bool(false)));
        assert_eq!(value(None, &Type::Bool, "flag"), Ok(Value::Null));
    }

    #[test]
    fn a_value_of_another_type_is_a_diagnostic_that_names_it() {
        let flag = proto::DynamicValue { msgpack: vec![0xc3], json: Vec::new() };
        let diagnostics = value(Some(flag), &Type::String, "prior state").expect_err("a bool is no string");
        assert!(diagnostics.has_errors());
        let detail = &diagnostics.iter().next().expect("one").detail;
        assert!(detail.starts_with("The prior state does not"), "{detail}");
    }
}
