//! The path of the health check does not answer 200.
//!
//! Source: composition section 10, rows 18 and 20.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "failing-health-check",
    family: Family::HealthCheck,
    rank: Rank::Root,
    sentence: "The path of the health check does not answer 200.",
    example: Example::of(
        Place::Event,
        "(service api) (port 80) is unhealthy in (target-group \
         arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/ecs-gateway-tg-1/1) due to \
         (reason Health checks failed with these codes: [404])",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.has_health_check_code(100..=499)
}

fn fix(symptom: &Symptom) -> Vec<String> {
    let codes: Vec<_> = symptom.health_check_codes().iter().map(u16::to_string).collect();
    vec![format!(
        "set `health_check_path` to a path that answers 200 (it got {}), and `container_port` to the port of the application",
        codes.join(", ")
    )]
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn the_hint_names_the_code() {
        check_diagnosis(&CAUSE, &[], &["(service api) has reached a steady state."]);
    }
}
