//! ECS cannot assume the infrastructure role.
//!
//! Source: composition section 10, row 32; pain A1-12.

use crate::diagnosis::cause::{Cause, Conclusive, Example, Family, Rank};
use crate::diagnosis::symptom::{Place, Symptom};

pub(super) const CAUSE: Cause = Cause {
    id: "infrastructure-role-missing",
    family: Family::Role,
    rank: Rank::Root,
    sentence: "ECS cannot assume the infrastructure role.",
    example: Example::of(
        Place::Service,
        "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/infrastructure' to provision \
         the service's managed resources.",
    ),
    conclusive: Some(Conclusive::lasting(2, 90)),
    is_shown_by,
    fix,
};

fn is_shown_by(symptom: &Symptom) -> bool {
    symptom.is_in(&[Place::Service, Place::Resource, Place::Event, Place::Deployment])
        && symptom.says_any(&["unable to assume", "sts:assumerole"])
        || symptom.place == Place::Refusal
            && symptom.says_any(&[
                "unable to assume role and validate the specified targetgrouparn",
                "ecs service role being passed",
            ])
}

fn fix(_: &Symptom) -> Vec<String> {
    ["the infrastructure role must exist, trust `ecs.amazonaws.com` (not `ecs-tasks.amazonaws.com`) and \
         have a policy: AmazonECSInfrastructureRoleforExpressGatewayServices for Express Mode, \
         AmazonECSInfrastructureRolePolicyForLoadBalancers for `engine = \"composed\"`"]
    .map(str::to_owned)
    .into()
}

#[cfg(test)]
mod tests {
    use super::CAUSE;
    use crate::diagnosis::testing::check_diagnosis;

    #[test]
    fn an_infrastructure_role_that_cannot_be_assumed_is_told() {
        check_diagnosis(
            &CAUSE,
            &[],
            &["ECS was unable to manage the ELB resources due to missing permissions on ECS \
                 Infrastructure Role."],
        );
    }
}
