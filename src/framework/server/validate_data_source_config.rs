//! `ValidateDataResourceConfig`.

use super::{Server, unknown_data_source_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;

impl Server {
    /// Checks a data source's configuration against its schema, then by the data source's own rules.
    pub fn validate_data_source_config(&self, type_name: &str, config: &Value) -> Diagnostics {
        match self.data_source(type_name) {
            Some(entry) => entry.data_source.validate(config),
            None => unknown_data_source_type(type_name),
        }
    }
}
