//! Services as ECS keeps them: `DescribeServices` and `ListServices`.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::express::ExpressService;
use super::revision::ServiceRevision;
use super::task::TaskStatus;
use super::traffic::Traffic;
use super::{EcsState, cluster, errors, plain};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::agenda::Event;
use crate::sandbox::world::ecs::input::{flatten_tags, page, parse};
use crate::sandbox::world::ids::IdGenerator;
use crate::sandbox::world::scenario::Scenario;
use crate::sandbox::world::{Scope, Timestamp, timing};

/// `DescribeServices` answers the newest events only.
const EVENTS_KEPT: usize = 100;

/// `status` of a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ServiceStatus {
    #[default]
    Active,
    Draining,
    Inactive,
}

/// A service, Express or plain.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Service {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// Name of the cluster.
    pub(crate) cluster: String,
    pub(crate) status: ServiceStatus,
    pub(crate) status_reason: Option<String>,
    pub(crate) desired_count: usize,
    /// Token of the call that made the service.
    pub(crate) client_token: Option<String>,
    /// What ECS holds for an Express service; absent for the customer's own services.
    pub(crate) express: Option<Box<ExpressService>>,
    /// Members that `DescribeServices` echoes, such as `deploymentConfiguration`.
    pub(crate) settings: Map<String, Value>,
    /// The rule between whose target groups traffic shifts, if there is one.
    pub(crate) traffic: Option<Traffic>,
    /// Revision of the last successful deployment.
    pub(crate) live_revision: Option<String>,
    /// Revision that is being deployed, or whose first deployment failed.
    pub(crate) target_revision: Option<String>,
    pub(crate) current_deployment: Option<String>,
    /// Revisions whose deployments newer ones superseded, until the newest has ended.
    pub(crate) superseded_revisions: Vec<String>,
    /// The circuit breaker ended the first deployment and left the desired count at 0. Neither another image nor the
    /// end of a deployment brings tasks back, only a count that is asked for (facts, express in the wild W1).
    pub(crate) is_halted: bool,
    pub(crate) events: VecDeque<ServiceEvent>,
    pub(crate) teardown: Teardown,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// How far the deletion of a service has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Teardown {
    /// Tasks drain, or nothing is being deleted.
    #[default]
    Draining,
    /// The infrastructure goes.
    Removing,
}

/// One entry of a service's `events`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceEvent {
    id: String,
    created_at: Timestamp,
    pub(crate) message: String,
}

impl Service {
    /// Whether new deployments may start.
    pub(crate) fn is_active(&self) -> bool {
        self.status == ServiceStatus::Active
    }

    /// Adds `(service <name>) <message>` to the events.
    pub(crate) fn add_event(&mut self, ids: &mut IdGenerator, now: Timestamp, message: &str) {
        let message = format!("(service {}) {message}", self.name);
        self.events.push_front(ServiceEvent { id: ids.uuid(), created_at: now, message });
        self.events.truncate(EVENTS_KEPT);
    }

    /// The revisions that are serving or being deployed, the newest first.
    pub(crate) fn revision_arns(&self) -> impl Iterator<Item = &String> {
        self.target_revision.iter().chain(self.live_revision.iter())
    }
}

/// Adds an event to a service, if there is one.
pub(crate) fn add_event(scope: &mut Scope<'_>, service_arn: &str, message: &str) {
    if let Some(service) = scope.region.ecs.services.get_mut(service_arn) {
        service.add_event(scope.ids, scope.now, message);
    }
}

/// Schedules `event` of a service; the scenario `slow` stretches `delay`.
pub(crate) fn schedule(scope: &mut Scope<'_>, service_arn: &str, delay: Duration, event: super::EcsEvent) {
    let slow = is_befallen(scope, service_arn, Scenario::Slow);
    let delay = if slow { delay * timing::SLOW_FACTOR } else { delay };
    scope.schedule(delay, Event::Ecs(event));
}

/// Whether `scenario` befalls the service, with the image of its newest revision.
pub(crate) fn is_befallen(scope: &Scope<'_>, service_arn: &str, scenario: Scenario) -> bool {
    let ecs = &scope.region.ecs;
    let Some(service) = ecs.services.get(service_arn) else { return false };
    let revision = service.revision_arns().next().and_then(|arn| ecs.revisions.get(arn));
    let image = revision.map(|revision| ecs.main_image(revision)).unwrap_or_default();
    scope.scenarios.is_on(scenario, &service.name, image)
}

impl EcsState {
    /// A service by ARN, or by name within a cluster.
    pub(crate) fn find_service(&self, cluster: &str, reference: &str) -> Option<&Service> {
        if reference.starts_with("arn:") {
            return self.services.get(reference);
        }
        self.services.values().find(|service| service.cluster == cluster && service.name == reference)
    }

    /// The image of a revision's first container (an Express service's `Main`).
    pub(crate) fn main_image(&self, revision: &ServiceRevision) -> &str {
        let definition = self.task_definitions.get(&revision.task_definition);
        definition
            .and_then(|definition| definition.find_container("Main").or(definition.containers().first()))
            .and_then(|container| container["image"].as_str())
            .unwrap_or_default()
    }

    /// Running and pending tasks of a revision.
    pub(crate) fn count_tasks(&self, revision: &str) -> (usize, usize) {
        let tasks = || self.tasks.values().filter(|task| task.revision == revision && task.desired_running);
        let running = tasks().filter(|task| task.status == TaskStatus::Running).count();
        (running, tasks().filter(|task| task.is_pending()).count())
    }
}

#[derive(Deserialize)]
struct DescribeInput {
    cluster: Option<String>,
    #[serde(default)]
    services: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

/// `DescribeServices`: at most ten; an `INACTIVE` record is still answered, a service just made is not yet.
pub(crate) fn describe(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: DescribeInput = parse(request)?;
    if input.services.is_empty() {
        return Err(errors::invalid_parameter("Services cannot be empty."));
    }
    if input.services.len() > 10 {
        return Err(errors::invalid_parameter("services can have at most 10 items."));
    }
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    let with_tags = input.include.iter().any(|include| include == "TAGS");
    let (mut services, mut failures) = (Vec::new(), Vec::new());
    for reference in &input.services {
        let service = scope.region.ecs.find_service(&cluster_name, reference);
        let is_shown = |service: &&Service| {
            service.cluster == cluster_name
                && (service.express.is_some()
                    || service.created_at.after(timing::SERVICE_VISIBLE) <= scope.now)
        };
        if let Some(service) = service.filter(is_shown) {
            services.push(describe_one(scope, service, with_tags));
            continue;
        }
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let arn = scope.region.arn("ecs", &format!("service/{cluster_name}/{name}"));
        failures.push(json!({"arn": arn, "reason": "MISSING"}));
    }
    Ok(json!({"services": services, "failures": failures}))
}

/// A service in the form of `DescribeServices`.
///
/// For an Express service `taskDefinition`, `launchType`, `platformVersion` and the network are absent:
/// they live on the revision (facts, Express section 2.5).
pub(crate) fn describe_one(scope: &Scope<'_>, service: &Service, with_tags: bool) -> Value {
    let ecs = &scope.region.ecs;
    let revisions: Vec<&ServiceRevision> =
        service.revision_arns().filter_map(|arn| ecs.revisions.get(arn)).collect();
    let counts: Vec<(usize, usize)> =
        revisions.iter().map(|revision| ecs.count_tasks(&revision.arn)).collect();
    let mut answer = service.settings.clone();
    let mut set = |member: &str, value: Value| answer.insert(member.to_owned(), value);
    set("serviceArn", json!(service.arn));
    set("serviceName", json!(service.name));
    set("clusterArn", json!(scope.region.arn("ecs", &format!("cluster/{}", service.cluster))));
    set("status", json!(service.status));
    set("desiredCount", json!(service.desired_count));
    set("runningCount", json!(counts.iter().map(|count| count.0).sum::<usize>()));
    set("pendingCount", json!(counts.iter().map(|count| count.1).sum::<usize>()));
    set("resourceManagementType", json!(if service.express.is_some() { "ECS" } else { "CUSTOMER" }));
    set("createdAt", service.created_at.epoch_seconds());
    if service.express.is_none() {
        for (member, value) in plain::further_members(service, scope) {
            set(member, value);
        }
    }
    let events = service.events.iter().map(|event| {
        json!({"id": event.id, "createdAt": event.created_at.epoch_seconds(), "message": event.message})
    });
    set("events", events.collect());
    let listed = service.status != ServiceStatus::Inactive;
    let deployments = revisions.iter().zip(&counts).enumerate().filter(|_| listed);
    set(
        "deployments",
        deployments.map(|(index, (one, count))| describe_rollout(service, one, index, *count)).collect(),
    );
    if listed {
        let current = revisions.iter().zip(&counts).map(|(revision, (running, pending))| {
            json!({
                "arn": revision.arn,
                "requestedTaskCount": service.desired_count,
                "runningTaskCount": running,
                "pendingTaskCount": pending,
            })
        });
        set("currentServiceRevisions", current.collect());
        if let Some(deployment) = &service.current_deployment {
            set("currentServiceDeployment", json!(deployment));
        }
    }
    if with_tags {
        let tags = ecs.tags.get(&service.arn).cloned().unwrap_or_default();
        set("tags", flatten_tags(&tags));
    }
    Value::Object(answer)
}

/// One entry of the older `deployments` list. Its `rolloutState` reads `COMPLETED` after a rollback too
/// (facts, Express section 5).
fn describe_rollout(
    service: &Service,
    revision: &ServiceRevision,
    index: usize,
    (running, pending): (usize, usize),
) -> Value {
    let in_progress =
        service.target_revision.as_ref() == Some(&revision.arn) && service.current_deployment.is_some();
    let failed =
        service.target_revision.as_ref() == Some(&revision.arn) && service.current_deployment.is_none();
    let (state, reason) = match (in_progress, failed && revision.failed_tasks > 0) {
        (true, _) => ("IN_PROGRESS", format!("ECS deployment {} in progress.", revision.deployment_id)),
        (_, true) => ("FAILED", "ECS deployment circuit breaker: tasks failed to start.".to_owned()),
        _ => ("COMPLETED", format!("ECS deployment {} completed.", revision.deployment_id)),
    };
    let mut answer = json!({
        "id": revision.deployment_id,
        "status": if index == 0 { "PRIMARY" } else { "ACTIVE" },
        "taskDefinition": revision.task_definition,
        "desiredCount": service.desired_count,
        "pendingCount": pending,
        "runningCount": running,
        "failedTasks": revision.failed_tasks,
        "createdAt": revision.created_at.epoch_seconds(),
        "updatedAt": revision.created_at.epoch_seconds(),
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "rolloutState": state,
        "rolloutStateReason": reason,
    });
    if let Some(network) = &revision.network {
        answer["networkConfiguration"] = network.describe();
    }
    if let Some(launch_type) = service.settings.get("launchType") {
        answer["launchType"] = launch_type.clone();
    }
    answer
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    cluster: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
    launch_type: Option<String>,
    resource_management_type: Option<String>,
}

/// `ListServices`: services that are not `INACTIVE`, ten to a page unless asked otherwise.
pub(crate) fn list(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ListInput = parse(request)?;
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    let wanted = |service: &&Service| {
        let kind = if service.express.is_some() { "ECS" } else { "CUSTOMER" };
        service.cluster == cluster_name
            && service.status != ServiceStatus::Inactive
            && input.resource_management_type.as_deref().is_none_or(|wanted| wanted == kind)
            && input.launch_type.as_deref().is_none_or(|wanted| {
                service.settings.get("launchType").and_then(Value::as_str) == Some(wanted)
            })
    };
    let arns: Vec<&str> =
        scope.region.ecs.services.values().filter(wanted).map(|service| service.arn.as_str()).collect();
    let (arns, next_token) = page(&arns, input.max_results, input.next_token.as_deref(), 10)?;
    Ok(super::with_next_token(json!({"serviceArns": arns}), next_token))
}
