//! What a check has found.

use crate::framework::diagnostics::Severity;
use crate::framework::{Diagnostic, Path};

/// How a user wants findings to be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum PreflightMode {
    /// Nothing is looked up.
    Off,
    /// As warnings.
    #[default]
    Warn,
    /// As errors, so that the plan fails; estimates stay warnings.
    Error,
}

/// Something that will fail, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    diagnostic: Diagnostic,
    is_estimate: bool,
}

impl Finding {
    /// What AWS will refuse, or what cannot work.
    pub(super) fn certain(path: &Path, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { diagnostic: Diagnostic::warning(summary, detail).at(path.clone()), is_estimate: false }
    }

    /// What may turn out well: it depends on more than can be seen.
    pub(super) fn estimate(path: &Path, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { is_estimate: true, ..Self::certain(path, summary, detail) }
    }

    /// Adds a next thing to do.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.hint(hint);
        self
    }

    /// The finding as the user wants it told.
    pub(crate) fn into_diagnostic(self, mode: PreflightMode) -> Option<Diagnostic> {
        let is_error = mode == PreflightMode::Error && !self.is_estimate;
        let severity = if is_error { Severity::Error } else { Severity::Warning };
        (mode != PreflightMode::Off).then_some(Diagnostic { severity, ..self.diagnostic })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_never_fail_a_plan() {
        let path = Path::attribute("cluster");
        let severity = |finding: Finding, mode| finding.into_diagnostic(mode).map(|told| told.severity);
        let certain = Finding::certain(&path, "a", "b");
        let estimate = Finding::estimate(&path, "a", "b");
        assert_eq!(severity(certain.clone(), PreflightMode::Error), Some(Severity::Error));
        assert_eq!(severity(certain.clone(), PreflightMode::Warn), Some(Severity::Warning));
        assert_eq!(severity(certain, PreflightMode::Off), None);
        assert_eq!(severity(estimate, PreflightMode::Error), Some(Severity::Warning));
    }
}
