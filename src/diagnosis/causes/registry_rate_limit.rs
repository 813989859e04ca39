//! The registry refuses the pull, because there were too many of them.
//!
//! Source: composition section 10, row 4.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "registry-rate-limit",
    family: Family::Image,
    rank: Rank::Root,
    sentence: "The registry refuses the pull, because there were too many of them.",
    example: Example::of(
        Place::Task,
        "CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: \
         unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/1.28: 429 Too Many \
         Requests - Server message: toomanyrequests: You have reached your pull rate limit.",
    ),
    conclusive: Some(Conclusive::lasting(3, 300)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says_any(&["toomanyrequests", "429 too many", "pull rate limit"])
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "copy the image to Amazon ECR, or pull it through ECR's pull-through cache: \
         <account>.dkr.ecr.<region>.amazonaws.com/docker-hub/library/<image>",
        "or log in to the registry with `primary_container.repository_credentials`: the limit of an \
         account is higher",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_pull_that_is_one_too_many_is_told() {
        check_diagnosis(&CAUSE, &[], &["CannotPullContainerError: api:9: not found"]);
    }
}
