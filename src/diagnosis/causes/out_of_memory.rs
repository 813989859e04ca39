//! The container used more memory than the task has, and was killed.
//!
//! Source: composition section 10, row 14.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "out-of-memory",
    family: Family::Application,
    rank: Rank::Root,
    sentence: "The container used more memory than the task has, and was killed.",
    example: Example {
        place: Place::Exit,
        text: "OutOfMemoryError: Container killed due to memory usage",
        code: Some("EssentialContainerExited"),
        exit_code: Some(137),
        subject: None,
    },
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says_any(&["outofmemoryerror", "killed due to memory usage"])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["raise `memory` (with `cpu` to a pair that Fargate has), or let the application take less: a JVM \
         by `-XX:MaxRAMPercentage=75`, Node.js by `--max-old-space-size`"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_container_without_memory_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
