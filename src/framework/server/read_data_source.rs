//! `ReadDataSource`.

use super::{ClientCapabilities, Server, unknown_data_source_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;

/// A data source to read.
#[derive(Debug, Clone)]
pub struct ReadDataSourceRequest {
    /// The Terraform type.
    pub type_name: String,
    /// What the user wrote.
    pub config: Value,
    /// What core can take.
    pub capabilities: ClientCapabilities,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct ReadDataSourceResponse {
    /// Wholly known; null only beside an error.
    pub state: Value,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

impl Server {
    /// Reads a data source.
    pub async fn read_data_source(&self, request: ReadDataSourceRequest) -> ReadDataSourceResponse {
        let Some(entry) = self.data_source(&request.type_name) else {
            let diagnostics = unknown_data_source_type(&request.type_name);
            return ReadDataSourceResponse { state: Value::Null, diagnostics };
        };
        let cx = self.context(request.capabilities);
        match entry.data_source.read(&cx, request.config).await {
            Ok(state) => ReadDataSourceResponse { state, diagnostics: Diagnostics::none() },
            Err(diagnostics) => ReadDataSourceResponse { state: Value::Null, diagnostics },
        }
    }
}
