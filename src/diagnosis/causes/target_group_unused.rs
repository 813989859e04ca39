//! No listener rule sends requests to the target group of the new tasks.
//!
//! Source: composition section 10, rows 22 and 50.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "target-group-unused",
    family: Family::HealthCheck,
    rank: Rank::Behaviour,
    sentence: "No listener rule sends requests to the target group of the new tasks.",
    example: Example::coded(
        Place::Target,
        "Target.NotInUse",
        "Target group is not configured to receive traffic from the load balancer",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Target && symptom.says("not configured to receive traffic")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["somebody took the rule away, or its target groups out of it: with `engine = \"composed\"` the \
         next apply makes it again; Express Mode does not, so destroy the service and make it anew \
         (`terraform apply -replace`)"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_target_group_without_a_rule_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
