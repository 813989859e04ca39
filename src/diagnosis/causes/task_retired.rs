//! AWS stopped the task for reasons of its own: maintenance, or broken hardware.
//!
//! Source: composition section 10, row 43.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "task-retired",
    family: Family::Capacity,
    rank: Rank::Root,
    sentence: "AWS stopped the task for reasons of its own: maintenance, or broken hardware.",
    example: Example::coded(
        Place::Task,
        "TerminationNotice",
        "Task was stopped by AWS: the underlying infrastructure is scheduled for maintenance.",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Task
        && (symptom.has_code("TerminationNotice")
            || symptom.has_code("InfrastructureHealth")
            || symptom.says_any(&["task retirement", "underlying infrastructure"]))
}

fn fix(_: &Symptom) -> Vec<String> {
    ["nothing of the service is wrong: apply again"].map(str::to_owned).into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_task_that_aws_stopped_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
