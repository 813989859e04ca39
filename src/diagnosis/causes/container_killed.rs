//! The container was killed (exit code 137), and AWS does not say that it wanted memory.
//!
//! Source: composition section 10, row 15.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::Symptom;

pub(super) const CAUSE: Cause = Cause {
    id: "container-killed",
    family: Family::Application,
    rank: Rank::Behaviour,
    sentence: "The container was killed (exit code 137), and AWS does not say that it wanted memory.",
    example: Example::exit(137),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.has_exited_with(&[137])
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "look at its last lines and at the memory in CloudWatch: something within the container may have \
         run out of memory before the container did",
        "a process that ignores SIGTERM is killed at the end of its stop timeout: let the application \
         handle SIGTERM, and start it directly or under an init, not under a shell",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn exit_code_137_is_told_from_a_crash() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
