//! Amazon ECR refuses the image to the execution role.
//!
//! Source: composition section 10, row 3.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{DENIED, Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "ecr-pull-denied",
    family: Family::Image,
    rank: Rank::Root,
    sentence: "Amazon ECR refuses the image to the execution role.",
    example: Example::of(
        Place::Task,
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
         210987654321.dkr.ecr.eu-west-1.amazonaws.com/api:9: User: \
         arn:aws:sts::123456789012:assumed-role/execution/1 is not authorized to perform: \
         ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:210987654321:repository/api",
    ),
    conclusive: Some(Conclusive::lasting(2, 180)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks()
        && symptom.says_any(&["cannotpull", "resourceinitializationerror"])
        && symptom.says("ecr:")
        && symptom.says_any(&DENIED)
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "attach AmazonECSTaskExecutionRolePolicy to the execution role (`execution_role_arn`)",
        "for a repository of another account, its repository policy must allow `ecr:BatchGetImage` and \
         `ecr:GetDownloadUrlForLayer` to this account as well",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_role_that_ecr_denies_is_told() {
        check_diagnosis(
            &CAUSE,
            &["ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
                 retrieval failed: unable to retrieve ecr registry auth: AccessDeniedException: User is \
                 not authorized to perform: ecr:GetAuthorizationToken on resource: *"],
            &["CannotPullContainerError: pull access denied for api"],
        );
    }
}
