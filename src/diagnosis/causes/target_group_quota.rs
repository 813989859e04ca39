//! The region's quota of target groups is used up.
//!
//! Source: composition section 10, row 44.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "target-group-quota",
    family: Family::Quota,
    rank: Rank::Root,
    sentence: "The region's quota of target groups is used up.",
    example: Example::coded(
        Place::Refusal,
        "TooManyTargetGroups",
        "The maximum number of target groups has been reached",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Refusal, Place::Resource, Place::Service])
        && (symptom.has_code("TooManyTargetGroups")
            || symptom.says_any(&["toomanytargetgroups", "maximum number of target groups"]))
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "raise `Target Groups per Region` in Service Quotas: \
         https://console.aws.amazon.com/servicequotas/home/services/elasticloadbalancing/quotas",
        "every service has two; target groups that no load balancer uses count as well",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_used_up_quota_of_target_groups_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
