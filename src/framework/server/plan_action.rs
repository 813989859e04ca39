//! `PlanAction`.

use super::guard::guarded;
use super::{ClientCapabilities, Server, unknown_action_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;

/// An action to plan or to invoke.
#[derive(Debug, Clone)]
pub struct ActionRequest {
    /// The Terraform type.
    pub type_name: String,
    /// What the user wrote.
    pub config: Value,
    /// What core can take.
    pub capabilities: ClientCapabilities,
}

impl Server {
    /// Says what there is to say about a planned action. Changes nothing.
    pub async fn plan_action(&self, request: ActionRequest) -> Diagnostics {
        let Some(entry) = self.action(&request.type_name) else {
            return unknown_action_type(&request.type_name);
        };
        let cx = self.context(request.capabilities);
        let plan = entry.action.plan(&cx, &request.config);
        guarded(&request.type_name, "plan", plan).await.unwrap_or_else(Diagnostics::from)
    }
}
