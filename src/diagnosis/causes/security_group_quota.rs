//! The VPC's quota of security groups is used up.
//!
//! Source: composition section 10, row 44.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "security-group-quota",
    family: Family::Quota,
    rank: Rank::Root,
    sentence: "The VPC's quota of security groups is used up.",
    example: Example::coded(
        Place::Refusal,
        "SecurityGroupLimitExceeded",
        "The maximum number of security groups for VPC 'vpc-0a1b2c3d' has been reached.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Refusal, Place::Resource, Place::Service])
        && (symptom.has_code("SecurityGroupLimitExceeded")
            || symptom.says_any(&["securitygrouplimitexceeded", "maximum number of security groups"]))
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "raise `VPC security groups per Region` in Service Quotas: \
         https://console.aws.amazon.com/servicequotas/home/services/vpc/quotas",
        "every service has one of its own; delete those that nothing uses",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_used_up_quota_of_security_groups_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
