//! The identity of an instance: once known it stays (protocol section 1.7, "Identity").

use super::ResourceEntry;
use crate::framework::Value;

impl ResourceEntry {
    /// The identity that belongs to `state`: the one it had before, else the resource's own answer if core
    /// will accept it.
    pub(super) fn identity_of(&self, state: &Value, before: Option<Value>) -> Option<Value> {
        let r#type = self.identity_type.as_ref()?;
        if state.is_null() {
            return None;
        }
        let acceptable = |identity: &Value| {
            !identity.is_null() && identity.is_wholly_known() && r#type.check(identity).is_ok()
        };
        let answered = self.resource.identity(state).filter(acceptable);
        let Some(before) = before.filter(acceptable) else { return answered };
        if answered.is_some_and(|answered| answered != before) {
            let type_name = self.resource.type_name();
            tracing::warn!(type_name, "the identity would have changed; the one before is kept");
        }
        Some(before)
    }
}
