//! An alarm went off while the new tasks had requests.
//!
//! Source: composition section 10, row 35.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "alarm",
    family: Family::Deployment,
    rank: Rank::Behaviour,
    sentence: "An alarm went off while the new tasks had requests.",
    example: Example::of(
        Place::Deployment,
        "Service deployment rolled back because the following CloudWatch alarm(s) went into ALARM state: \
         default/api/RollbackAlarm.",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Alarm
        || symptom.is_in(&[Place::Deployment, Place::Event])
            && symptom.says("alarm")
            && !symptom.says("circuit breaker")
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "look at the errors that the new tasks answered with at that time: in the log group \
         (`infrastructure.log_group_name`) and in the alarm's metrics",
        "an alarm that goes off without a fault of the application has too strict a threshold: \
         `deployment_configuration.alarm` has `threshold_percent` with `engine = \"composed\"`",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn an_alarm_that_went_off_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
