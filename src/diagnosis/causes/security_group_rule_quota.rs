//! A security group has as many rules as it may have.
//!
//! Source: composition section 10, row 44.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "security-group-rule-quota",
    family: Family::Quota,
    rank: Rank::Root,
    sentence: "A security group has as many rules as it may have.",
    example: Example::coded(
        Place::Refusal,
        "RulesPerSecurityGroupLimitExceeded",
        "The maximum number of rules per security group has been reached.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Refusal, Place::Resource, Place::Service])
        && (symptom.has_code("RulesPerSecurityGroupLimitExceeded")
            || symptom.says_any(&[
                "rulespersecuritygrouplimitexceeded",
                "maximum number of rules per security group",
            ]))
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "raise `Inbound or outbound rules per security group` in Service Quotas: \
         https://console.aws.amazon.com/servicequotas/home/services/vpc/quotas",
        "a shared load balancer's group has one for each service: take rules of your own away, or raise \
         the quota",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_used_up_quota_of_security_group_rules_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
