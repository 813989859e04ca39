//! The listener rule sends requests to both target groups, so that ECS refuses every deployment.
//!
//! Source: express section 1.4; composition section 10, row 33.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "listener-rule-split",
    family: Family::Deployment,
    rank: Rank::Root,
    sentence: "The listener rule sends requests to both target groups, so that ECS refuses every \
               deployment.",
    example: Example::of(
        Place::Deployment,
        "Service deployment rolled back because of invalid networking configuration. \
         productionListenerRule \
         arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/alb/1/2/3 should have \
         exactly one target group serving traffic but found 2 target groups which are serving traffic.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Deployment, Place::Event])
        && symptom.says("exactly one target group serving traffic")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["an earlier deployment was interrupted half-way: give the target group whose targets are healthy \
         weight 100 and the other 0 with `aws elbv2 modify-rule`, then apply again; the next apply looks \
         at the rule first and prints the whole command"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_rule_over_two_groups_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
