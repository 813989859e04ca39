//! `ValidateResourceConfig`.

use super::{Server, unknown_resource_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;

impl Server {
    /// Checks a resource's configuration against its schema, then by the resource's own rules.
    pub fn validate_resource_config(&self, type_name: &str, config: &Value) -> Diagnostics {
        match self.resource(type_name) {
            Some(entry) => entry.resource.validate(config),
            None => unknown_resource_type(type_name),
        }
    }
}
