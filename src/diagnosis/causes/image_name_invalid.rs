//! The image's name is not one.
//!
//! Source: composition section 10, row 8.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "image-name-invalid",
    family: Family::Image,
    rank: Rank::Root,
    sentence: "The image's name is not one.",
    example: Example::of(
        Place::Task,
        "CannotPullContainerError: failed to parse image reference \"API:latest:1\": invalid reference \
         format",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Task, Place::Exit, Place::Event, Place::Refusal])
        && symptom.says_any(&["invalid reference format", "repository name must be lowercase"])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["write `primary_container.image` as `<registry>/<repository>:<tag>` or \
         `<registry>/<repository>@sha256:<digest>`; repositories are in lower case"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_name_that_cannot_be_read_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
