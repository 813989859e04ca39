//! A deployment that a hook holds, in words: what holds it, until when, and how it goes on.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::aws::ecs::DeploymentDetail;

/// Hook, stage, end and command; `None`: nothing holds the deployment.
pub(crate) fn describe_pause(detail: &DeploymentDetail) -> Option<String> {
    let hook = detail.paused_by.as_ref()?;
    let stage = detail.lifecycle_stage.as_deref().unwrap_or("an unknown stage");
    let end = hook
        .expires_at
        .and_then(|end| OffsetDateTime::from(end).replace_nanosecond(0).ok())
        .and_then(|end| end.format(&Rfc3339).ok());
    let until = end.map(|end| format!(" until {end}")).unwrap_or_default();
    let then = hook.timeout_action.as_ref().map(|action| format!(", then {action}")).unwrap_or_default();
    Some(format!(
        "paused by hook {} at {stage}{until}{then}; continue it: aws ecs continue-service-deployment \
         --service-deployment-arn {} --hook-id {} --action CONTINUE",
        hook.id, detail.deployment.arn, hook.id
    ))
}
