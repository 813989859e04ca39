//! The container's shell does not find its command (exit code 127).
//!
//! Source: composition section 10, row 16.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::Symptom;

pub(super) const CAUSE: Cause = Cause {
    id: "command-not-found",
    family: Family::Application,
    rank: Rank::Behaviour,
    sentence: "The container's shell does not find its command (exit code 127).",
    example: Example::exit(127),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.has_exited_with(&[127])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["check `primary_container.command` and the image's ENTRYPOINT: the program is not on PATH, its \
         file is not there, or an interpreter or library that it names is not"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn exit_code_127_is_told_from_a_crash() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
