//! A lifecycle hook of the deployment failed, or did not answer.
//!
//! Source: composition section 10, row 37.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "lifecycle-hook-failed",
    family: Family::Deployment,
    rank: Rank::Root,
    sentence: "A lifecycle hook of the deployment failed, or did not answer.",
    example: Example::of(
        Place::Deployment,
        "Service deployment rolled back because lifecycle hook(s) failed: \
         arn:aws:lambda:eu-west-1:123456789012:function:check returned FAILED in PRE_SCALE_UP.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Deployment, Place::Event])
        && symptom.says_any(&["lifecycle hook", "hookstatus", "pause hook timed out"])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["look into the log of the hook's function; it must return {\"hookStatus\": \"SUCCEEDED\"}, and the \
         hook's role must be allowed to invoke it"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_hook_that_fails_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
