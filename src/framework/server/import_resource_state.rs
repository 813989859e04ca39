//! `ImportResourceState`.

use super::guard::guarded;
use super::{ClientCapabilities, Server, unknown_resource_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::resource::{ImportTarget, Outcome, Private};

/// An object to import.
#[derive(Debug, Clone)]
pub struct ImportResourceStateRequest {
    /// The Terraform type.
    pub type_name: String,
    /// What the user wrote as id; empty if an identity is given.
    pub id: String,
    /// What the user wrote as identity.
    pub identity: Option<Value>,
    /// What core can take.
    pub capabilities: ClientCapabilities,
}

/// What was imported.
#[derive(Debug, Clone)]
pub struct ImportResourceStateResponse {
    /// One object, or none beside an error.
    pub imported_resources: Vec<ImportedResource>,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

/// An imported object; core reads it right afterwards.
#[derive(Debug, Clone)]
pub struct ImportedResource {
    /// The Terraform type.
    pub type_name: String,
    /// What is known so far; the rest is null.
    pub state: Value,
    /// Opaque bytes to keep.
    pub private: Private,
    /// The identity; `None`: the resource has none or it is not known.
    pub identity: Option<Value>,
}

impl Server {
    /// Imports an object.
    pub async fn import_resource_state(
        &self,
        request: ImportResourceStateRequest,
    ) -> ImportResourceStateResponse {
        let Some(entry) = self.resource(&request.type_name) else {
            return ImportResourceStateResponse {
                imported_resources: Vec::new(),
                diagnostics: unknown_resource_type(&request.type_name),
            };
        };
        let cx = self.context(request.capabilities);
        let target = match request.identity {
            Some(identity) if request.id.is_empty() => ImportTarget::Identity(identity),
            _ => ImportTarget::Id(request.id),
        };
        let identity = match &target {
            ImportTarget::Identity(identity) => Some(identity.clone()),
            ImportTarget::Id(_) => None,
        };
        let type_name = request.type_name;
        let import = guarded(&type_name, "import", entry.resource.import(&cx, target)).await;
        let mut outcome = import.unwrap_or_else(|panicked| Outcome {
            state: None,
            private: Vec::new(),
            diagnostics: panicked.into(),
        });
        let diagnostics = &mut outcome.diagnostics;
        if outcome.state.is_none() && !diagnostics.has_errors() {
            diagnostics.push(entry.defect("import", "It reported success, but returned no state."));
        }
        let state = outcome.state.and_then(|state| entry.checked("import", state, diagnostics));
        let imported = state.filter(|_| !diagnostics.has_errors()).map(|state| ImportedResource {
            identity: entry.identity_of(&state, identity),
            type_name,
            state: state.with_unknown_as_null(),
            private: outcome.private,
        });
        ImportResourceStateResponse {
            imported_resources: imported.into_iter().collect(),
            diagnostics: outcome.diagnostics,
        }
    }
}
