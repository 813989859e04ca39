//! The container's command may not be executed (exit code 126).
//!
//! Source: composition section 10, row 16.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::Symptom;

pub(super) const CAUSE: Cause = Cause {
    id: "command-not-executable",
    family: Family::Application,
    rank: Rank::Behaviour,
    sentence: "The container's command may not be executed (exit code 126).",
    example: Example::exit(126),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.has_exited_with(&[126])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["give the file the right to be executed in the image (`RUN chmod +x`, `COPY --chmod=755`), and \
         check the image's USER"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn exit_code_126_is_told_from_a_crash() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
