//! Tasks do not stay up, and AWS does not say why.
//!
//! Source: composition section 10, row 38.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "unable-to-start-tasks",
    family: Family::Deployment,
    rank: Rank::Outcome,
    sentence: "Tasks do not stay up, and AWS does not say why.",
    example: Example::of(
        Place::Event,
        "(service api) is unable to consistently start tasks successfully. For more information, see the \
         Troubleshooting section of the Amazon ECS Developer Guide.",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Event && symptom.says("unable to consistently start tasks successfully")
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
    fn tasks_that_do_not_stay_up_are_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
