//! Fargate has no capacity for these tasks at the moment.
//!
//! Source: composition section 10, row 26.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "fargate-capacity",
    family: Family::Capacity,
    rank: Rank::Root,
    sentence: "Fargate has no capacity for these tasks at the moment.",
    example: Example::of(
        Place::Event,
        "(service api) was unable to place a task. Reason: Capacity is unavailable at this time. Please \
         try again later or in a different availability zone.",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says("capacity is unavailable at this time")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["apply again later, or give ECS more choice: subnets in further zones, another `cpu` and `memory`, \
         the other `cpu_architecture`, and FARGATE instead of FARGATE_SPOT"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_region_without_capacity_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
