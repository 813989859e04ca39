//! The health check gets a redirect instead of an answer.
//!
//! Source: composition section 10, row 20.

use crate::diagnosis::cause::{Cause, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "health-check-redirected",
    family: Family::HealthCheck,
    rank: Rank::Root,
    sentence: "The health check gets a redirect instead of an answer.",
    example: Example::of(
        Place::Event,
        "(service api) (port 80) is unhealthy in (target-group \
         arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/ecs-gateway-tg-1/1) due to \
         (reason Health checks failed with these codes: [301])",
    ),
    conclusive: None,
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.has_health_check_code(300..=399)
}

fn fix(_: &Symptom) -> Vec<String> {
    [
        "set `health_check_path` to a path that answers 200 itself: with the slash at its end that the \
         application redirects to, and not one that sends HTTP to HTTPS or to a login",
        "or accept redirects: `health_check = { matcher = \"200-399\" }` with `engine = \"composed\"`",
    ]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_redirect_is_told_from_other_codes() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
