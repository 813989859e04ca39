//! The log configuration of the container cannot be used.
//!
//! Source: composition section 10, row 13.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "log-driver-invalid",
    family: Family::Start,
    rank: Rank::Root,
    sentence: "The log configuration of the container cannot be used.",
    example: Example::of(
        Place::Task,
        "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: must \
         specify a value for log opt 'awslogs-region': awslogs-region is required",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks()
        && symptom.says_any(&[
            "failed to initialize logging driver",
            "failed to validate logger args",
            "awslogs-region is required",
            "unknown log opt",
        ])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["correct `log_configuration` (or that of your own task definition): driver and options, \
         `awslogs-region` and `awslogs-group` among them"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_log_driver_with_wrong_options_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
