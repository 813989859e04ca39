//! The registry does not have the image, or not under this tag.
//!
//! Source: composition section 10, row 1.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "image-not-found",
    family: Family::Image,
    rank: Rank::Root,
    sentence: "The registry does not have the image, or not under this tag.",
    example: Example::of(
        Place::Task,
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
         docker.io/library/api:9: docker.io/library/api:9: not found",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_pull()
        && symptom.says_any(&[
            "not found",
            "manifest unknown",
            "failed to resolve ref",
            "does not exist",
            "name unknown",
        ])
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "check the image's name and tag: the registry does not have it",
        "an image in Amazon ECR must be in the region and account that its name says; push it before the \
         apply",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_tag_that_does_not_exist_is_told() {
        check_diagnosis(
            &CAUSE,
            &["CannotPullContainerError: Error response from daemon: manifest unknown: Requested image \
                 not found"],
            &["target not found"],
        );
    }
}
