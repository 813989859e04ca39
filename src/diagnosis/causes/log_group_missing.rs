//! The log group that the container writes to does not exist.
//!
//! Source: composition section 10, row 12.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "log-group-missing",
    family: Family::Start,
    rank: Rank::Root,
    sentence: "The log group that the container writes to does not exist.",
    example: Example::of(
        Place::Task,
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 \
         times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group \
         does not exist. : exit status 1",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says("log group does not exist")
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "make the log group again: aws logs create-log-group --log-group-name <name>; the name is in \
         `infrastructure.log_group_name`, or in `aws_logs_configuration` if you chose it",
        "with `engine = \"composed\"` the next apply makes it again",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_log_group_that_is_gone_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
