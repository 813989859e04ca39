//! The service-linked role of ECS is missing or not known everywhere yet.
//!
//! Source: composition section 2.2; pain A1-25.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "service-linked-role-missing",
    family: Family::Role,
    rank: Rank::Root,
    sentence: "The service-linked role of ECS is missing or not known everywhere yet.",
    example: Example::coded(
        Place::Refusal,
        "InvalidParameterException",
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal && symptom.says_any(&["service linked role", "service-linked role"])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["apply again in some minutes: its first use of ECS makes the role. If it stays, make it: aws iam \
         create-service-linked-role --aws-service-name ecs.amazonaws.com"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_missing_service_linked_role_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
