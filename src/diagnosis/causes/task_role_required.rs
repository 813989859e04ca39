//! ECS Exec is asked for, and the tasks have no role.
//!
//! Source: aws/aws-cli issue 6242.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "task-role-required",
    family: Family::Role,
    rank: Rank::Root,
    sentence: "ECS Exec needs a task role, and the task definition names none.",
    example: Example::coded(
        Place::Refusal,
        "InvalidParameterException",
        "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in \
         your task definition and try again.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal && symptom.says_any(&["valid taskrolearn is not being used"])
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "name a role in the task definition's `taskRoleArn` (or in `task_role_arn`) that trusts \
         `ecs-tasks.amazonaws.com` and may open `ssmmessages` channels, or set `enable_execute_command = false`",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_shell_without_a_role_is_told() {
        check_diagnosis(
            &CAUSE,
            &["The service couldn't be updated because a valid taskRoleArn is not being used."],
            &[],
        );
    }
}
