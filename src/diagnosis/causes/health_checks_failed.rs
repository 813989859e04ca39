//! The load balancer's health checks failed, and AWS does not say how.
//!
//! Source: composition section 10, row 18.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "health-checks-failed",
    family: Family::HealthCheck,
    rank: Rank::Effect,
    sentence: "The load balancer's health checks failed, and AWS does not say how.",
    example: Example::of(
        Place::Task,
        "Task failed ELB health checks in (target-group \
         arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/ecs-gateway-tg-1/1)",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_of_tasks() && symptom.says("failed elb health checks")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["ask the container as the load balancer does: `health_check_path` on `container_port` must answer \
         200 within five seconds, on every address"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn health_checks_without_a_reason_are_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
