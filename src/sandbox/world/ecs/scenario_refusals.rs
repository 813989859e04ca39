//! Calls that a scenario makes ECS refuse at once, because it cannot assume a role.

use super::errors;
use super::task_definition::TaskDefinition;
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::scenario::Scenario;

/// Refuses a service with load balancers while the infrastructure role cannot be assumed: for ever, or while it is
/// not known everywhere (facts, composition section 2.2).
pub(crate) fn check_infrastructure_role(
    scope: &mut Scope<'_>,
    service_name: &str,
    definition: &TaskDefinition,
) -> Result<(), ApiError> {
    let image = definition.containers().first().and_then(|main| main["image"].as_str()).unwrap_or_default();
    let is_missing = scope.scenarios.is_on(Scenario::InfrastructureRoleMissing, service_name, image);
    if is_missing || scope.scenarios.refuse_create(service_name, image) {
        return Err(errors::invalid_parameter(
            "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role \
             being passed has the proper permissions.",
        ));
    }
    Ok(())
}
