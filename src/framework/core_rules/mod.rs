//! What core does to, and demands of, a provider's answers (protocol section 1.7), written anew from its rules.
//!
//! The server checks every plan with [`plan_violations`] before core does, and tests use all of it as their
//! oracle. Every function takes a schema's [members](crate::framework::schema::Schema::members).

mod object_compatible;
mod plan_valid;
mod proposed_new;

use crate::framework::{Path, Value};

pub use object_compatible::{apply_violations, final_plan_violations};
pub use plan_valid::plan_violations;
pub use proposed_new::proposed_new;

/// A rule of core that an answer breaks. It names kinds of values, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where.
    pub path: Path,
    /// What core will say.
    pub problem: String,
}

impl Violation {
    fn new(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.clone(), problem: problem.into() }
    }
}

/// The member `name` of an object; null if there is no object.
fn member<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.member(name).unwrap_or(&Value::Null)
}

/// The element at `index` of a list; null if there is none.
fn element(list: &Value, index: usize) -> &Value {
    match list {
        Value::List(elements) => elements.get(index).unwrap_or(&Value::Null),
        _ => &Value::Null,
    }
}

/// The element `key` of a map; null if there is none.
fn entry<'a>(map: &'a Value, key: &str) -> &'a Value {
    match map {
        Value::Map(elements) => elements.get(key).unwrap_or(&Value::Null),
        _ => &Value::Null,
    }
}
