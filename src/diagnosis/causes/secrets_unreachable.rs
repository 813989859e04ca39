//! The tasks have no way to where their secrets and the registry's credentials are.
//!
//! Source: composition section 10, row 9; pain A1-29.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{NO_ANSWER, Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "secrets-unreachable",
    family: Family::Start,
    rank: Rank::Root,
    sentence: "The tasks have no way to where their secrets and the registry's credentials are.",
    example: Example::of(
        Place::Task,
        "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull \
         registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check \
         your task network configuration. RequestError: send request failed caused by: Post \
         \"https://api.ecr.eu-west-1.amazonaws.com/\": dial tcp 52.94.1.1:443: i/o timeout",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_initialization() && symptom.says_any(&NO_ANSWER)
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "private subnets need a NAT gateway, or VPC endpoints with private DNS for what the tasks use: \
         ecr.api, ecr.dkr and S3, logs, secretsmanager, ssm; public subnets need a route to an internet \
         gateway, and tasks in them a public address",
        "the security groups of the tasks must let port 443 out, and those of the endpoints let it in",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_secret_that_times_out_is_a_matter_of_the_network() {
        check_diagnosis(&CAUSE, &[], &["CannotPullContainerError: api:9: not found"]);
    }
}
