//! `deployment`: the wait for the deployment that this operation started.

use std::collections::HashSet;
use std::time::Duration;

use super::super::ground::{Ground, found};
use super::scaling::bounds;
use crate::engine::EngineError;
use crate::engine::deployment::is_deployment_successful;
use crate::engine::judge::Seen;
use crate::engine::running_tasks::check_tasks_run;
use crate::engine::wait::{Condition, WaitError, wait_until};
use crate::service::Deployment;

/// Time for a deployment to show after the call that starts it (composition section 9: up to 30 seconds).
const DEPLOYMENT_APPEARS: Duration = Duration::from_secs(90);

/// The deployment that this operation started, or the one under way, is SUCCESSFUL, the service runs the task
/// definition that is wanted, and as many tasks as its bounds ask for.
pub(super) async fn ensure(ground: &Ground) -> Result<(), EngineError> {
    follow(ground, ground.findings.known_deployment_arns.get()).await?;
    check_serves(ground).await?;
    let (apis, service) = (&ground.apis, ground.blueprint.service());
    let (minimum, _) = bounds(&ground.blueprint);
    check_tasks_run(&apis.ecs, &apis.autoscaling, &ground.bounds, service, minimum).await
}

/// The deployment that this operation started shows, and with it the target group that is going to serve.
pub(super) async fn ensure_started(ground: &Ground) -> Result<(), EngineError> {
    find_started(ground, ground.findings.known_deployment_arns.get()).await.map(|_| ())
}

/// A deployment that is not among those known before is SUCCESSFUL; without known ones, the newest.
pub(super) async fn follow(ground: &Ground, known: Option<&HashSet<String>>) -> Result<(), EngineError> {
    let Some(deployment) = find_started(ground, known).await? else { return Ok(()) };
    tracing::info!(deployment_arn = %deployment.arn, "following the deployment");
    let (arn, began_at) = (ground.blueprint.service(), ground.bounds.clock.now());
    wait_until(&ground.bounds, || async {
        let detail = ground.apis.ecs.find_deployment(&deployment.arn).await?;
        let condition = is_deployment_successful(&deployment.arn, detail.as_ref())?;
        if matches!(condition, Condition::Pending(_)) {
            let deployment = detail.as_ref();
            let is_resumed = known.is_none();
            let seen = Seen { arn, began_at, is_resumed, deployment, is_express: false, resources: &[] };
            ground.bounds.check_hope(&seen).await?;
        }
        Ok::<_, EngineError>(condition)
    })
    .await?;
    Ok(())
}

/// The deployment to follow. If this operation started one, it is one that was not there before; else it is the
/// newest, whoever started it. `None`: there is none to wait for.
async fn find_started(
    ground: &Ground,
    known: Option<&HashSet<String>>,
) -> Result<Option<Deployment>, EngineError> {
    let service = ground.blueprint.service();
    let waited = wait_until(&ground.bounds.at_most(DEPLOYMENT_APPEARS), || async {
        let deployments = ground.apis.ecs.list_deployments(service).await?;
        let started = match known {
            Some(known) => deployments.into_iter().find(|deployment| !known.contains(&deployment.arn)),
            None => deployments.into_iter().next(),
        };
        Ok::<_, EngineError>(match started {
            Some(deployment) => Condition::Ready(deployment),
            None => Condition::Pending("waiting for the deployment to show".to_owned()),
        })
    })
    .await;
    match waited {
        Ok(deployment) => Ok(Some(deployment)),
        Err(WaitError::TimedOut { .. }) if ground.bounds.remaining() > Duration::ZERO => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A later deployment may have replaced what was waited for.
async fn check_serves(ground: &Ground) -> Result<(), EngineError> {
    let service = ground.blueprint.service();
    let expected = found(&ground.findings.task_definition_arn)?;
    let live = ground.apis.ecs.find_plain_service(service.cluster(), service.name()).await?;
    match live {
        Some(live) if live.task_definition != *expected => {
            Err(EngineError::Superseded { expected: expected.clone(), actual: live.task_definition })
        }
        Some(_) => Ok(()),
        None => Err(EngineError::Gone { arn: service.clone() }),
    }
}
