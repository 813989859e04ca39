//! The infrastructure role may not do what ECS has to do with it.
//!
//! Source: composition section 10, row 32.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "infrastructure-role-denied",
    family: Family::Role,
    rank: Rank::Root,
    sentence: "The infrastructure role may not do what ECS has to do with it.",
    example: Example::of(
        Place::Deployment,
        "Service deployment rolled back because ECS was unable to manage the ELB resources due to missing \
         permissions on ECS Infrastructure Role.",
    ),
    conclusive: Some(Conclusive::lasting(2, 90)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.says("missing permissions on ecs infrastructure role")
        || symptom.is_in(&[Place::Service, Place::Resource, Place::Event, Place::Deployment])
            && symptom.says("not authorized to perform")
            && !symptom.says_any(&["sts:assumerole", "launch a task", "place a task"])
}

fn fix(symptom: &Symptom) -> Vec<String> {
    let mut hints = vec![
        "attach to the infrastructure role: AmazonECSInfrastructureRoleforExpressGatewayServices for Express Mode, \
         AmazonECSInfrastructureRolePolicyForLoadBalancers for `engine = \"composed\"`; a permissions boundary or service \
         control policy may take it away again"
            .to_owned(),
    ];
    if let Some((_, rest)) = symptom.text.split_once("not authorized to perform: ") {
        let action = rest.split([' ', ',']).next().unwrap_or_default();
        hints.push(format!("AWS names `{action}`: add it if the policy lacks it"));
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn an_infrastructure_role_with_too_little_is_told() {
        check_diagnosis(
            &CAUSE,
            &[],
            &["(service api) failed to launch a task with (error AccessDenied: not authorized to \
                 perform: kms:Decrypt)"],
        );
    }
}
