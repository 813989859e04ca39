//! A subnet of the tasks has no free address.
//!
//! Source: composition section 10, row 30.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "subnet-full",
    family: Family::Capacity,
    rank: Rank::Root,
    sentence: "A subnet of the tasks has no free address.",
    example: Example::of(
        Place::Event,
        "(service api) was unable to place a task because no container instance met all of its \
         requirements. Reason: InsufficientFreeAddressesInSubnet: The subnet subnet-0a1b2c3d does not have \
         enough free addresses to satisfy the request.",
    ),
    conclusive: Some(Conclusive::lasting(3, 180)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says_any(&["insufficientfreeaddressesinsubnet", "enough free addresses"])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["name larger subnets in `network_configuration.subnets`, or further ones; a deployment needs an \
         address for every old and every new task"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_subnet_without_addresses_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
