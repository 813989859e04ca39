//! Fargate has no tasks with this `cpu` and `memory`.
//!
//! Source: composition section 10, row 45.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "fargate-size-invalid",
    family: Family::Configuration,
    rank: Rank::Root,
    sentence: "Fargate has no tasks with this `cpu` and `memory`.",
    example: Example::coded(
        Place::Refusal,
        "ClientException",
        "No Fargate configuration exists for given values: 256 CPU, 8192 memory. See the Amazon ECS \
         documentation for the valid values.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal
        && symptom.says_any(&[
            "no fargate configuration exists",
            "invalid 'cpu' setting",
            "invalid 'memory' setting",
        ])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["choose a pair that Fargate has: `provider::express::fargate_size` gives the smallest one for what \
         you need; 256 goes with 512 to 2048, 512 with 1024 to 4096, 1024 with 2048 to 8192"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_size_that_fargate_does_not_have_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
