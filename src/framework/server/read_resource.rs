//! `ReadResource`.

use super::{ClientCapabilities, Server, unknown_resource_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::resource::{Current, Private};

/// A state to refresh.
#[derive(Debug, Clone)]
pub struct ReadResourceRequest {
    /// The Terraform type.
    pub type_name: String,
    /// The state.
    pub current_state: Value,
    /// Opaque bytes from the state.
    pub private: Private,
    /// The identity from the state.
    pub current_identity: Option<Value>,
    /// What core can take.
    pub capabilities: ClientCapabilities,
}

/// The state as it is now.
#[derive(Debug, Clone)]
pub struct ReadResourceResponse {
    /// Wholly known; null: the object is gone.
    pub new_state: Value,
    /// Opaque bytes to keep.
    pub private: Private,
    /// The identity; `None`: the resource has none or it is not known.
    pub new_identity: Option<Value>,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

impl Server {
    /// Reads a resource.
    pub async fn read_resource(&self, request: ReadResourceRequest) -> ReadResourceResponse {
        let Some(entry) = self.resource(&request.type_name) else {
            return ReadResourceResponse {
                new_state: request.current_state,
                private: request.private,
                new_identity: request.current_identity,
                diagnostics: unknown_resource_type(&request.type_name),
            };
        };
        let cx = self.context(request.capabilities);
        let current = Current { state: request.current_state, private: request.private };
        let outcome = entry.resource.read(&cx, current).await;
        ReadResourceResponse {
            new_identity: outcome.state.as_ref().and_then(|state| entry.resource.identity(state)),
            new_state: outcome.state.unwrap_or(Value::Null),
            private: outcome.private,
            diagnostics: outcome.diagnostics,
        }
    }
}
