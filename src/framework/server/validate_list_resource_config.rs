//! `ValidateListResourceConfig`.

use super::guard::guarded_call;
use super::{Server, unknown_list_resource_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::validation::validate_config;

impl Server {
    /// Checks a list resource's configuration against its schema; if that finds no error, by its own rules.
    pub fn validate_list_resource_config(&self, type_name: &str, config: &Value) -> Diagnostics {
        let Some(entry) = self.list_resource_entry(type_name) else {
            return unknown_list_resource_type(type_name);
        };
        let mut diagnostics = validate_config(&entry.members, config);
        if !diagnostics.has_errors() {
            match guarded_call(type_name, "validation", || entry.list_resource.validate(config)) {
                Ok(found) => diagnostics.extend(found),
                Err(panicked) => diagnostics.push(panicked),
            }
        }
        diagnostics
    }
}
