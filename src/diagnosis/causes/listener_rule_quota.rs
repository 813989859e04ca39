//! The load balancer's quota of rules is used up.
//!
//! Source: composition section 10, row 44.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "listener-rule-quota",
    family: Family::Quota,
    rank: Rank::Root,
    sentence: "The load balancer's quota of rules is used up.",
    example: Example::coded(Place::Refusal, "TooManyRules", "The maximum number of rules has been reached"),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Refusal, Place::Resource, Place::Service])
        && (symptom.has_code("TooManyRules")
            || symptom.says_any(&["toomanyrules", "maximum number of rules"]))
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "raise `Rules per Application Load Balancer` in Service Quotas: \
         https://console.aws.amazon.com/servicequotas/home/services/elasticloadbalancing/quotas",
        "every service has one; take rules of your own away, or raise the quota",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_used_up_quota_of_rules_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
