//! AWS cannot assume a role that the call names, for longer than a new role needs to be known everywhere.
//!
//! Source: express section 1.4.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "role-not-assumable",
    family: Family::Role,
    rank: Rank::Root,
    sentence: "AWS cannot assume a role that the call names, for longer than a new role needs to be known \
               everywhere.",
    example: Example::coded(
        Place::Refusal,
        "AccessDeniedException",
        "Cannot assume role. ECS is not authorized to perform: sts:AssumeRole on resource: \
         arn:aws:iam::123456789012:role/infrastructure",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal
        && symptom.says_any(&[
            "cannot assume role",
            "unable to assume role",
            "ecs is not authorized to perform: sts:assumerole",
            "role is not valid",
            "not able to validate the provided access credentials",
        ])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["`infrastructure_role_arn` must trust `ecs.amazonaws.com`; `execution_role_arn` and \
         `task_role_arn` must trust `ecs-tasks.amazonaws.com`; each must exist in this account"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_role_that_the_call_cannot_use_is_told() {
        check_diagnosis(&CAUSE, &[], &["Unable to assume role and validate the specified targetGroupArn."]);
    }
}
