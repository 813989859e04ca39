//! What a check has found.

use crate::framework::diagnostics::Severity;
use crate::framework::{Diagnostic, Path};

/// How a user wants findings to be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum PreflightMode {
    /// Nothing is looked up.
    Off,
    /// As warnings, whatever the plan destroys.
    Warn,
    /// As warnings; as errors where something live would be destroyed for what cannot be made.
    #[default]
    Protect,
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

    /// Adds how to name a thing that the same configuration makes: written out, it is looked for before it can be there.
    pub(super) fn or_made_here(self) -> Self {
        self.hint(
            "if this configuration makes it, refer to its attribute `arn` or `id`, which is unknown until it is made, \
             instead of writing its name or ARN out",
        )
    }

    /// The finding as the user wants it told. `replaces_live`: the plan destroys a live service for the one that was
    /// looked at.
    pub(crate) fn into_diagnostic(self, mode: PreflightMode, replaces_live: bool) -> Option<Diagnostic> {
        let is_fatal = match mode {
            PreflightMode::Off => return None,
            PreflightMode::Warn => false,
            PreflightMode::Protect => replaces_live,
            PreflightMode::Error => true,
        };
        if !is_fatal || self.is_estimate {
            return Some(self.diagnostic);
        }
        let mut diagnostic = Diagnostic { severity: Severity::Error, ..self.diagnostic };
        if replaces_live {
            diagnostic.detail.push_str(
                " This plan replaces the service: the live one would be destroyed, and the new one could not be made.",
            );
            diagnostic = diagnostic.hint(
                "to plan the replacement all the same, set `preflight = \"warn\"` in the provider block",
            );
        }
        Some(diagnostic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severity(finding: Finding, mode: PreflightMode, replaces_live: bool) -> Option<Severity> {
        finding.into_diagnostic(mode, replaces_live).map(|told| told.severity)
    }

    #[test]
    fn estimates_never_fail_a_plan() {
        let path = Path::attribute("cluster");
        let certain = Finding::certain(&path, "a", "b");
        let estimate = Finding::estimate(&path, "a", "b");
        assert_eq!(severity(certain.clone(), PreflightMode::Error, false), Some(Severity::Error));
        assert_eq!(severity(certain.clone(), PreflightMode::Warn, false), Some(Severity::Warning));
        assert_eq!(severity(certain.clone(), PreflightMode::Protect, false), Some(Severity::Warning));
        assert_eq!(severity(certain, PreflightMode::Off, true), None);
        assert_eq!(severity(estimate.clone(), PreflightMode::Error, true), Some(Severity::Warning));
        assert_eq!(severity(estimate, PreflightMode::Protect, true), Some(Severity::Warning));
    }

    #[test]
    fn what_is_sure_to_fail_stops_a_replacement_unless_the_user_wants_warnings_only() {
        let finding = Finding::certain(&Path::attribute("cluster"), "a", "b.");
        assert_eq!(severity(finding.clone(), PreflightMode::Warn, true), Some(Severity::Warning));
        let told = finding.into_diagnostic(PreflightMode::Protect, true).expect("told");
        assert_eq!(told.severity, Severity::Error);
        assert!(told.detail.ends_with("the new one could not be made."), "{}", told.detail);
        assert!(told.hints[0].contains("preflight = \"warn\""), "{:?}", told.hints);
    }
}
