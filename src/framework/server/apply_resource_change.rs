//! `ApplyResourceChange`.

use super::{ClientCapabilities, Server, unknown_resource_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::resource::{Change, Current, Private};

/// A planned change to carry out.
#[derive(Debug, Clone)]
pub struct ApplyResourceChangeRequest {
    /// The Terraform type.
    pub type_name: String,
    /// The state before; null for a create.
    pub prior_state: Value,
    /// The state that was promised; null for a delete.
    pub planned_state: Value,
    /// What the user wrote.
    pub config: Value,
    /// Opaque bytes from the plan.
    pub planned_private: Private,
    /// The identity that was promised.
    pub planned_identity: Option<Value>,
}

/// What exists now.
#[derive(Debug, Clone)]
pub struct ApplyResourceChangeResponse {
    /// Wholly known; null: nothing exists.
    pub new_state: Value,
    /// Opaque bytes to keep.
    pub private: Private,
    /// The identity; `None`: the resource has none or it is not known.
    pub new_identity: Option<Value>,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

impl Server {
    /// Creates, updates or deletes a resource.
    pub async fn apply_resource_change(
        &self,
        request: ApplyResourceChangeRequest,
    ) -> ApplyResourceChangeResponse {
        let Some(entry) = self.resource(&request.type_name) else {
            return ApplyResourceChangeResponse {
                new_state: request.prior_state,
                private: request.planned_private,
                new_identity: request.planned_identity,
                diagnostics: unknown_resource_type(&request.type_name),
            };
        };
        let cx = self.context(ClientCapabilities::default());
        let prior = Some(request.prior_state).filter(|prior| !prior.is_null());
        let outcome = match prior {
            Some(state) if request.planned_state.is_null() => {
                entry.resource.delete(&cx, Current { state, private: request.planned_private }).await
            }
            prior => {
                let creates = prior.is_none();
                let change = Change {
                    config: request.config,
                    prior,
                    planned: request.planned_state,
                    private: request.planned_private,
                };
                if creates {
                    entry.resource.create(&cx, change).await
                } else {
                    entry.resource.update(&cx, change).await
                }
            }
        };
        ApplyResourceChangeResponse {
            new_identity: outcome.state.as_ref().and_then(|state| entry.resource.identity(state)),
            new_state: outcome.state.unwrap_or(Value::Null),
            private: outcome.private,
            diagnostics: outcome.diagnostics,
        }
    }
}
