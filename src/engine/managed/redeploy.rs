//! The same container again: Express Mode deploys it with the image that its tag names now.

use super::change::same_again;
use super::heading::find_heading;
use crate::aws::ecs::Ecs;
use crate::engine::EngineError;
use crate::service::{Configuration, ServiceArn, ServiceStatus};

/// Sends an Express service what it runs; `false`: the service is none, and nothing was sent.
///
/// What `UpdateService` with `forceNewDeployment` runs for an Express service is disputed: the old digest, or the new one
/// (facts, express in the wild W9). The container sent again is a new deployment of the moved tag wherever it was tried
/// (W8).
///
/// # Errors
/// A call that AWS refuses.
pub(crate) async fn redeploy_express(ecs: &Ecs, arn: &ServiceArn) -> Result<bool, EngineError> {
    let express = ecs.find_express_gateway_service(arn).await?;
    let Some(express) = express.filter(|express| express.status == ServiceStatus::Active) else {
        return Ok(false);
    };
    let deployments = ecs.list_deployments(arn).await?;
    let (heading, _) = find_heading(&express.configurations, &deployments);
    let Some(heading) = heading else { return Ok(false) };
    let change = same_again(&Configuration::default(), &heading.configuration);
    if !change.needs_deployment() {
        return Ok(false);
    }
    ecs.update_express_gateway_service(arn, &change, &std::collections::BTreeSet::new()).await?;
    Ok(true)
}
