//! The tasks reach the registry, but not Amazon S3, where the layers of its images are.
//!
//! Source: composition section 10, row 5.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "image-layers-unreachable",
    family: Family::Image,
    rank: Rank::Root,
    sentence: "The tasks reach the registry, but not Amazon S3, where the layers of its images are.",
    example: Example::of(
        Place::Task,
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReaderSeeker: \
         failed open: failed to do request: Get \
         \"https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/\": dial tcp \
         52.218.1.1:443: i/o timeout",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_pull()
        && symptom.says_any(&["httpreaderseeker: failed open", "httpreadseeker: failed open"])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["add an S3 gateway endpoint to the route tables of the tasks' subnets (a policy on it must allow \
         the bucket `prod-<region>-starport-layer-bucket`), or a NAT gateway"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn layers_that_cannot_be_fetched_are_a_matter_of_s3() {
        check_diagnosis(
            &CAUSE,
            &[],
            &["CannotPullContainerError: failed to do request: dial tcp 10.0.0.1:443: i/o timeout"],
        );
    }
}
