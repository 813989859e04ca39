//! The execution role may not write to the log group.
//!
//! Source: composition section 10, row 12.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{DENIED, Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "logs-denied",
    family: Family::Start,
    rank: Rank::Root,
    sentence: "The execution role may not write to the log group.",
    example: Example::of(
        Place::Task,
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 \
         times: failed to create Cloudwatch log stream: AccessDeniedException: User: \
         arn:aws:sts::123456789012:assumed-role/execution/1 is not authorized to perform: \
         logs:CreateLogStream on resource: \
         arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ecs/default/api:log-stream:ecs/Main/1 : exit \
         status 1",
    ),
    conclusive: Some(Conclusive::lasting(2, 180)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_initialization() && symptom.says("logs:") && symptom.says_any(&DENIED)
}

fn fix(_: &Symptom) -> Vec<String> {
    ["attach AmazonECSTaskExecutionRolePolicy to the execution role (`execution_role_arn`): it allows \
         `logs:CreateLogStream` and `logs:PutLogEvents`"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_log_that_may_not_be_written_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
