//! The tasks have no way to CloudWatch Logs.
//!
//! Source: composition section 10, row 12.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{NO_ANSWER, Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "logs-unreachable",
    family: Family::Start,
    rank: Rank::Root,
    sentence: "The tasks have no way to CloudWatch Logs.",
    example: Example::of(
        Place::Task,
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 \
         times: failed to create Cloudwatch log stream: RequestCanceled: request context canceled caused \
         by: context deadline exceeded: signal: killed",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks()
        && symptom.says("failed to validate logger args")
        && (symptom.says_any(&["signal: killed", "create stream has been retried"])
            || symptom.says_any(&NO_ANSWER))
}

fn fix(_: &Symptom) -> Vec<String> {
    ["private subnets need a NAT gateway or a VPC endpoint for logs, with private DNS; the security \
         groups of the tasks must let port 443 out, and those of the endpoint let it in"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_log_that_cannot_be_reached_is_a_matter_of_the_network() {
        check_diagnosis(
            &CAUSE,
            &[],
            &["ResourceInitializationError: failed to validate logger args: The specified log group does \
                 not exist."],
        );
    }
}
