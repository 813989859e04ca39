//! A task runs in an availability zone that the load balancer is not in.
//!
//! Source: composition section 10, row 22.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "target-zone-not-enabled",
    family: Family::HealthCheck,
    rank: Rank::Root,
    sentence: "A task runs in an availability zone that the load balancer is not in.",
    example: Example::coded(
        Place::Target,
        "Target.NotInUse",
        "Target is in an Availability Zone that is not enabled for the load balancer",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Target, Place::Event]) && symptom.says("availability zone that is not enabled")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["use subnets in zones that the load balancer is in; the first service of a VPC decides which, so \
         give it subnets in all of them. With `engine = \"composed\"`, `load_balancer.subnets` says where \
         its own is"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_task_beyond_the_load_balancers_zones_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
