//! The application crashed with a segmentation fault (exit code 139).
//!
//! Source: composition section 10, row 16.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::Symptom;

pub(super) const CAUSE: Cause = Cause {
    id: "segmentation-fault",
    family: Family::Application,
    rank: Rank::Behaviour,
    sentence: "The application crashed with a segmentation fault (exit code 139).",
    example: Example::exit(139),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.has_exited_with(&[139])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["run the same image where you can look into it; native code, or a base image with another C \
         library than the application was built for, are the usual reasons"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn exit_code_139_is_told_from_a_crash() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
