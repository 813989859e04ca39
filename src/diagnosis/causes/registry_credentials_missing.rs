//! The registry does not show the image without credentials, or does not accept these.
//!
//! Source: composition section 10, row 3.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "registry-credentials-missing",
    family: Family::Image,
    rank: Rank::Root,
    sentence: "The registry does not show the image without credentials, or does not accept these.",
    example: Example::of(
        Place::Task,
        "CannotPullContainerError: inspect image has been retried 1 time(s): pull access denied, \
         repository does not exist or may require authorization: server message: insufficient_scope: \
         authorization failed",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_pull()
        && symptom.says_any(&[
            "pull access denied",
            "no basic auth credentials",
            "403 forbidden",
            "401 unauthorized",
            "authorization failed",
            "authentication required",
        ])
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "give the credentials of a private registry in `primary_container.repository_credentials`: a \
         secret of Secrets Manager with `username` and `password`, which the execution role may read",
        "an image in Amazon ECR needs none, but AmazonECSTaskExecutionRolePolicy on the execution role; \
         and check the image's name: a registry that knows no such image often says the same",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_private_image_without_credentials_is_told() {
        check_diagnosis(&CAUSE, &[], &["CannotPullContainerError: api:9: not found"]);
    }
}
