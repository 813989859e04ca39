//! The image does not fit onto the disk of a task.
//!
//! Source: composition section 10, row 7.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "image-too-large",
    family: Family::Image,
    rank: Rank::Root,
    sentence: "The image does not fit onto the disk of a task.",
    example: Example::of(
        Place::Task,
        "CannotPullContainerError: failed to extract layer sha256:4f0b3c: write /usr/lib/libtorch.so: no \
         space left on device",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says("no space left on device")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["make the image smaller, or give the tasks more disk: `ephemeral_storage_gib`, 21 to 200, with \
         `engine = \"composed\"`; with Express Mode, a task definition of your own (`task_definition_arn`) \
         with `ephemeralStorage`"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn an_image_that_fills_the_disk_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
