//! The image has no variant for the processor architecture of the tasks.
//!
//! Source: composition section 10, row 6; pain A1-30.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "wrong-architecture",
    family: Family::Image,
    rank: Rank::Root,
    sentence: "The image has no variant for the processor architecture of the tasks.",
    example: Example::of(
        Place::Task,
        "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not \
         contain descriptor matching platform 'linux/amd64'",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says("does not contain descriptor matching platform")
        || symptom.is_in(&[Place::Log, Place::Task, Place::Exit]) && symptom.says("exec format error")
}

fn fix(symptom: &Symptom) -> Vec<String> {
    let hint = if symptom.says("exec format error") {
        "the image was built for another processor: set `cpu_architecture` to that of the image (`X86_64` or `ARM64`), or \
         build it for both: docker buildx build --platform linux/amd64,linux/arm64 --push"
            .to_owned()
    } else {
        let (platform, other) =
            if symptom.says("linux/arm64") { ("linux/arm64", "X86_64") } else { ("linux/amd64", "ARM64") };
        format!(
            "the image has no {platform} variant: set `cpu_architecture = \"{other}\"` to run it as it is, or build it for \
             both: docker buildx build --platform linux/amd64,linux/arm64 --push"
        )
    };
    vec![hint]
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn the_hint_names_the_architecture_that_the_image_has() {
        check_diagnosis(
            &CAUSE,
            &["CannotPullContainerError: image Manifest does not contain descriptor matching platform \
                 'linux/arm64'"],
            &["Essential container in task exited"],
        );
    }
}
