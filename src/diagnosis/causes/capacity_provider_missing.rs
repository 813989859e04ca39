//! The cluster does not have the capacity provider that the service asks for.
//!
//! Source: dask/dask-cloudprovider issue 328.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "capacity-provider-missing",
    family: Family::Configuration,
    rank: Rank::Root,
    sentence: "The cluster does not have the capacity provider that `capacity_provider` names.",
    example: Example::coded(
        Place::Refusal,
        "InvalidParameterException",
        "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the \
         cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal
        && symptom.says_any(&["capacity provider that is not associated", "capacity provider was not found"])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["give the cluster both: `capacity_providers = [\"FARGATE\", \"FARGATE_SPOT\"]` in an \
         `aws_ecs_cluster_capacity_providers`, and `depends_on` that in the service; or: aws ecs \
         put-cluster-capacity-providers --cluster <cluster> --capacity-providers FARGATE FARGATE_SPOT \
         --default-capacity-provider-strategy capacityProvider=FARGATE"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_capacity_provider_that_the_cluster_lacks_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
