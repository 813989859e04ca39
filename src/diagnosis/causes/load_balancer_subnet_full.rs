//! A subnet has too few free addresses for a load balancer.
//!
//! Source: composition section 10, row 30.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "load-balancer-subnet-full",
    family: Family::Capacity,
    rank: Rank::Root,
    sentence: "A subnet has too few free addresses for a load balancer.",
    example: Example::coded(
        Place::Refusal,
        "InvalidSubnet",
        "Not enough IP space available in subnet-0a1b2c3d. ELB requires at least 8 free IP addresses in \
         each subnet.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Refusal, Place::Resource, Place::Service, Place::Event])
        && symptom.says_any(&["not enough ip space available", "requires at least 8 free ip"])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["name subnets with at least eight free addresses each"].map(str::to_owned).into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_subnet_too_full_for_a_load_balancer_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
