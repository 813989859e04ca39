//! Checks of one attribute's value.

use std::fmt;
use std::sync::Arc;

use crate::framework::Value;

type Check = dyn Fn(&Value) -> Result<(), String> + Send + Sync;

/// Which part of an attribute's value a validator looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The value itself.
    Value,
    /// Each element of a list, a set or a map.
    Elements,
    /// Each key of a map.
    Keys,
}

/// A check of one known, non-null value. The framework never calls it on null or unknown.
#[derive(Clone)]
pub struct Validator {
    /// What is allowed, for the documentation: `1-255 letters, digits, hyphens and underscores`.
    pub allowed: String,
    target: Target,
    check: Arc<Check>,
}

impl Validator {
    /// A check that answers what is wrong with a value: a sentence that starts with what was found. `It` at its beginning
    /// is shown as the attribute's name.
    pub fn new(
        allowed: impl Into<String>,
        check: impl Fn(&Value) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self { allowed: allowed.into(), target: Target::Value, check: Arc::new(check) }
    }

    /// The same check, of each element of a list, a set or a map.
    pub fn for_elements(mut self) -> Self {
        self.target = Target::Elements;
        self
    }

    /// The same check, of each key of a map.
    pub fn for_keys(mut self) -> Self {
        self.target = Target::Keys;
        self
    }

    /// Which part of a value it looks at.
    pub fn target(&self) -> Target {
        self.target
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
