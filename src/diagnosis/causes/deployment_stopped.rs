//! Somebody stopped the deployment.
//!
//! Source: composition section 2.4.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "deployment-stopped",
    family: Family::Deployment,
    rank: Rank::Root,
    sentence: "Somebody stopped the deployment.",
    example: Example::of(
        Place::Deployment,
        "Service deployment rolled back because of a StopServiceDeployment request.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Deployment && symptom.says("stopservicedeployment")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["CloudTrail says who called `StopServiceDeployment`; apply again to deploy anew"]
        .map(str::to_owned)
        .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_deployment_that_somebody_stopped_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
