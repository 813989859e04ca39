//! `ValidateDataResourceConfig`.

use super::guard::guarded_call;
use super::{Server, unknown_data_source_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::validation::validate_config;

impl Server {
    /// Checks a data source's configuration against its schema; if that finds no error, by the data source's own
    /// rules, which may rely on it.
    pub fn validate_data_source_config(&self, type_name: &str, config: &Value) -> Diagnostics {
        let Some(entry) = self.data_source(type_name) else { return unknown_data_source_type(type_name) };
        let mut diagnostics = validate_config(&entry.members, config);
        if !diagnostics.has_errors() {
            match guarded_call(type_name, "validation", || entry.data_source.validate(config)) {
                Ok(found) => diagnostics.extend(found),
                Err(panicked) => diagnostics.push(panicked),
            }
        }
        diagnostics
    }
}
