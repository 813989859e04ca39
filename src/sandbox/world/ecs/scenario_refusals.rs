//! Calls that a scenario makes ECS refuse at once, because it cannot assume a role.

use serde_json::{Map, Value};

use super::errors;
use super::task_definition::TaskDefinition;
use crate::sandbox::api::ApiError;
use crate::sandbox::world::Scope;
use crate::sandbox::world::scenario::Scenario;

/// Refuses a task definition while its roles are not known everywhere (facts, composition section 9). A scenario for
/// one service means the family of its name.
pub(crate) fn check_task_roles(
    scope: &mut Scope<'_>,
    family: &str,
    body: &Map<String, Value>,
) -> Result<(), ApiError> {
    let has_role = body.contains_key("executionRoleArn") || body.contains_key("taskRoleArn");
    let main = body.get("containerDefinitions").and_then(|containers| containers.get(0));
    let image = main.and_then(|main| main["image"].as_str()).unwrap_or_default();
    if has_role && scope.scenarios.refuse_create(family, image) {
        return Err(errors::client("Role is not valid"));
    }
    Ok(())
}

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
