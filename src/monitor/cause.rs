//! Why a deployment failed, in the words of the diagnosis.

use super::look::Look;
use super::outcome::Ending;
use crate::aws::ecs::DeploymentDetail;
use crate::clock::SharedClock;
use crate::diagnosis::{EvidenceReader, Operation, explain};
use crate::engine::{DeploymentFailure, EngineError};
use crate::service::ServiceArn;

/// What is to be explained: a deployment that ended badly, or a resource that cannot be made.
pub(super) fn find_failure(look: &Look, ending: Ending) -> Option<EngineError> {
    if ending == Ending::Succeeded {
        return None;
    }
    let failed = look.observation.resources.iter().find(|resource| resource.status == "FAILED");
    if let Some(failed) = failed {
        return Some(EngineError::ResourceFailed {
            kind: failed.kind.as_str(),
            arn: failed.arn.clone(),
            reason: failed.status_reason.clone(),
        });
    }
    let detail = look.observation.deployment.as_ref()?;
    Some(EngineError::DeploymentFailed(Box::new(to_failure(detail))))
}

fn to_failure(detail: &DeploymentDetail) -> DeploymentFailure {
    DeploymentFailure {
        deployment_arn: detail.deployment.arn.clone(),
        status: detail.deployment.status.clone(),
        status_reason: detail.deployment.status_reason.clone(),
        rollback_reason: detail.rollback_reason.clone(),
        triggered_alarm_names: detail.triggered_alarm_names.clone(),
        created_at: detail.deployment.created_at,
    }
}

/// Collects evidence and puts the failure into lines; evidence that cannot be read is left out.
pub(super) async fn explain_failure(
    reader: &EvidenceReader,
    clock: &SharedClock,
    arn: &ServiceArn,
    error: &EngineError,
) -> Vec<String> {
    let evidence = reader.collect(clock, Some(arn), error, None).await;
    let diagnostic = explain(Operation::Update, Some(arn), error, &evidence);
    let mut lines = vec![diagnostic.summary.clone()];
    lines.extend(diagnostic.detail.lines().map(str::to_owned));
    lines.extend(diagnostic.hints.iter().map(|hint| format!("hint: {hint}")));
    lines
}
