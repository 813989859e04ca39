//! `GenerateResourceConfig`: a configuration that plans no change of an imported object.

use super::guard::guarded_call;
use super::{ResourceEntry, Server, unknown_resource_type};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::{Attribute, Kind, Mode};
use crate::framework::{Diagnostic, Value};

/// A generated configuration.
#[derive(Debug, Clone)]
pub struct GenerateResourceConfigResponse {
    /// What a user would write; null only beside an error.
    pub config: Value,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

impl Server {
    /// The configuration that belongs to a state.
    pub fn generate_resource_config(&self, type_name: &str, state: &Value) -> GenerateResourceConfigResponse {
        let generated = match self.resource(type_name) {
            Some(entry) => entry.generate_config(type_name, state),
            None => Err(unknown_resource_type(type_name)),
        };
        match generated {
            Ok(config) => GenerateResourceConfigResponse { config, diagnostics: Diagnostics::none() },
            Err(diagnostics) => GenerateResourceConfigResponse { config: Value::Null, diagnostics },
        }
    }
}

impl ResourceEntry {
    fn generate_config(&self, type_name: &str, state: &Value) -> Result<Value, Diagnostics> {
        let config = configurable(&self.members, state);
        let config = guarded_call(type_name, "configuration of", || self.resource.generate_config(config))?;
        let config = configurable(&self.members, &config?);
        self.r#type.check(&config).map_err(|error| {
            Diagnostic::error(
                format!("Internal error in the generated configuration of {type_name}"),
                format!(
                    "It does not fit the schema: {error}. This is a defect of the provider, not of your \
                     configuration."
                ),
            )
        })?;
        Ok(config)
    }
}

/// What of a state can be written in a configuration: nothing that only the provider knows, nothing write-only and
/// nothing deprecated.
fn configurable(members: &[Attribute], state: &Value) -> Value {
    let Value::Object(values) = state else { return state.clone() };
    let written = values.iter().map(|(name, value)| {
        let attribute = members.iter().find(|attribute| attribute.name == *name);
        (name.clone(), attribute.map_or(Value::Null, |attribute| configurable_value(attribute, value)))
    });
    Value::Object(written.collect())
}

fn configurable_value(attribute: &Attribute, value: &Value) -> Value {
    if attribute.mode == Mode::Computed || attribute.write_only || attribute.deprecation.is_some() {
        return Value::Null;
    }
    let Kind::Nested(_, members) = &attribute.kind else { return value.clone() };
    let element = |value: &Value| configurable(members, value);
    match value {
        Value::List(elements) => Value::List(elements.iter().map(element).collect()),
        Value::Set(elements) => Value::Set(elements.iter().map(element).collect()),
        Value::Map(elements) => {
            Value::Map(elements.iter().map(|(key, value)| (key.clone(), element(value))).collect())
        }
        other => element(other),
    }
}
