//! The health check that the task definition gives a container failed.
//!
//! Source: composition section 10, row 18.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "container-health-check-failed",
    family: Family::HealthCheck,
    rank: Rank::Behaviour,
    sentence: "The health check that the task definition gives a container failed.",
    example: Example::of(Place::Task, "Task failed container health checks"),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says("failed container health checks")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["run the check's command in the image by hand; it needs its program (`curl`, say) in the image, \
         and a `startPeriod` that outlasts the start"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_containers_own_health_check_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
