//! `ApplyResourceChange`.

use super::guard::guarded;
use super::replacement_mark;
use super::{ClientCapabilities, ResourceEntry, Server, unknown_resource_type};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::resource::{Change, Current, Outcome, Private};
use crate::framework::settle::Divergence;
use crate::framework::{Context, Diagnostic, Value};

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
    /// Where a success came to another value than was planned. Core is given the planned one; whoever calls this in
    /// process can see that the plan did not tell the truth.
    pub diverged: Vec<Divergence>,
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
                diverged: Vec::new(),
            };
        };
        let cx = self.context(ClientCapabilities::default());
        let planned_private = replacement_mark::take(request.planned_private).0;
        let request = ApplyResourceChangeRequest { planned_private, ..request };
        let planned = request.planned_state.clone();
        let before = request.prior_state.clone();
        let identity = request.planned_identity.clone();
        let (operation, mut outcome) = entry.apply(&cx, request).await;
        let diagnostics = &mut outcome.diagnostics;
        let mut diverged = Vec::new();
        let new_state = match operation {
            Operation::Delete => entry.deleted_state(before, outcome.state, diagnostics),
            operation => {
                let changed = Applied { operation, before, planned: &planned };
                entry.applied_state(changed, outcome.state, diagnostics, &mut diverged)
            }
        };
        ApplyResourceChangeResponse {
            new_identity: entry.identity_of(&new_state, identity),
            new_state,
            private: outcome.private,
            diagnostics: outcome.diagnostics,
            diverged,
        }
    }
}

/// A create or an update that has ended.
struct Applied<'a> {
    operation: Operation,
    before: Value,
    planned: &'a Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Create,
    Update,
    Delete,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

impl ResourceEntry {
    async fn apply(&self, cx: &Context, request: ApplyResourceChangeRequest) -> (Operation, Outcome<Value>) {
        let private = request.planned_private.clone();
        let prior = Some(request.prior_state).filter(|prior| !prior.is_null());
        let (operation, applied) = match prior {
            Some(state) if request.planned_state.is_null() => {
                let current = Current { state, private: request.planned_private };
                (Operation::Delete, self.guarded(Operation::Delete, self.resource.delete(cx, current)).await)
            }
            prior => {
                let operation = if prior.is_some() { Operation::Update } else { Operation::Create };
                let change = Change {
                    config: request.config,
                    prior,
                    planned: request.planned_state,
                    private: request.planned_private,
                };
                let applied = if operation == Operation::Create {
                    self.guarded(operation, self.resource.create(cx, change)).await
                } else {
                    self.guarded(operation, self.resource.update(cx, change)).await
                };
                (operation, applied)
            }
        };
        let panicked =
            |diagnostic| Outcome { state: None, private, diagnostics: Diagnostics::from(diagnostic) };
        (operation, applied.unwrap_or_else(panicked))
    }

    async fn guarded<T>(
        &self,
        operation: Operation,
        future: impl Future<Output = T>,
    ) -> Result<T, Diagnostic> {
        guarded(self.resource.type_name(), operation.name(), future).await
    }

    /// What exists after a create or an update. A failure keeps what the resource could still say; if that is
    /// nothing, what existed before.
    fn applied_state(
        &self,
        Applied { operation, before, planned }: Applied<'_>,
        returned: Option<Value>,
        diagnostics: &mut Diagnostics,
        diverged: &mut Vec<Divergence>,
    ) -> Value {
        let failed = diagnostics.has_errors();
        let Some(state) = returned else {
            if !failed {
                diagnostics
                    .push(self.defect(operation.name(), "It reported success, but returned no state."));
            }
            return before;
        };
        match self.checked(operation.name(), state, diagnostics) {
            Some(state) if failed => state.with_unknown_as_null(),
            Some(state) => {
                let settled = self.settled(operation.name(), planned, state, diagnostics);
                *diverged = settled.diverged;
                settled.state
            }
            // Something exists, so a create must not answer null: core would forget it.
            None if before.is_null() => planned.clone().with_unknown_as_null(),
            None => before,
        }
    }

    /// What exists after a delete: nothing, or what a failure left.
    fn deleted_state(&self, before: Value, returned: Option<Value>, diagnostics: &mut Diagnostics) -> Value {
        let failed = diagnostics.has_errors();
        match returned {
            None if failed => before,
            None => Value::Null,
            Some(state) => {
                if !failed {
                    diagnostics.push(self.defect("delete", "It reported success, but returned a state."));
                }
                self.checked("delete", state, diagnostics).map_or(before, Value::with_unknown_as_null)
            }
        }
    }
}
