//! A load balancer needs subnets in two availability zones.
//!
//! Source: composition section 10, row 46.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "subnets-in-one-zone",
    family: Family::Configuration,
    rank: Rank::Root,
    sentence: "A load balancer needs subnets in two availability zones.",
    example: Example::coded(
        Place::Refusal,
        "ValidationError",
        "At least two subnets in two different Availability Zones must be specified",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Refusal, Place::Resource, Place::Service])
        && symptom.says("at least two subnets in two different")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["add a subnet of another availability zone to `network_configuration.subnets`"].map(str::to_owned).into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn subnets_of_one_zone_are_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
