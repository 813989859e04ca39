//! Fargate took the capacity of Fargate Spot back.
//!
//! Source: composition section 10, row 43.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "spot-interruption",
    family: Family::Capacity,
    rank: Rank::Root,
    sentence: "Fargate took the capacity of FARGATE_SPOT back.",
    example: Example::coded(Place::Task, "SpotInterruption", "Your Spot Task was interrupted."),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Task
        && (symptom.has_code("SpotInterruption") || symptom.says("spot task was interrupted"))
}

fn fix(_: &Symptom) -> Vec<String> {
    ["apply again, or use FARGATE for what has to run: `capacity_provider = \"FARGATE\"` with `engine = \
         \"composed\"`"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn an_interrupted_spot_task_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
