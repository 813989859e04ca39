//! A quota of the AWS service that was called is used up.
//!
//! Source: composition section 10, row 44.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "service-quota",
    family: Family::Quota,
    rank: Rank::Root,
    sentence: "A quota of the AWS service that was called is used up.",
    example: Example {
        subject: Some("CloudWatch Logs"),
        ..Example::coded(Place::Refusal, "LimitExceededException", "Resource limit exceeded.")
    },
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal
        && (symptom.has_code("LimitExceededException")
            || symptom.has_code("LimitExceeded")
            || symptom.has_code("ServiceQuotaExceededException"))
}

fn fix(_: &Symptom) -> Vec<String> {
    ["find the quota in Service Quotas and raise it, or delete what nothing uses: \
         https://console.aws.amazon.com/servicequotas/home/services"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_used_up_quota_of_another_service_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
