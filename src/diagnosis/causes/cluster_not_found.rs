//! The cluster does not exist in this account and region.
//!
//! Source: composition section 2.2.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "cluster-not-found",
    family: Family::Configuration,
    rank: Rank::Root,
    sentence: "The cluster does not exist in this account and region.",
    example: Example::coded(Place::Refusal, "ClusterNotFoundException", "Cluster not found."),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal && symptom.has_code("ClusterNotFoundException")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["make the cluster first (`aws_ecs_cluster`), or correct `cluster`; only `default` is made by itself"]
        .map(str::to_owned)
        .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_cluster_that_is_not_there_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
