//! The application does not answer the health check in time.
//!
//! Source: composition section 10, row 19.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "health-check-timeout",
    family: Family::HealthCheck,
    rank: Rank::Behaviour,
    sentence: "The application does not answer the health check in time.",
    example: Example::of(
        Place::Event,
        "(service api) (port 80) is unhealthy in (target-group \
         arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/ecs-gateway-tg-1/1) due to \
         (reason Request timed out)",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Event, Place::Target])
        && (symptom.has_code("Target.Timeout")
            || symptom.says("unhealthy") && symptom.says("request timed out"))
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "let the application listen on 0.0.0.0, not on 127.0.0.1, and on the port that `container_port` \
         names",
        "one of the tasks' security groups must let the load balancer's group \
         (`infrastructure.load_balancer_security_group_ids`) in on that port: the group that was made for the service \
         (`infrastructure.service_security_group_ids`) does, and if it is not on the tasks, a group of your own \
         (`network_configuration.security_groups`) must; an application that starts slowly needs a `health_check_path` \
         that answers early",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn an_application_that_does_not_answer_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
