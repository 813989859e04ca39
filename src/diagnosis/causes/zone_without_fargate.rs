//! ECS cannot place tasks, for a reason of its own; often a zone of the subnets has no Fargate.
//!
//! Source: composition section 10, row 29.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "zone-without-fargate",
    family: Family::Capacity,
    rank: Rank::Root,
    sentence: "ECS cannot place tasks, for a reason of its own; often a zone of the subnets has no Fargate.",
    example: Example::of(Place::Event, "(service api) was unable to place a task. Reason: Internal error."),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says("unable to place a task") && symptom.says("internal error")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["leave subnets of the zone out (the zone ids `use1-az3`, `usw1-az2`, `apne1-az3` and `cac1-az3` \
         are known for it), then apply again"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_zone_without_fargate_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
