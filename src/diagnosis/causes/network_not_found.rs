//! A subnet or security group that the configuration names does not exist in this region.
//!
//! Source: composition section 2.2.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "network-not-found",
    family: Family::Configuration,
    rank: Rank::Root,
    sentence: "A subnet or security group that the configuration names does not exist in this region.",
    example: Example::coded(
        Place::Refusal,
        "InvalidParameterException",
        "The subnet ID 'subnet-0a1b2c3d' does not exist",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal
        && (symptom.says_any(&["subnet", "security group"]) && symptom.says("does not exist")
            || symptom.code.as_deref().is_some_and(|code| {
                [
                    "InvalidSubnetID.NotFound",
                    "SubnetNotFound",
                    "InvalidSecurityGroup",
                    "InvalidGroup.NotFound",
                ]
                .contains(&code)
            }))
}

fn fix(_: &Symptom) -> Vec<String> {
    ["correct `network_configuration`, and see whether the provider's `region` is the one of the network"]
        .map(str::to_owned)
        .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_network_that_is_not_there_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
