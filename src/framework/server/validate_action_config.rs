//! `ValidateActionConfig`.

use super::guard::guarded_call;
use super::{Server, unknown_action_type};
use crate::framework::Value;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::validation::validate_config;

impl Server {
    /// Checks an action's configuration against its schema; if that finds no error, by its own rules.
    pub fn validate_action_config(&self, type_name: &str, config: &Value) -> Diagnostics {
        let Some(entry) = self.action(type_name) else { return unknown_action_type(type_name) };
        let mut diagnostics = validate_config(&entry.members, config);
        if !diagnostics.has_errors() {
            match guarded_call(type_name, "validation", || entry.action.validate(config)) {
                Ok(found) => diagnostics.extend(found),
                Err(panicked) => diagnostics.push(panicked),
            }
        }
        diagnostics
    }
}
