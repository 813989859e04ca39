//! Nothing answers HTTP on the port that the health check asks.
//!
//! Source: composition section 10, row 21.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "health-check-refused",
    family: Family::HealthCheck,
    rank: Rank::Behaviour,
    sentence: "Nothing answers HTTP on the port that the health check asks.",
    example: Example::coded(Place::Target, "Target.FailedHealthChecks", "Health checks failed"),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.health_check_codes().is_empty()
        && (symptom.place == Place::Target && symptom.has_code("Target.FailedHealthChecks")
            || symptom.place == Place::Event
                && symptom.says("unhealthy")
                && symptom.says("health checks failed"))
}

fn fix(_: &Symptom) -> Vec<String> {
    ["set `container_port` to the port on which the application listens, and let it speak plain HTTP \
         there: the load balancer ends TLS"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_port_that_nobody_listens_on_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
