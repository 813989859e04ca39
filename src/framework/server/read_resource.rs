//! `ReadResource`.

use std::sync::atomic::Ordering;

use super::guard::guarded;
use super::{ClientCapabilities, ResourceEntry, Server, unknown_resource_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::plan::respell_object;
use crate::framework::resource::{Current, Outcome, Private};

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
        self.has_refreshed.store(true, Ordering::Relaxed);
        let cx = self.context(request.capabilities);
        let before = request.current_state.clone();
        let current = Current { state: request.current_state, private: request.private.clone() };
        let read = guarded(&request.type_name, "read", entry.resource.read(&cx, current)).await;
        let mut outcome = read.unwrap_or_else(|panicked| Outcome {
            state: Some(before.clone()),
            private: request.private,
            diagnostics: panicked.into(),
        });
        let new_state = entry.read_state(before, outcome.state, &mut outcome.diagnostics);
        ReadResourceResponse {
            new_identity: entry.identity_of(&new_state, request.current_identity),
            new_state,
            private: outcome.private,
            diagnostics: outcome.diagnostics,
        }
    }
}

impl ResourceEntry {
    /// The new state: in the spelling of the one before, which is what a failed read leaves.
    fn read_state(&self, before: Value, read: Option<Value>, diagnostics: &mut Diagnostics) -> Value {
        let Some(state) = read else {
            return if diagnostics.has_errors() { before } else { Value::Null };
        };
        let Some(state) = self.checked("read", state, diagnostics) else { return before };
        let state = self.known("read", state, diagnostics);
        respell_object(&self.members, &before, &state)
    }
}
