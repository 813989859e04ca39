//! The tasks have no way to the registry.
//!
//! Source: composition section 10, row 2; pain A1-29.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{NO_ANSWER, Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "registry-unreachable",
    family: Family::Image,
    rank: Rank::Root,
    sentence: "The tasks have no way to the registry.",
    example: Example::of(
        Place::Task,
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref \
         public.ecr.aws/nginx/nginx:1.28: failed to do request: Head \
         \"https://public.ecr.aws/v2/nginx/nginx/manifests/1.28\": dial tcp 99.83.145.10:443: i/o timeout",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_pull() && symptom.says_any(&NO_ANSWER)
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "private subnets need a NAT gateway, or for images in Amazon ECR the VPC endpoints ecr.api and \
         ecr.dkr, and S3 as a gateway; public subnets need a route to an internet gateway, and tasks in \
         them a public address (`assign_public_ip` with the composed engine)",
        "the security groups of the tasks must let port 443 out",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_pull_that_times_out_is_a_matter_of_the_network() {
        check_diagnosis(
            &CAUSE,
            &[],
            &["CannotPullContainerError: api:9: not found", "dial tcp: i/o timeout"],
        );
    }
}
