//! Reads evidence: within twenty seconds, in a dozen calls, whatever is denied.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::log_lines::{LINE_LIMIT, excerpt, find_failing_task, find_log_source, list_environment_values};
use super::{Evidence, LogExcerpt};
use crate::aws::acm::{Acm, CertificateStatus};
use crate::aws::cloudwatch::CloudWatch;
use crate::aws::ecs::{DeploymentDetail, Ecs, Revision, ServiceEvent, ServiceRecord, StoppedTask};
use crate::aws::elbv2::{Elbv2, TargetHealth};
use crate::aws::iam::Iam;
use crate::aws::logs::Logs;
use crate::aws::{AwsError, AwsErrorKind, Clients};
use crate::clock::SharedClock;
use crate::engine::EngineError;
use crate::service::{Deployment, ManagedKind, ServiceArn};

/// Time for collecting evidence, beyond the operation's own deadline.
const COLLECTION_TIME: Duration = Duration::from_secs(20);
/// Events that are looked at.
const EVENT_LIMIT: usize = 8;
/// Tasks that are looked at.
const TASK_LIMIT: usize = 5;
/// Targets that are looked at.
const TARGET_LIMIT: usize = 5;

/// The APIs that know why something failed. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct EvidenceReader {
    pub(super) ecs: Arc<Ecs>,
    elbv2: Arc<Elbv2>,
    acm: Arc<Acm>,
    cloudwatch: Arc<CloudWatch>,
    logs: Arc<Logs>,
    pub(super) iam: Arc<Iam>,
    /// Whether the last lines of a failing container are read.
    reads_log_lines: bool,
}

impl EvidenceReader {
    /// A reader through these clients; ECS and ELBv2 share their reads with others.
    pub(crate) fn new(clients: &Clients, ecs: Arc<Ecs>, elbv2: Arc<Elbv2>, reads_log_lines: bool) -> Self {
        Self {
            ecs,
            elbv2,
            acm: Arc::new(Acm::new(clients.clone())),
            cloudwatch: Arc::new(CloudWatch::new(clients.clone())),
            logs: Arc::new(Logs::new(clients.clone())),
            iam: Arc::new(Iam::new(clients.clone())),
            reads_log_lines,
        }
    }

    /// Reads what AWS knows about a failure. It asks nothing where the service has no part in it. `began_at`: when the
    /// operation began; what had ended before says nothing about it.
    pub(crate) async fn collect(
        &self,
        clock: &SharedClock,
        arn: Option<&ServiceArn>,
        error: &EngineError,
        began_at: Option<SystemTime>,
    ) -> Evidence {
        let Some(arn) = arn.filter(|_| is_about_the_service(error)) else { return Evidence::default() };
        let gaps = Gaps::begin(clock);
        let mut evidence = Box::pin(self.read(arn, error.root(), began_at, &gaps)).await;
        evidence.unreadable = gaps.list();
        evidence
    }

    async fn read(
        &self,
        arn: &ServiceArn,
        error: &EngineError,
        began_at: Option<SystemTime>,
        gaps: &Gaps,
    ) -> Evidence {
        let alarm_names = match error {
            EngineError::DeploymentFailed(failure) => failure.triggered_alarm_names.as_slice(),
            _ => &[],
        };
        let (record, tasks, alarms) = tokio::join!(
            gaps.read("service events", self.ecs.find_service(arn.cluster(), arn.name())),
            gaps.read("stopped tasks", self.ecs.list_stopped_tasks(arn)),
            gaps.read("alarms", self.cloudwatch.list_alarms(alarm_names)),
        );
        let record = record.flatten();
        let deployment = self.find_deployment(arn, error, record.as_ref(), gaps).await;
        let deployment = deployment.filter(|found| concerns(&found.deployment, error, began_at));
        let revision = self.find_revision(deployment.as_ref(), gaps).await;
        let since = deployment.as_ref().and_then(|found| found.deployment.created_at);
        let since = since.or(created_at(error)).or(began_at);
        let stopped_tasks = select_tasks(tasks.unwrap_or_default(), &revision, since);
        let (targets, certificate, log) = tokio::join!(
            self.list_targets(&revision, gaps),
            self.find_certificate(&revision, gaps),
            self.read_log(&stopped_tasks, gaps),
        );
        let resources = revision.resources.into_iter();
        Evidence {
            stage: deployment.and_then(|found| found.lifecycle_stage),
            events: select_events(record.map(|record| record.events).unwrap_or_default(), since),
            stopped_tasks,
            targets,
            alarms: alarms.unwrap_or_default(),
            resources: resources
                .filter(|it| matches!(it.status.as_str(), "PROVISIONING" | "FAILED"))
                .collect(),
            certificate,
            log,
            unreadable: Vec::new(),
        }
    }

    /// The deployment that failed, or the one under way, or the newest.
    async fn find_deployment(
        &self,
        arn: &ServiceArn,
        error: &EngineError,
        record: Option<&ServiceRecord>,
        gaps: &Gaps,
    ) -> Option<DeploymentDetail> {
        let known = match error {
            EngineError::DeploymentFailed(failure) => Some(failure.deployment_arn.clone()),
            _ => record.and_then(|record| record.current_deployment_arn.clone()),
        };
        let deployment_arn = if let Some(deployment_arn) = known {
            deployment_arn
        } else {
            let listed = gaps.read("deployments", self.ecs.list_deployments(arn)).await?;
            listed.first()?.arn.clone()
        };
        gaps.read("the deployment", self.ecs.find_deployment(&deployment_arn)).await.flatten()
    }

    async fn find_revision(&self, deployment: Option<&DeploymentDetail>, gaps: &Gaps) -> Revision {
        let Some(arn) = deployment.and_then(|found| found.deployment.target_revision_arn.as_deref()) else {
            return Revision::default();
        };
        gaps.read("the revision", self.ecs.find_revision(arn)).await.flatten().unwrap_or_default()
    }

    async fn list_targets(&self, revision: &Revision, gaps: &Gaps) -> Vec<TargetHealth> {
        let Some(group) = &revision.target_group_arn else { return Vec::new() };
        let read = gaps.read("target health", self.elbv2.list_target_health(group)).await;
        let mut targets = read.unwrap_or_default();
        targets.retain(|target| !matches!(target.state.as_str(), "healthy" | "initial" | "draining"));
        targets.truncate(TARGET_LIMIT);
        targets
    }

    /// How the certificate stands that ECS makes, if it is not there yet.
    async fn find_certificate(&self, revision: &Revision, gaps: &Gaps) -> Option<String> {
        let is_missing = |status: &str| matches!(status, "PROVISIONING" | "FAILED");
        let resource = revision
            .resources
            .iter()
            .find(|it| it.kind == ManagedKind::Certificate && is_missing(&it.status))?;
        let certificate =
            gaps.read("the certificate", self.acm.find_certificate(resource.arn.as_deref()?)).await??;
        let status = match certificate.status {
            CertificateStatus::PendingValidation => "PENDING_VALIDATION".to_owned(),
            CertificateStatus::Issued => "ISSUED".to_owned(),
            CertificateStatus::Unusable(status) => status,
        };
        let reason = certificate.failure_reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        Some(format!("{} is {status}{reason}", certificate.domain_name))
    }

    /// The last lines of the container that failed. Without its task definition nothing is shown, since what its
    /// environment holds could not be told from the rest.
    async fn read_log(&self, tasks: &[StoppedTask], gaps: &Gaps) -> Option<LogExcerpt> {
        let task = find_failing_task(tasks).filter(|_| self.reads_log_lines)?;
        let definition_arn = task.task_definition_arn.as_deref()?;
        let definition =
            gaps.read("the task definition", self.ecs.find_task_definition(definition_arn)).await??;
        let source = find_log_source(task, &definition.document)?;
        let read = self.logs.list_log_events(&source.group, &source.stream, LINE_LIMIT);
        let events = gaps.read("log lines", read).await?;
        let lines: Vec<_> = events.into_iter().map(|event| event.message).collect();
        excerpt(source, &lines, &list_environment_values(&definition.document))
    }
}

/// Whether what happens in the service can explain the failure.
fn is_about_the_service(error: &EngineError) -> bool {
    matches!(
        error.root(),
        EngineError::DeploymentFailed(_)
            | EngineError::ResourceFailed { .. }
            | EngineError::Hopeless { .. }
            | EngineError::InfrastructureRoleGone { .. }
            | EngineError::TimedOut { .. }
    )
}

/// Whether a deployment has a part in a failure: it is the one that failed, or it was under way during the operation.
fn concerns(deployment: &Deployment, error: &EngineError, began_at: Option<SystemTime>) -> bool {
    if matches!(error, EngineError::DeploymentFailed(_)) || !deployment.status.is_final() {
        return true;
    }
    let ended_at = deployment.finished_at.or(deployment.created_at);
    ended_at.zip(began_at).is_none_or(|(ended_at, began_at)| ended_at >= began_at)
}

fn created_at(error: &EngineError) -> Option<SystemTime> {
    match error {
        EngineError::DeploymentFailed(failure) => failure.created_at,
        EngineError::Hopeless { since, .. } => Some(*since),
        _ => None,
    }
}

pub(super) fn is_recent(time: Option<SystemTime>, since: Option<SystemTime>) -> bool {
    since.is_none_or(|since| time.is_none_or(|time| time >= since))
}

/// Those of the new revision that did not stop for want of work.
pub(super) fn select_tasks(
    mut tasks: Vec<StoppedTask>,
    revision: &Revision,
    since: Option<SystemTime>,
) -> Vec<StoppedTask> {
    let is_ours = |task: &StoppedTask| match (&revision.task_definition_arn, &task.task_definition_arn) {
        (Some(ours), Some(its)) => ours == its,
        _ => true,
    };
    let is_scaling = |task: &StoppedTask| {
        task.stopped_reason
            .as_deref()
            .is_some_and(|reason| reason.starts_with("Scaling activity initiated by"))
    };
    tasks.retain(|task| is_recent(task.stopped_at, since) && is_ours(task) && !is_scaling(task));
    tasks.truncate(TASK_LIMIT);
    tasks
}

/// Each text once; those that only count tasks and targets make way for others.
fn select_events(mut events: Vec<ServiceEvent>, since: Option<SystemTime>) -> Vec<ServiceEvent> {
    let mut said = BTreeSet::new();
    events.retain(|event| is_recent(event.created_at, since) && said.insert(event.message.clone()));
    let is_routine = |event: &ServiceEvent| {
        [") has started ", " registered 1 targets in ", " deregistered 1 targets in ", " has stopped "]
            .iter()
            .any(|words| event.message.contains(words))
    };
    events.retain(|event| !is_routine(event));
    events.truncate(EVENT_LIMIT);
    events
}

/// What could not be read within the time for it.
struct Gaps {
    clock: SharedClock,
    deadline: SystemTime,
    found: Mutex<Vec<String>>,
}

impl Gaps {
    fn begin(clock: &SharedClock) -> Self {
        Self { clock: clock.clone(), deadline: clock.now() + COLLECTION_TIME, found: Mutex::default() }
    }

    /// The answer; `None`: there is none, and what was asked is noted with the reason.
    async fn read<T>(&self, what: &str, call: impl Future<Output = Result<T, AwsError>>) -> Option<T> {
        let remaining = self.deadline.duration_since(self.clock.now()).unwrap_or_default();
        let why = tokio::select! {
            biased;
            answer = call => match answer {
                Ok(answer) => return Some(answer),
                Err(error) => describe(&error),
            },
            () = self.clock.sleep(remaining) => "no answer in time".to_owned(),
        };
        tracing::warn!(what, why, "evidence cannot be read");
        self.found.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{what} ({why})"));
        None
    }

    fn list(self) -> Vec<String> {
        self.found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which call, and what AWS said in a word.
fn describe(error: &AwsError) -> String {
    let why = match (&error.kind, &error.code) {
        (AwsErrorKind::AccessDenied, _) => "denied",
        (_, Some(code)) => code,
        (AwsErrorKind::Timeout, None) => "no answer in time",
        (_, None) => "no answer",
    };
    format!("{} {}: {why}", error.service, error.operation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Answer, FakeAws};
    use crate::service::DeploymentStatus;

    fn event(seconds: u64, message: &str) -> ServiceEvent {
        let created_at = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        ServiceEvent { created_at, message: message.to_owned() }
    }

    #[test]
    fn events_are_those_since_the_deployment_each_once_without_routine() {
        let since = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(10));
        let events = vec![
            event(30, "a"),
            event(20, "a"),
            event(15, "(service api) has started 1 tasks: (task 1)."),
            event(5, "from before"),
        ];
        let kept: Vec<_> = select_events(events, since).into_iter().map(|event| event.message).collect();
        assert_eq!(kept, ["a"]);
    }

    #[test]
    fn tasks_are_those_of_the_new_revision_that_had_work() {
        let task = |definition: &str, reason: &str| StoppedTask {
            task_definition_arn: Some(definition.to_owned()),
            stopped_reason: Some(reason.to_owned()),
            ..StoppedTask::default()
        };
        let revision = Revision { task_definition_arn: Some("arn:api:2".to_owned()), ..Revision::default() };
        let tasks = vec![
            task("arn:api:2", "Essential container in task exited"),
            task("arn:api:1", "Essential container in task exited"),
            task("arn:api:2", "Scaling activity initiated by (deployment ecs-svc/1)"),
        ];
        assert_eq!(select_tasks(tasks, &revision, None).len(), 1);
    }

    #[test]
    fn a_deployment_that_had_ended_before_the_operation_began_says_nothing_about_it() {
        let time = |seconds: u64| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let deployment = |status: DeploymentStatus, finished_at| Deployment {
            arn: "d1".to_owned(),
            status,
            status_reason: None,
            target_revision_arn: None,
            created_at: time(10),
            started_at: time(10),
            finished_at,
        };
        let timed_out = EngineError::TimedOut { pending: "waiting".to_owned() };
        let failed = deployment(DeploymentStatus::RollbackSuccessful, time(50));
        assert!(!concerns(&failed, &timed_out, time(60)));
        assert!(concerns(&failed, &timed_out, time(40)), "it failed meanwhile");
        assert!(concerns(&failed, &timed_out, None));
        assert!(concerns(&deployment(DeploymentStatus::InProgress, None), &timed_out, time(60)));
    }

    #[tokio::test]
    async fn what_is_denied_is_named_and_hides_nothing() {
        let aws = FakeAws::answering(|_| {
            Answer::Http(400, r#"{"__type": "AccessDeniedException", "message": "no"}"#.to_owned())
        });
        let clients = aws.clients().await;
        let (ecs, elbv2) = (Arc::new(Ecs::new(clients.clone())), Arc::new(Elbv2::new(clients.clone())));
        let reader = EvidenceReader::new(&clients, ecs, elbv2, true);
        let arn: ServiceArn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/api".parse().expect("valid");
        let error = EngineError::TimedOut { pending: "waiting".to_owned() };
        let evidence = reader.collect(clients.clock(), Some(&arn), &error, None).await;
        let unreadable = evidence.unreadable.clone();
        assert_eq!(evidence, Evidence { unreadable: unreadable.clone(), ..Evidence::default() });
        assert_eq!(unreadable.len(), 3, "{unreadable:?}");
        assert!(unreadable.contains(&"stopped tasks (ECS ListTasks: denied)".to_owned()), "{unreadable:?}");
    }
}
