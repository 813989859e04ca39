//! A quota of ECS is used up: services in the cluster, clusters, or revisions of a task definition.
//!
//! Source: composition section 10, row 44.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "ecs-quota",
    family: Family::Quota,
    rank: Rank::Root,
    sentence: "A quota of ECS is used up: services in the cluster, clusters, or revisions of a task \
               definition.",
    example: Example::coded(
        Place::Refusal,
        "LimitExceededException",
        "The maximum number of services per cluster has been reached.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal
        && symptom.subject.as_deref().is_none_or(|service| service == "ECS")
        && (symptom.has_code("LimitExceededException") || symptom.has_code("ServiceQuotaExceededException"))
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "raise `Services per cluster` in Service Quotas: \
         https://console.aws.amazon.com/servicequotas/home/services/ecs/quotas",
        "or use another `cluster`",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_used_up_quota_of_ecs_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
