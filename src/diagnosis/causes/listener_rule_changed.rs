//! Somebody changed the listener rule or its target groups, so that ECS refuses the deployment.
//!
//! Source: composition section 10, row 33.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "listener-rule-changed",
    family: Family::Deployment,
    rank: Rank::Root,
    sentence: "Somebody changed the listener rule or its target groups, so that ECS refuses the deployment.",
    example: Example::of(
        Place::Deployment,
        "Service deployment rolled back because of invalid networking configuration. The target groups are \
         not associated with either productionListenerRule or testListenerRule.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Deployment, Place::Event])
        && symptom.says_any(&[
            "invalid networking configuration",
            "unexpected target group",
            "one or more rules not found",
        ])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["put the rule back as it was: its host name, and one action that forwards to the service's two \
         target groups, 100 to the live one. With `engine = \"composed\"` the next apply does it"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_rule_that_somebody_changed_is_told() {
        check_diagnosis(
            &CAUSE,
            &[],
            &["invalid networking configuration: should have exactly one target group serving traffic \
                 but found 2"],
        );
    }
}
