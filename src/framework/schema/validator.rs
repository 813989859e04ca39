//! Checks of one attribute's value.

use std::fmt;
use std::sync::Arc;

use crate::framework::Value;

type Check = dyn Fn(&Value) -> Result<(), String> + Send + Sync;

/// A check of one known, non-null value. The framework never calls it on null or unknown.
#[derive(Clone)]
pub struct Validator {
    /// What is allowed, for the documentation: `1-255 letters, digits, hyphens and underscores`.
    pub allowed: String,
    check: Arc<Check>,
}

impl Validator {
    /// A check that answers what is wrong with a value: a sentence that starts with what was found.
    pub fn new(
        allowed: impl Into<String>,
        check: impl Fn(&Value) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self { allowed: allowed.into(), check: Arc::new(check) }
    }

    /// Checks `value`.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        (self.check)(value)
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Validator({})", self.allowed)
    }
}
