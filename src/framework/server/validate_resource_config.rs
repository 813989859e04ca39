//! `ValidateResourceConfig`.

use super::guard::guarded_call;
use super::{Server, unknown_resource_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::validation::validate_config;

impl Server {
    /// Checks a resource's configuration against its schema; if that finds no error, by the resource's own
    /// rules, which may rely on it.
    pub fn validate_resource_config(&self, type_name: &str, config: &Value) -> Diagnostics {
        let Some(entry) = self.resource(type_name) else { return unknown_resource_type(type_name) };
        let mut diagnostics = validate_config(&entry.members, config);
        if !diagnostics.has_errors() {
            match guarded_call(type_name, "validation", || entry.resource.validate(config)) {
                Ok(found) => diagnostics.extend(found),
                Err(panicked) => diagnostics.push(panicked),
            }
        }
        diagnostics
    }
}
