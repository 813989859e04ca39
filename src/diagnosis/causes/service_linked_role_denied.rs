//! The account has never used this AWS service, and whoever runs Terraform may not make its service-linked role.
//!
//! Source: pain A1-25.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "service-linked-role-denied",
    family: Family::Role,
    rank: Rank::Root,
    sentence: "The account has never used this AWS service, and whoever runs Terraform may not make its \
               service-linked role.",
    example: Example::coded(
        Place::Refusal,
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:CreateServiceLinkedRole \
         on resource: \
         arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    ),
    conclusive: Some(Conclusive::after(1)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Refusal, Place::Resource, Place::Service, Place::Event])
        && symptom.says("iam:createservicelinkedrole")
}

fn fix(_: &Symptom) -> Vec<String> {
    ["make it once: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com (or \
         `elasticloadbalancing.amazonaws.com`, `ecs.application-autoscaling.amazonaws.com`), or allow \
         `iam:CreateServiceLinkedRole`"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn a_first_use_without_the_right_is_told() {
        check_diagnosis(&CAUSE, &[], &[]);
    }
}
