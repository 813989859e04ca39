//! The container's process ended by itself without an error, but a service has to go on running.
//!
//! Source: composition section 10, row 16.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::Symptom;

pub(super) const CAUSE: Cause = Cause {
    id: "container-ended",
    family: Family::Application,
    rank: Rank::Behaviour,
    sentence: "The container's process ended by itself without an error, but a service has to go on \
               running.",
    example: Example::exit(0),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.has_exited_with(&[0, 143])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["let the command stay in the foreground: a server that puts itself into the background, or a job \
         that is done, ends the container"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_process_that_is_done_is_told_from_a_crash() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
