//! What a user is told: a summary, a detail, hints and the place in the configuration.

use crate::framework::Path;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The operation goes on.
    Warning,
    /// The operation failed.
    Error,
}

/// One message to the user.
///
/// `hints` are data until the edge renders them below the detail, one `hint: ...` line each.
/// Never put a secret, a credential or an environment value into any part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// One line that names the thing.
    pub summary: String,
    /// What was tried, what was answered, the evidence.
    pub detail: String,
    /// The next things to do.
    pub hints: Vec<String>,
    /// The attribute it is about.
    pub path: Option<Path>,
}

impl Diagnostic {
    /// An error.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Error, summary.into(), detail.into())
    }

    /// A warning.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Warning, summary.into(), detail.into())
    }

    fn new(severity: Severity, summary: String, detail: String) -> Self {
        Self { severity, summary, detail, hints: Vec::new(), path: None }
    }

    /// Points at an attribute.
    pub fn at(mut self, path: Path) -> Self {
        self.path = Some(path);
        self
    }

    /// Adds a next thing to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The detail with its hints, as it is shown: a blank line, then a `hint: ...` line for each.
    pub fn render_detail(&self) -> String {
        let mut text = self.detail.clone();
        for (position, hint) in self.hints.iter().enumerate() {
            if !text.is_empty() {
                text.push_str(if position == 0 { "\n\n" } else { "\n" });
            }
            text.push_str("hint: ");
            text.push_str(hint);
        }
        text
    }
}

/// Messages in the order in which they arose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No message.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a message unless the very same one is already there.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.0.contains(&diagnostic) {
            self.0.push(diagnostic);
        }
    }

    /// The same, with `subject` in the summary of each warning that does not name it.
    pub fn naming(mut self, subject: &str) -> Self {
        for warning in self.0.iter_mut().filter(|one| one.severity == Severity::Warning) {
            if !warning.summary.contains(subject) {
                warning.summary = format!("{} ({subject})", warning.summary);
            }
        }
        self
    }

    /// Whether any message is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// Whether there is no message at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        for diagnostic in diagnostics {
            self.push(diagnostic);
        }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_told_apart_by_their_subject() {
        let mut all = Diagnostics::from(Diagnostic::warning("It is gone", ""));
        all.push(Diagnostic::warning("service `api` moves", ""));
        all.push(Diagnostic::error("It failed", ""));
        let summaries: Vec<String> =
            all.naming("service `api`").iter().map(|one| one.summary.clone()).collect();
        assert_eq!(summaries, ["It is gone (service `api`)", "service `api` moves", "It failed"]);
    }

    #[test]
    fn hints_stand_below_the_detail_one_to_a_line() {
        let diagnostic = Diagnostic::error("No", "Because.").hint("try a").hint("try b");
        assert_eq!(diagnostic.render_detail(), "Because.\n\nhint: try a\nhint: try b");
    }

    #[test]
    fn the_same_message_is_said_once() {
        let mut diagnostics = Diagnostics::none();
        diagnostics.push(Diagnostic::warning("a", "b"));
        diagnostics.push(Diagnostic::warning("a", "b"));
        assert_eq!(diagnostics.iter().count(), 1);
        assert!(!diagnostics.has_errors());
    }
}
