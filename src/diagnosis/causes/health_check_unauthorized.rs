//! The health check is refused by the application, as it brings no credentials.
//!
//! Source: composition section 10, row 20.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "health-check-unauthorized",
    family: Family::HealthCheck,
    rank: Rank::Root,
    sentence: "The health check is refused by the application, as it brings no credentials.",
    example: Example::of(
        Place::Event,
        "(service api) (port 80) is unhealthy in (target-group \
         arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/ecs-gateway-tg-1/1) due to \
         (reason Health checks failed with these codes: [401])",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.has_health_check_code(401..=401) || symptom.has_health_check_code(403..=403)
}

fn fix(_: &Symptom) -> Vec<String> {
    ["set `health_check_path` to a path that answers 200 without a login, and let it through any check \
         of the `Host` header: the load balancer asks by address"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_path_behind_a_login_is_told_from_other_codes() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
