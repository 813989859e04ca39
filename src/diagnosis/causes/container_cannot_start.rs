//! The container cannot be started: its command, its user or its working directory is not in the image.
//!
//! Source: composition section 10, row 17.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "container-cannot-start",
    family: Family::Start,
    rank: Rank::Root,
    sentence: "The container cannot be started: its command, its user or its working directory is not in \
               the image.",
    example: Example::of(
        Place::Task,
        "CannotStartContainerError: Error response from daemon: failed to create shim task: OCI runtime \
         create failed: runc create failed: unable to start container process: exec: \"./server\": stat \
         ./server: no such file or directory: unknown",
    ),
    conclusive: Some(Conclusive::after(2)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks()
        && symptom.says_any(&[
            "cannotstartcontainererror",
            "cannotcreatecontainererror",
            "failed to create shim",
            "executable file not found",
            "unable to start container process",
        ])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["check `primary_container.command` and the image's ENTRYPOINT, USER and WORKDIR: docker run --rm \
         <image> shows the same error"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_command_that_is_not_in_the_image_is_told() {
        check_diagnosis(&CAUSE, &[], &["CannotStartContainerError: failed to initialize logging driver: x"]);
    }
}
