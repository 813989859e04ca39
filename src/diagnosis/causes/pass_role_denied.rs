//! Whoever runs Terraform may not give this role to ECS.
//!
//! Source: composition section 10, row 47.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "pass-role-denied",
    family: Family::Role,
    rank: Rank::Root,
    sentence: "Whoever runs Terraform may not give this role to ECS.",
    example: Example::coded(
        Place::Refusal,
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:PassRole on resource: \
         arn:aws:iam::123456789012:role/execution because no identity-based policy allows the iam:PassRole \
         action",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.place == Place::Refusal && symptom.says("iam:passrole")
}

fn fix(symptom: &Symptom) -> Vec<String> {
    let role = symptom.text.split_once("on resource: ").and_then(|(_, rest)| rest.split([' ', ',']).next());
    let role = role.unwrap_or("<the role>");
    vec![format!(
        "allow `iam:PassRole` on `{role}` for the identity that Terraform runs as; the page Permissions of this provider \
         has the whole policy"
    )]
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn the_hint_names_the_role() {
        check_diagnosis(&CAUSE, &[], &["User is not authorized to perform: ecs:CreateService"]);
    }
}
