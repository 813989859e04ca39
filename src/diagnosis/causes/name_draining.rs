//! A service of this name is still being deleted.
//!
//! Source: express section 1.4.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "name-draining",
    family: Family::Configuration,
    rank: Rank::Root,
    sentence: "A service of this name is still being deleted.",
    example: Example::coded(
        Place::Refusal,
        "InvalidParameterException",
        "Unable to Start a service that is still Draining.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal && symptom.says("still draining")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["apply again when it is INACTIVE, or choose another `service_name`; one that stays DRAINING lacks \
         its infrastructure role: make the role again, and ECS goes on"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_name_that_is_not_free_yet_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
