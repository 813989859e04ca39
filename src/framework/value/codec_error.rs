//! Why bytes are not a value of a type.

use crate::framework::Path;

/// Bytes, or a value of ours, do not fit a type. It names where and what, never the value itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", place(path))]
pub struct CodecError {
    /// Where in the value.
    pub path: Path,
    /// What was expected and what was found instead.
    pub problem: String,
}

impl CodecError {
    pub(crate) fn new(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.clone(), problem: problem.into() }
    }
}

fn place(path: &Path) -> String {
    if path.0.is_empty() { "the value itself".to_owned() } else { path.to_string() }
}
