//! The one check that every cause goes through.

use super::cause::Cause;
use super::causes::{find_cause, find_causes};
use super::symptom::Symptom;
use super::{catalogue, explain};
use crate::framework::Diagnostic;

/// The example of a cause, and each of `also` in its place, shows this cause and no other; none of `not` shows it.
/// The message is a snapshot of the cause's name.
#[track_caller]
pub(super) fn check_diagnosis(cause: &'static Cause, also: &[&str], not: &[&str]) {
    let example = cause.example.to_symptom();
    let with_text = |text: &str| Symptom { text: text.into(), ..example.clone() };
    let shown: Vec<Symptom> =
        std::iter::once(example.clone()).chain(also.iter().map(|text| with_text(text))).collect();
    for symptom in &shown {
        assert_eq!(find_cause(symptom), Some(cause), "{symptom:?}");
    }
    for text in not {
        assert_ne!(find_cause(&with_text(text)), Some(cause), "{text}");
    }
    let findings = find_causes(&shown);
    let found: Vec<_> = findings.iter().map(|finding| finding.cause.id).collect();
    assert_eq!(found, [cause.id]);
    assert_eq!(findings[0].symptoms, shown, "every symptom is cited");
    let entry =
        catalogue::entries().into_iter().find(|entry| entry.id == cause.id).expect("in the catalogue");
    let diagnostic = Diagnostic::error("Cannot create service `api`", format!("AWS says: {}", entry.message));
    let told = explain::with_causes(diagnostic, &findings);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("causes/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
        .bind(|| insta::assert_snapshot!(cause.id, format!("{}\n\n{}", told.summary, told.render_detail())));
}
