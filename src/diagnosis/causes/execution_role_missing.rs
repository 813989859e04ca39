//! ECS cannot assume a role of the tasks.
//!
//! Source: composition section 10, row 31.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "execution-role-missing",
    family: Family::Role,
    rank: Rank::Root,
    sentence: "ECS cannot assume a role of the tasks.",
    example: Example::of(
        Place::Task,
        "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/execution' that was provided \
         for this task. Please verify that the role being passed has the proper trust relationship and \
         permissions and that your IAM user has permissions to pass this role.",
    ),
    conclusive: Some(Conclusive::lasting(2, 180)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks()
        && symptom.says("unable to assume the role")
        && (symptom.place == Place::Task
            || symptom.says_any(&["launch a task", "place a task", "for this task"]))
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "the role must exist, and its trust policy must let `ecs-tasks.amazonaws.com` perform \
         `sts:AssumeRole`; that holds for `execution_role_arn` and `task_role_arn`",
        "a role that was just made takes up to two minutes to be known everywhere",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_task_role_that_cannot_be_assumed_is_told() {
        check_diagnosis(
            &CAUSE,
            &["(service api) failed to launch a task with (error ECS was unable to assume the role \
                 'arn:aws:iam::123456789012:role/execution' that was provided for this task.)"],
            &["ECS was unable to assume the service linked role"],
        );
    }
}
