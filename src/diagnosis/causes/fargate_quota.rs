//! The account's quota for Fargate is used up.
//!
//! Source: composition section 10, row 27.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "fargate-quota",
    family: Family::Capacity,
    rank: Rank::Root,
    sentence: "The account's quota for Fargate is used up.",
    example: Example::of(
        Place::Event,
        "(service api) was unable to place a task. Reason: You've reached the limit on the number of vCPUs \
         you can run concurrently.",
    ),
    conclusive: Some(Conclusive::lasting(3, 300)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks()
        && symptom.says_any(&["limit on the number of vcpus", "number of tasks you can run concurrently"])
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "raise `Fargate On-Demand vCPU resource count` in Service Quotas: \
         https://console.aws.amazon.com/servicequotas/home/services/fargate/quotas",
        "a deployment runs the old tasks and the new ones side by side: it needs twice the tasks times \
         `cpu` / 1024",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_used_up_quota_of_fargate_is_told() {
        check_diagnosis(
            &CAUSE,
            &["(service api) was unable to place a task. Reason: You’ve reached the limit on the number \
                 of tasks you can run concurrently."],
            &[],
        );
    }
}
