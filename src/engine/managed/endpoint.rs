//! The wait for the endpoint alone: a service may be ACTIVE before it says where it is reached (facts, express in the
//! wild W5).

use super::ManagedEngine;
use crate::engine::wait::{Condition, wait_until};
use crate::engine::{Bounds, EngineError};
use crate::service::ServiceArn;

/// The service says where it is reached. A state without a URL would break every output that is made of one.
pub(super) async fn wait_until_endpoint_shows(
    engine: &ManagedEngine,
    bounds: &Bounds,
    arn: &ServiceArn,
) -> Result<(), EngineError> {
    wait_until(bounds, || async {
        let express = engine.ecs.find_express_gateway_service(arn).await?;
        let mut configurations = express.iter().flat_map(|express| &express.configurations);
        let is_shown = configurations.any(|configuration| !configuration.ingress_paths.is_empty());
        Ok::<_, EngineError>(if is_shown || express.is_none() {
            Condition::Ready(())
        } else {
            Condition::Pending("waiting for the service to say its endpoint".to_owned())
        })
    })
    .await?;
    Ok(())
}
