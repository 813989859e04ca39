//! The account's quota of certificates is used up.
//!
//! Source: composition section 10, row 44.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "certificate-quota",
    family: Family::Quota,
    rank: Rank::Root,
    sentence: "The account's quota of certificates is used up.",
    example: Example::coded(
        Place::Refusal,
        "LimitExceededException",
        "Error: you have reached your limit of 2500 certificates in your account.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Refusal, Place::Resource, Place::Service])
        && (symptom.has_code("TooManyCertificates")
            || symptom.says_any(&[
                "toomanycertificates",
                "maximum number of certificates",
                "certificates in your account",
            ]))
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "raise `ACM certificates` in Service Quotas: \
         https://console.aws.amazon.com/servicequotas/home/services/acm/quotas",
        "delete certificates that nothing uses; those requested within a year count as well",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_used_up_quota_of_certificates_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
