//! The first deployment of the service failed, so that there was nothing to go back to.
//!
//! Source: composition section 10, row 36.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "no-rollback-candidate",
    family: Family::Deployment,
    rank: Rank::Outcome,
    sentence: "The first deployment of the service failed, so that there was nothing to go back to.",
    example: Example::of(Place::Deployment, "No rollback candidate was found to run the rollback."),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Deployment, Place::Event]) && symptom.says("no rollback candidate")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["correct what the evidence shows, then apply again"].map(str::to_owned).into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_first_deployment_without_a_way_back_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
