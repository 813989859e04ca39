//! `ReadDataSource`.

use super::guard::guarded;
use super::{ClientCapabilities, DataSourceEntry, Server, unknown_data_source_type};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::plan::plan_change;
use crate::framework::settle::settle;
use crate::framework::{Diagnostic, Value};

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
        let config = request.config.clone();
        let read = entry.data_source.read(&cx, request.config);
        let read = guarded(&request.type_name, "read", read).await.map_err(Diagnostics::from);
        let settled = read
            .and_then(|read| read)
            .and_then(|(state, warnings)| Ok((entry.settled(&config, state)?, warnings)));
        match settled {
            Ok((state, diagnostics)) => ReadDataSourceResponse { state, diagnostics },
            Err(diagnostics) => ReadDataSourceResponse { state: Value::Null, diagnostics },
        }
    }
}

impl DataSourceEntry {
    /// The result, of the right type, wholly known, and as configured wherever something is configured.
    fn settled(&self, config: &Value, state: Value) -> Result<Value, Diagnostics> {
        let defect = |problem: String| {
            Diagnostic::error(
                format!("Internal error in the read of {}", self.data_source.type_name()),
                format!("{problem} This is a defect of the provider, not of your configuration."),
            )
        };
        if state.is_null() {
            return Err(defect("It reported success, but returned nothing.".to_owned()).into());
        }
        let checked = self.r#type.check(&state);
        checked.map_err(|error| defect(format!("The result does not fit the schema: {error}.")))?;
        let planned = plan_change(&self.members, config, &Value::Null);
        let settled = settle(&planned, state);
        let type_name = self.data_source.type_name();
        for path in &settled.diverged {
            tracing::warn!(type_name, %path, "the result differs from the configuration, which is kept");
        }
        match settled.unanswered.first() {
            Some(path) => {
                Err(defect("The result holds an unknown value.".to_owned()).at(path.clone()).into())
            }
            None => Ok(settled.state),
        }
    }
}
