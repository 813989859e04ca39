//! The target group that the tasks register in was deleted.
//!
//! Source: composition section 10, row 25.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "target-group-gone",
    family: Family::HealthCheck,
    rank: Rank::Root,
    sentence: "The target group that the tasks register in was deleted.",
    example: Example::of(
        Place::Event,
        "(service api) failed to register targets in (target-group \
         arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/ecs-gateway-tg-1/1) with (error \
         TARGET GROUP IS NOT FOUND)",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Event, Place::Deployment]) && symptom.says("target group is not found")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["the service cannot get it back: replace it, terraform apply -replace=<address>"]
        .map(str::to_owned)
        .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_deleted_target_group_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
