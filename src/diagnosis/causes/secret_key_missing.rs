//! The secret is there, but not the key that `secrets` names in it.
//!
//! Source: composition section 10, row 11.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "secret-key-missing",
    family: Family::Start,
    rank: Rank::Root,
    sentence: "The secret is there, but not the key that `secrets` names in it.",
    example: Example::of(
        Place::Task,
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
         retrieval failed: retrieved secret from Secrets Manager did not contain json key password",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says("did not contain json key")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["correct the key behind the ARN in `primary_container.secrets` (`<ARN>:<key>::`), or add the key \
         to the secret"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_key_that_the_secret_lacks_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
