//! What a resource returned, made fit for core: of the right type, wholly known, without write-only values.

use super::ResourceEntry;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::without_write_only;
use crate::framework::settle::{Settled, settle};
use crate::framework::{Diagnostic, Path, Value};

impl ResourceEntry {
    /// `state` if it has the schema's type; `None` and an error otherwise, since core could not even decode it.
    pub(super) fn checked(
        &self,
        operation: &str,
        state: Value,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        match self.r#type.check(&state) {
            Ok(()) if state.is_null() || state.is_unknown() => {
                diagnostics.push(self.defect(operation, "The result is no object."));
                None
            }
            Ok(()) => Some(without_write_only(&self.members, state)),
            Err(error) => {
                diagnostics
                    .push(self.defect(operation, &format!("The result does not fit the schema: {error}.")));
                None
            }
        }
    }

    /// `state` without unknown values, which are an error.
    pub(super) fn known(&self, operation: &str, state: Value, diagnostics: &mut Diagnostics) -> Value {
        if !state.is_wholly_known() {
            diagnostics.push(
                self.defect(operation, "The result still holds unknown values; they are recorded as null."),
            );
        }
        state.with_unknown_as_null()
    }

    /// The state after a successful create or update, as core will accept it for `planned`.
    pub(super) fn settled(
        &self,
        operation: &str,
        planned: &Value,
        state: Value,
        diagnostics: &mut Diagnostics,
    ) -> Settled {
        let settled = settle(planned, state);
        let type_name = self.resource.type_name();
        for divergence in &settled.diverged {
            let path = &divergence.path;
            tracing::warn!(type_name, operation, %path, "the result differs from the plan; the plan is recorded");
        }
        if !settled.unanswered.is_empty() {
            let places: Vec<String> = settled.unanswered.iter().map(Path::to_string).collect();
            let detail = format!(
                "The {operation} went through, but left values unknown that it had to determine: {}. They are \
                 recorded as null.",
                places.join(", ")
            );
            diagnostics.push(self.defect(operation, &detail));
        }
        settled
    }

    /// An error that is ours, not the user's.
    pub(super) fn defect(&self, operation: &str, detail: &str) -> Diagnostic {
        Diagnostic::error(
            format!("Internal error in the {operation} of {}", self.resource.type_name()),
            format!("{detail} This is a defect of the provider, not of your configuration."),
        )
        .hint("report it with the provider's version and the path named above; no values are needed")
    }
}
