//! The application answers the health check with an error of its own.
//!
//! Source: composition section 10, row 18.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "health-check-server-error",
    family: Family::HealthCheck,
    rank: Rank::Root,
    sentence: "The application answers the health check with an error of its own.",
    example: Example::of(
        Place::Event,
        "(service api) (port 80) is unhealthy in (target-group \
         arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/ecs-gateway-tg-1/1) due to \
         (reason Health checks failed with these codes: [503])",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.has_health_check_code(500..=599)
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "its last lines, here or in the log group (`infrastructure.log_group_name`), say why; a health \
         check that asks a database fails with that database",
        "an application that needs longer to start can have more time with `engine = \"composed\"`: \
         `health_check` has `grace_period_seconds`",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn an_error_of_the_application_is_told_from_other_codes() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
