//! ECS could not attach a network interface to the task in time.
//!
//! Source: composition section 10, row 42.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "network-interface-timeout",
    family: Family::Capacity,
    rank: Rank::Root,
    sentence: "ECS could not attach a network interface to the task in time.",
    example: Example::coded(
        Place::Task,
        "TaskFailedToStart",
        "Timeout waiting for network interface provisioning to complete.",
    ),
    conclusive: Some(Conclusive::lasting(3, 300)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says("timeout waiting for network interface provisioning")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["it may pass: apply again. If it stays, see whether the role AWSServiceRoleForECS exists and no \
         service control policy denies `ec2:CreateNetworkInterface`, and whether the account's quota of \
         network interfaces is used up"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_network_interface_that_does_not_come_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
