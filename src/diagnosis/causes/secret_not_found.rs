//! What `secrets` names does not exist.
//!
//! Source: composition section 10, row 11.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "secret-not-found",
    family: Family::Start,
    rank: Rank::Root,
    sentence: "What `secrets` names does not exist.",
    example: Example::of(
        Place::Task,
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
         retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): \
         failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:api/db from secrets \
         manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_initialization()
        && symptom.says_any(&[
            "resourcenotfoundexception",
            "can't find the specified secret",
            "invalid ssm parameters",
            "parameternotfound",
            "validationexception",
        ])
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "correct the ARN or the parameter's name in `primary_container.secrets`, with region and account; \
         the ARN of a secret ends with six characters of its own",
        "a secret without a value, or of another version stage, counts as missing",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_secret_that_does_not_exist_is_told() {
        check_diagnosis(
            &CAUSE,
            &[
                "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve \
                 secrets from ssm: invalid ssm parameters: /api/key",
                "ResourceInitializationError: unable to pull secrets: Secrets Manager can’t find the \
                 specified secret",
            ],
            &["ResourceInitializationError: failed to validate logger args: ResourceNotFoundException: \
                 The specified log group does not exist."],
        );
    }
}
