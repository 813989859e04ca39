//! Too many of the new tasks failed, and AWS does not say why.
//!
//! Source: composition section 10, row 34.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "circuit-breaker",
    family: Family::Deployment,
    rank: Rank::Outcome,
    sentence: "Too many of the new tasks failed, and AWS does not say why.",
    example: Example::of(
        Place::Deployment,
        "Service deployment rolled back because the circuit breaker threshold was exceeded.",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Deployment, Place::Event])
        && symptom.says_any(&["circuit breaker", "deployment failed: tasks failed to start"])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["look at the stopped tasks in the console within the hour in which ECS shows them, and into the \
         log group (`infrastructure.log_group_name`)"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_circuit_breaker_alone_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
