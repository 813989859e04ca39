//! The application ended with an error soon after its start.
//!
//! Source: composition section 10, row 16.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "crash",
    family: Family::Application,
    rank: Rank::Behaviour,
    sentence: "The application ended with an error soon after its start.",
    example: Example::exit(1),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Exit && symptom.exit_code.is_some_and(|code| symptom.has_exited_with(&[code]))
}

fn fix(_: &Symptom) -> Vec<String> {
    ["its last lines say why, here or in the log group (`infrastructure.log_group_name`); a variable or \
         secret that is missing, and a database that cannot be reached, are the usual reasons"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn an_exit_code_of_its_own_is_a_crash() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
