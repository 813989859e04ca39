//! The image has an init process of its own, which is not the first process.
//!
//! Source: just-containers/s6-overlay #535 (2023-06-19) and #559 (2025-04-24).

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "init-process-not-first",
    family: Family::Application,
    rank: Rank::Root,
    sentence: "The image's own init process must be the first process, but ECS's init process is.",
    example: Example::of(Place::Log, "s6-overlay-suexec: fatal: can only run as pid 1"),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Log, Place::Task, Place::Exit])
        && (symptom.says("can only run as pid 1") || symptom.says("must be run as pid 1"))
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "set `primary_container.init_process = false` (engine `composed`)",
        "with the managed engine, which always starts ECS's init process, register a task definition without \
         `initProcessEnabled` yourself and name it in `task_definition_arn`",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn an_init_process_that_is_not_the_first_is_told_from_a_crash() {
        check_diagnosis(&CAUSE, &["tini must be run as PID 1"], &["exec /server: exec format error"]);
    }
}
