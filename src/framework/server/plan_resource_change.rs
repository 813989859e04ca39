//! `PlanResourceChange`.

use super::{ClientCapabilities, Server, unknown_resource_type};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::resource::{Plan, Private};
use crate::framework::{Path, Value};

/// A change to plan.
#[derive(Debug, Clone)]
pub struct PlanResourceChangeRequest {
    /// The Terraform type.
    pub type_name: String,
    /// The state before; null for a create.
    pub prior_state: Value,
    /// What core proposes; null for a destroy.
    pub proposed_new_state: Value,
    /// What the user wrote.
    pub config: Value,
    /// Opaque bytes from the state.
    pub prior_private: Private,
    /// The identity from the state.
    pub prior_identity: Option<Value>,
    /// What core can take.
    pub capabilities: ClientCapabilities,
}

/// The planned change.
#[derive(Debug, Clone)]
pub struct PlanResourceChangeResponse {
    /// The state after; null for a destroy.
    pub planned_state: Value,
    /// Attributes whose change forces a replacement.
    pub requires_replace: Vec<Path>,
    /// Opaque bytes for apply.
    pub planned_private: Private,
    /// The identity after; `None`: not known.
    pub planned_identity: Option<Value>,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

impl Server {
    /// Plans a change of a resource.
    pub async fn plan_resource_change(
        &self,
        request: PlanResourceChangeRequest,
    ) -> PlanResourceChangeResponse {
        let mut response = PlanResourceChangeResponse {
            planned_state: request.proposed_new_state.clone(),
            requires_replace: Vec::new(),
            planned_private: request.prior_private.clone(),
            planned_identity: request.prior_identity,
            diagnostics: Diagnostics::none(),
        };
        let Some(entry) = self.resource(&request.type_name) else {
            response.diagnostics = unknown_resource_type(&request.type_name);
            return response;
        };
        let cx = self.context(request.capabilities);
        if request.proposed_new_state.is_null() {
            response.diagnostics = entry.resource.plan_destroy(&cx, &request.prior_state).await;
            return response;
        }
        let mut plan = Plan {
            config: request.config,
            prior: Some(request.prior_state).filter(|prior| !prior.is_null()),
            planned: request.proposed_new_state,
            requires_replace: Vec::new(),
            private: request.prior_private,
        };
        response.diagnostics = entry.resource.plan(&cx, &mut plan).await;
        response.planned_state = plan.planned;
        response.requires_replace = plan.requires_replace;
        response.planned_private = plan.private;
        response
    }
}
