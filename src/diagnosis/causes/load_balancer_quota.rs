//! The region's quota of application load balancers is used up.
//!
//! Source: composition section 10, row 44.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "load-balancer-quota",
    family: Family::Quota,
    rank: Rank::Root,
    sentence: "The region's quota of application load balancers is used up.",
    example: Example::coded(
        Place::Refusal,
        "TooManyLoadBalancers",
        "The maximum number of load balancers has been reached",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Refusal, Place::Resource, Place::Service])
        && (symptom.has_code("TooManyLoadBalancers")
            || symptom.says_any(&["toomanyloadbalancers", "maximum number of load balancers"]))
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "raise `Application Load Balancers per Region` in Service Quotas: \
         https://console.aws.amazon.com/servicequotas/home/services/elasticloadbalancing/quotas",
        "up to 25 services of one VPC share a load balancer",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_used_up_quota_of_load_balancers_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
