//! `DeleteExpressGatewayService` (facts, Express section 5).

use serde_json::Value;

use super::configuration::ExpressInput;
use super::describe;
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::Scope;
use crate::sandbox::world::ecs::errors::{invalid_parameter, service_not_active};
use crate::sandbox::world::ecs::input::parse;
use crate::sandbox::world::ecs::service::{Service, ServiceStatus};
use crate::sandbox::world::ecs::service_operations;

/// `DeleteExpressGatewayService`: answers with status `DRAINING`; the rest follows by itself.
pub(crate) fn delete(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ExpressInput = parse(request)?;
    let arn = input.service_arn.unwrap_or_default();
    let service = scope.region.ecs.services.get(&arn).filter(|service| service.express.is_some());
    check_active(service.ok_or_else(|| invalid_parameter("Resource not found"))?)?;
    service_operations::drain(scope, &arn);
    describe::answer(scope, &arn, false, false)
}

/// Refuses a service that is being deleted or gone, in the words for its status.
pub(crate) fn check_active(service: &Service) -> Result<(), ApiError> {
    match service.status {
        ServiceStatus::Active => Ok(()),
        ServiceStatus::Draining => Err(service_not_active("Service is in DRAINING status")),
        ServiceStatus::Inactive => {
            Err(service_not_active("Cannot perform this operation on a service in INACTIVE status"))
        }
    }
}
