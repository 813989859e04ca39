//! Service deployments: `ListServiceDeployments` and `DescribeServiceDeployments`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::pause::{self, Pause};
use super::{cluster, errors};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::ecs::input::{page, parse};
use crate::sandbox::world::{Scope, Timestamp};

/// `status` of a service deployment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DeploymentStatus {
    #[default]
    Pending,
    InProgress,
    Successful,
    Stopped,
    RollbackRequested,
    RollbackInProgress,
    RollbackSuccessful,
    RollbackFailed,
}

impl DeploymentStatus {
    /// No further step follows.
    pub(crate) fn is_terminal(self) -> bool {
        matches!(self, Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed)
    }
}

/// `lifecycleStage` of a service deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum LifecycleStage {
    ReconcileService,
    PreScaleUp,
    ScaleUp,
    PostScaleUp,
    TestTrafficShift,
    PostTestTrafficShift,
    ProductionTrafficShift,
    PostProductionTrafficShift,
    BakeTime,
    CleanUp,
}

/// How a deployment replaces the running revision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Strategy {
    /// New tasks start, old tasks stop; no traffic is shifted.
    #[default]
    Rolling,
    /// A share of the traffic goes to the new tasks first.
    Canary { percent: f64, canary_bake: Duration, bake: Duration },
    /// Equal shares of the traffic go to the new tasks one after the other.
    Linear { step_percent: f64, step_bake: Duration, bake: Duration },
    /// All of the traffic goes to the new tasks at once.
    BlueGreen { bake: Duration },
}

impl Strategy {
    /// The strategy of a `deploymentConfiguration` in the form of the API.
    pub(crate) fn from_configuration(configuration: Option<&Value>) -> Self {
        let Some(configuration) = configuration else { return Self::Rolling };
        let minutes =
            |value: &Value, default: u64| Duration::from_secs(60 * value.as_u64().unwrap_or(default));
        let bake = minutes(&configuration["bakeTimeInMinutes"], 0);
        match configuration["strategy"].as_str() {
            Some("CANARY") => {
                let canary = &configuration["canaryConfiguration"];
                Self::Canary {
                    percent: canary["canaryPercent"].as_f64().unwrap_or(5.0),
                    canary_bake: minutes(&canary["canaryBakeTimeInMinutes"], 10),
                    bake,
                }
            }
            Some("LINEAR") => {
                let linear = &configuration["linearConfiguration"];
                Self::Linear {
                    step_percent: linear["stepPercent"].as_f64().unwrap_or(10.0),
                    step_bake: minutes(&linear["stepBakeTimeInMinutes"], 6),
                    bake,
                }
            }
            Some("BLUE_GREEN") => Self::BlueGreen { bake },
            _ => Self::Rolling,
        }
    }

    /// Share of the traffic that the step after `percent` gives to the new tasks.
    pub(crate) fn next_percent(self, percent: f64) -> f64 {
        match self {
            Self::Canary { percent: first, .. } if percent < first => first,
            Self::Linear { step_percent, .. } => (percent + step_percent).min(100.0),
            _ => 100.0,
        }
    }

    /// How long a step lasts that is not the last one.
    pub(crate) fn step_bake(self) -> Duration {
        match self {
            Self::Canary { canary_bake, .. } => canary_bake,
            Self::Linear { step_bake, .. } => step_bake,
            Self::BlueGreen { .. } | Self::Rolling => Duration::ZERO,
        }
    }

    /// How long old and new tasks run side by side once all traffic has moved.
    pub(crate) fn bake(self) -> Duration {
        match self {
            Self::Canary { bake, .. } | Self::Linear { bake, .. } | Self::BlueGreen { bake } => bake,
            Self::Rolling => Duration::ZERO,
        }
    }
}

/// One deployment of one revision.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceDeployment {
    pub(crate) arn: String,
    pub(crate) service_arn: String,
    pub(crate) status: DeploymentStatus,
    pub(crate) status_reason: Option<String>,
    pub(crate) stage: Option<LifecycleStage>,
    pub(crate) target_revision: String,
    /// The live revision, from which traffic comes and to which a rollback goes.
    pub(crate) live_source: Option<String>,
    /// Target revision of a deployment that this one superseded.
    pub(crate) superseded: Option<String>,
    pub(crate) strategy: Strategy,
    /// `deploymentConfiguration` at the start of the deployment.
    pub(crate) configuration: Value,
    /// Share of production traffic that goes to the target revision, in percent.
    pub(crate) production_percent: f64,
    pub(crate) test_percent: f64,
    pub(crate) failure_count: u32,
    pub(crate) failure_threshold: u32,
    pub(crate) triggered_alarms: Vec<String>,
    /// Alarms that were in `ALARM` when the deployment began; it takes no notice of them.
    pub(crate) ignored_alarms: Vec<String>,
    pub(crate) rollback: Option<Rollback>,
    /// PAUSE hooks that held it, or hold it.
    pub(crate) pauses: Vec<Pause>,
    /// Counts the stages; an end of stage that was scheduled for an earlier one is void.
    pub(crate) generation: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) stopped_at: Option<Timestamp>,
    pub(crate) updated_at: Timestamp,
}

/// `rollback` of a service deployment.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Rollback {
    pub(crate) reason: String,
    pub(crate) started_at: Timestamp,
    pub(crate) revision: Option<String>,
}

impl ServiceDeployment {
    /// Whether there is a way back: until `CLEAN_UP`, which stops the old tasks.
    pub(crate) fn can_roll_back(&self) -> bool {
        matches!(self.status, DeploymentStatus::Pending | DeploymentStatus::InProgress)
            && self.stage != Some(LifecycleStage::CleanUp)
    }

    /// The alarms that the deployment watches.
    pub(crate) fn alarm_names(&self) -> Vec<String> {
        let alarms = &self.configuration["alarms"];
        let names = alarms["alarmNames"].as_array().filter(|_| alarms["enable"] == true);
        names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    service: String,
    cluster: Option<String>,
    #[serde(default)]
    status: Vec<DeploymentStatus>,
    created_at: Option<CreatedAt>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// Bounds in epoch seconds, both included.
#[derive(Deserialize)]
struct CreatedAt {
    before: Option<f64>,
    after: Option<f64>,
}

/// `ListServiceDeployments`: the newest first. A deployment appears some seconds after the call that causes it.
pub(crate) fn list(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ListInput = parse(request)?;
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    let ecs = &scope.region.ecs;
    let service = ecs.find_service(&cluster_name, &input.service).ok_or_else(errors::service_not_found)?;
    let seconds = |instant: Timestamp| Duration::from_millis(instant.epoch_millis()).as_secs_f64();
    let mut found: Vec<&ServiceDeployment> = ecs
        .deployments
        .values()
        .filter(|one| one.service_arn == service.arn)
        .filter(|one| input.status.is_empty() || input.status.contains(&one.status))
        .filter(|one| {
            let created = seconds(one.created_at);
            input.created_at.as_ref().is_none_or(|bounds| {
                bounds.after.is_none_or(|after| created >= after)
                    && bounds.before.is_none_or(|before| created <= before)
            })
        })
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse((one.created_at, &one.arn)));
    let (found, next_token) = page(&found, input.max_results, input.next_token.as_deref(), 20)?;
    let answers: Vec<Value> = found.into_iter().map(|one| describe_brief(scope, one)).collect();
    Ok(super::with_next_token(json!({"serviceDeployments": answers}), next_token))
}

fn describe_brief(scope: &Scope<'_>, deployment: &ServiceDeployment) -> Value {
    let mut answer = describe_common(scope, deployment);
    answer.insert("targetServiceRevisionArn".into(), json!(deployment.target_revision));
    Value::Object(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    #[serde(default)]
    service_deployment_arns: Vec<String>,
}

/// `DescribeServiceDeployments`: at most 20.
pub(crate) fn describe(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: DescribeInput = parse(request)?;
    if input.service_deployment_arns.is_empty() || input.service_deployment_arns.len() > 20 {
        return Err(errors::invalid_parameter("serviceDeploymentArns must have between 1 and 20 items."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in &input.service_deployment_arns {
        match scope.region.ecs.deployments.get(arn) {
            Some(deployment) => found.push(describe_one(scope, deployment)),
            None => failures.push(json!({"arn": arn, "reason": "MISSING"})),
        }
    }
    Ok(json!({"serviceDeployments": found, "failures": failures}))
}

fn describe_common(scope: &Scope<'_>, deployment: &ServiceDeployment) -> Map<String, Value> {
    let service = scope.region.ecs.services.get(&deployment.service_arn);
    let cluster = service.map(|service| service.cluster.as_str()).unwrap_or_default();
    let mut answer = Map::new();
    answer.insert("serviceDeploymentArn".into(), json!(deployment.arn));
    answer.insert("serviceArn".into(), json!(deployment.service_arn));
    answer.insert("clusterArn".into(), json!(scope.region.arn("ecs", &format!("cluster/{cluster}"))));
    answer.insert("status".into(), json!(deployment.status));
    answer.insert("createdAt".into(), deployment.created_at.epoch_seconds());
    if let Some(reason) = &deployment.status_reason {
        answer.insert("statusReason".into(), json!(reason));
    }
    for (member, instant) in [("startedAt", deployment.started_at), ("finishedAt", deployment.finished_at)] {
        if let Some(instant) = instant {
            answer.insert(member.into(), instant.epoch_seconds());
        }
    }
    answer
}

fn describe_one(scope: &Scope<'_>, deployment: &ServiceDeployment) -> Value {
    let ecs = &scope.region.ecs;
    let desired = ecs.services.get(&deployment.service_arn).map_or(0, |service| service.desired_count);
    let revision = |arn: &String, production: f64, test: f64| {
        let (running, pending) = ecs.count_tasks(arn);
        let wanted = ecs.revisions.get(arn).is_some_and(|revision| revision.wants_tasks);
        json!({
            "arn": arn,
            "requestedTaskCount": if wanted { desired } else { 0 },
            "runningTaskCount": running,
            "pendingTaskCount": pending,
            "requestedTestTrafficWeight": test,
            "requestedProductionTrafficWeight": production,
        })
    };
    let mut answer = describe_common(scope, deployment);
    let (production, test) = (deployment.production_percent, deployment.test_percent);
    let live = deployment.live_source.iter().map(|arn| revision(arn, 100.0 - production, 100.0 - test));
    let superseded = deployment.superseded.iter().map(|arn| revision(arn, 0.0, 0.0));
    let sources: Vec<Value> = live.chain(superseded).collect();
    answer.insert("sourceServiceRevisions".into(), json!(sources));
    answer.insert("targetServiceRevision".into(), revision(&deployment.target_revision, production, test));
    answer.insert("updatedAt".into(), deployment.updated_at.epoch_seconds());
    answer.insert("deploymentConfiguration".into(), deployment.configuration.clone());
    if let Some(stage) = deployment.stage {
        answer.insert("lifecycleStage".into(), json!(stage));
    }
    if let Some(instant) = deployment.stopped_at {
        answer.insert("stoppedAt".into(), instant.epoch_seconds());
    }
    if let Some(rollback) = &deployment.rollback {
        let mut members =
            json!({"reason": rollback.reason, "startedAt": rollback.started_at.epoch_seconds()});
        if let Some(revision) = &rollback.revision {
            members["serviceRevisionArn"] = json!(revision);
        }
        answer.insert("rollback".into(), members);
    }
    if !deployment.pauses.is_empty() {
        answer.insert("lifecycleHookDetails".into(), pause::describe(deployment));
    }
    let breaker = deployment.configuration["deploymentCircuitBreaker"]["enable"] == true;
    let triggered = breaker && deployment.failure_count >= deployment.failure_threshold;
    answer.insert(
        "deploymentCircuitBreaker".into(),
        json!({
            "status": watch_status(deployment.status, breaker, triggered),
            "failureCount": deployment.failure_count,
            "threshold": deployment.failure_threshold,
        }),
    );
    let alarm_names = deployment.alarm_names();
    let triggered = !deployment.triggered_alarms.is_empty();
    answer.insert(
        "alarms".into(),
        json!({
            "status": watch_status(deployment.status, !alarm_names.is_empty(), triggered),
            "alarmNames": alarm_names,
            "triggeredAlarmNames": deployment.triggered_alarms,
        }),
    );
    Value::Object(answer)
}

/// `status` of the circuit breaker and of the alarms of a deployment.
fn watch_status(status: DeploymentStatus, enabled: bool, triggered: bool) -> &'static str {
    match (enabled, triggered, status.is_terminal()) {
        (false, ..) => "DISABLED",
        (_, true, _) => "TRIGGERED",
        (_, _, true) => "MONITORING_COMPLETE",
        _ => "MONITORING",
    }
}
