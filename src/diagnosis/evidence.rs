//! What AWS knows about a failure.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use crate::aws::AwsError;
use crate::aws::ecs::{Ecs, ServiceEvent, StoppedTask};
use crate::engine::{Bounds, EngineError};
use crate::service::ServiceArn;

/// Time for collecting evidence, beyond the operation's own deadline.
const COLLECTION_SECONDS: u64 = 20;
/// Events that are shown.
const EVENT_LIMIT: usize = 5;

/// What was found. Evidence that cannot be read is missing; it never hides the error itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Service events since the deployment began, newest first.
    pub(crate) events: Vec<ServiceEvent>,
    /// Tasks that stopped since the deployment began, newest first.
    pub(crate) stopped_tasks: Vec<StoppedTask>,
}

/// Reads the service's events and its stopped tasks: at most three calls within twenty seconds.
pub(crate) async fn collect_evidence(
    ecs: &Ecs,
    bounds: &Bounds,
    arn: Option<&ServiceArn>,
    error: &EngineError,
) -> Evidence {
    let Some(arn) = arn.filter(|_| is_about_the_service(error)) else { return Evidence::default() };
    let since = match error.root() {
        EngineError::DeploymentFailed(failure) => failure.created_at,
        _ => None,
    };
    tokio::select! {
        evidence = read(ecs, arn, since) => evidence,
        () = bounds.clock.sleep(Duration::from_secs(COLLECTION_SECONDS)) => Evidence::default(),
    }
}

/// Whether what happens in the service can explain the failure.
fn is_about_the_service(error: &EngineError) -> bool {
    matches!(
        error.root(),
        EngineError::DeploymentFailed(_)
            | EngineError::ResourceFailed { .. }
            | EngineError::InfrastructureRoleGone { .. }
            | EngineError::TimedOut { .. }
    )
}

async fn read(ecs: &Ecs, arn: &ServiceArn, since: Option<SystemTime>) -> Evidence {
    let (record, tasks) =
        tokio::join!(ecs.find_service(arn.cluster(), arn.name()), ecs.list_stopped_tasks(arn));
    let is_recent =
        |time: Option<SystemTime>| since.is_none_or(|since| time.is_none_or(|time| time >= since));
    let mut events = or_nothing(record.map(|record| record.map(|record| record.events).unwrap_or_default()));
    events.retain(|event| is_recent(event.created_at));
    let mut said = BTreeSet::new();
    events.retain(|event| said.insert(event.message.clone()));
    events.truncate(EVENT_LIMIT);
    let mut stopped_tasks = or_nothing(tasks);
    stopped_tasks.retain(|task| is_recent(task.stopped_at));
    Evidence { events, stopped_tasks }
}

fn or_nothing<T>(result: Result<Vec<T>, AwsError>) -> Vec<T> {
    result.unwrap_or_else(|error| {
        tracing::warn!(error = %error, "evidence cannot be read");
        Vec::new()
    })
}
