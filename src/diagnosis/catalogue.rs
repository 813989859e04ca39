//! The causes as a page: what each means, what AWS says, what to do. `docs/guides/error-catalogue.md` is made of it.

use super::cause::Cause;
use super::causes::CAUSES;

/// One cause, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name in messages, and as a scenario of the sandbox.
    pub id: &'static str,
    /// Heading of its part of the catalogue.
    pub family: &'static str,
    /// What happened, in one sentence.
    pub sentence: &'static str,
    /// What AWS says.
    pub message: String,
    /// What to do.
    pub fix: Vec<String>,
}

/// Every cause, part by part.
pub fn entries() -> Vec<Entry> {
    let mut causes: Vec<&Cause> = CAUSES.to_vec();
    causes.sort_by_key(|cause| cause.family);
    causes.into_iter().map(entry).collect()
}

fn entry(cause: &Cause) -> Entry {
    let example = cause.example;
    let code = example.code.filter(|_| !example.text.is_empty());
    let message = match (example.exit_code, code) {
        (Some(exit_code), _) if example.text.is_empty() => {
            format!("Essential container in task exited; container Main exited with {exit_code}")
        }
        (_, Some(code)) => format!("{code}: {}", example.text),
        _ => example.text.to_owned(),
    };
    Entry {
        id: cause.id,
        family: cause.family.title(),
        sentence: cause.sentence,
        message,
        fix: (cause.fix)(&example.to_symptom()),
    }
}
