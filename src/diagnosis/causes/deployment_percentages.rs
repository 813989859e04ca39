//! The deployment may neither start nor stop a task within its percentages.
//!
//! Source: composition section 10, row 39.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "deployment-percentages",
    family: Family::Capacity,
    rank: Rank::Root,
    sentence: "The deployment may neither start nor stop a task within its percentages.",
    example: Example::of(
        Place::Event,
        "(service api) was unable to stop or start tasks during a deployment because of the service \
         deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Event, Place::Deployment])
        && symptom.says("unable to stop or start tasks during a deployment")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["somebody changed them outside Terraform: aws ecs update-service --cluster <cluster> --service \
         <name> --deployment-configuration maximumPercent=200,minimumHealthyPercent=100"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn percentages_that_allow_nothing_are_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
