//! A load balancer takes one subnet of a zone, and two of these are in one.
//!
//! Source: composition section 10, row 46.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "subnets-share-zone",
    family: Family::Configuration,
    rank: Rank::Root,
    sentence: "A load balancer takes one subnet of a zone, and two of these are in one.",
    example: Example::coded(
        Place::Refusal,
        "InvalidConfigurationRequest",
        "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Refusal, Place::Resource, Place::Service])
        && symptom.says("multiple subnets in the same availability zone")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["name one subnet of each zone in `network_configuration.subnets`"].map(str::to_owned).into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn two_subnets_of_one_zone_are_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
