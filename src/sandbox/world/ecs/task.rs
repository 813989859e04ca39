//! Tasks: `ListTasks`, `DescribeTasks`, `StopTask`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{cluster, errors, task_lifecycle};
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::ecs::input::{flatten_tags, page, parse};
use crate::sandbox::world::ids::IdGenerator;
use crate::sandbox::world::scenario::Scenario;
use crate::sandbox::world::{Scope, Tags, Timestamp};

/// `lastStatus` of a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TaskStatus {
    #[default]
    Provisioning,
    Pending,
    Running,
    Deactivating,
    Stopped,
}

/// What a task does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum TaskStep {
    /// The network interface is there; image and secrets are pulled.
    Pend,
    /// The containers start, or cannot.
    Run,
    /// The container exits by itself.
    Crash,
    /// The health checks have come to a result.
    CheckHealth,
    /// Draining is over.
    Stop,
    /// The record goes.
    Forget,
}

/// A task of a service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "a task's task definition is called so in AWS's API")]
pub(crate) struct Task {
    pub(crate) arn: String,
    pub(crate) id: String,
    pub(crate) cluster: String,
    pub(crate) service_arn: String,
    pub(crate) service_name: String,
    pub(crate) revision: String,
    pub(crate) task_definition: String,
    pub(crate) started_by: String,
    pub(crate) status: TaskStatus,
    /// `desiredStatus` is `RUNNING`, otherwise `STOPPED`.
    pub(crate) desired_running: bool,
    /// The load balancer's health checks succeed, or there is no load balancer.
    pub(crate) healthy: bool,
    pub(crate) network_interface_id: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) pull_started_at: Option<Timestamp>,
    pub(crate) pull_stopped_at: Option<Timestamp>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) stopping_at: Option<Timestamp>,
    pub(crate) stopped_at: Option<Timestamp>,
    pub(crate) stop_code: Option<String>,
    pub(crate) stopped_reason: Option<String>,
    pub(crate) exit_code: Option<i32>,
    pub(crate) container_reason: Option<String>,
}

impl Task {
    /// Not yet running.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.status, TaskStatus::Provisioning | TaskStatus::Pending)
    }
}

/// The digest to which ECS resolves an image: the same for the same text.
pub(crate) fn image_digest(image: &str) -> String {
    if let Some((_, digest)) = image.split_once('@') {
        return digest.to_owned();
    }
    let seed = image.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("sha256:{}", IdGenerator::new(seed).hex(64))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    cluster: Option<String>,
    family: Option<String>,
    service_name: Option<String>,
    started_by: Option<String>,
    desired_status: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// `ListTasks`: tasks whose desired status is `RUNNING`, unless asked for `STOPPED`; the newest first.
pub(crate) fn list(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ListInput = parse(request)?;
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    let ecs = &scope.region.ecs;
    let service_arn = match &input.service_name {
        None => None,
        Some(name) => {
            let service = ecs.find_service(&cluster_name, name).ok_or_else(errors::service_not_found)?;
            Some(service.arn.as_str())
        }
    };
    let running = match input.desired_status.as_deref() {
        None | Some("RUNNING") => true,
        Some("STOPPED") => false,
        Some(_) => return Ok(json!({"taskArns": []})),
    };
    let family = input.family.map(|family| format!(":task-definition/{family}:"));
    let mut tasks: Vec<&Task> = ecs
        .tasks
        .values()
        .filter(|task| task.cluster == cluster_name && task.desired_running == running)
        .filter(|task| service_arn.is_none_or(|arn| task.service_arn == arn))
        .filter(|task| input.started_by.as_ref().is_none_or(|by| *by == task.started_by))
        .filter(|task| family.as_ref().is_none_or(|family| task.task_definition.contains(family)))
        .collect();
    tasks.sort_by_key(|task| std::cmp::Reverse((task.created_at, &task.arn)));
    let arns: Vec<&str> = tasks.into_iter().map(|task| task.arn.as_str()).collect();
    let (arns, next_token) = page(&arns, input.max_results, input.next_token.as_deref(), 100)?;
    Ok(super::with_next_token(json!({"taskArns": arns}), next_token))
}

#[derive(Deserialize)]
struct DescribeInput {
    cluster: Option<String>,
    #[serde(default)]
    tasks: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

/// `DescribeTasks`: at most 100, by ARN or id.
pub(crate) fn describe(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: DescribeInput = parse(request)?;
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    if input.tasks.is_empty() {
        return Err(errors::invalid_parameter("Tasks cannot be empty."));
    }
    if input.tasks.len() > 100 {
        return Err(errors::invalid_parameter("tasks can have at most 100 items."));
    }
    let with_tags = input.include.iter().any(|include| include == "TAGS");
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for reference in &input.tasks {
        match find(scope, &cluster_name, reference) {
            Some(task) => tasks.push(describe_one(scope, task, with_tags)),
            None => failures.push(json!({"arn": reference, "reason": "MISSING"})),
        }
    }
    Ok(json!({"tasks": tasks, "failures": failures}))
}

#[derive(Deserialize)]
struct StopInput {
    cluster: Option<String>,
    task: String,
    reason: Option<String>,
}

/// `StopTask`: the service starts another task in its place.
pub(crate) fn stop(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: StopInput = parse(request)?;
    let cluster_name = cluster::find_active(scope, input.cluster.as_deref())?;
    let missing = || errors::invalid_parameter("The referenced task was not found.");
    let arn = find(scope, &cluster_name, &input.task).map(|task| task.arn.clone()).ok_or_else(missing)?;
    let reason = input.reason.unwrap_or_else(|| "Task stopped by user".to_owned());
    task_lifecycle::stop(scope, &arn, "UserInitiated", &reason);
    let task = scope.region.ecs.tasks.get(&arn).ok_or_else(missing)?;
    Ok(json!({"task": describe_one(scope, task, false)}))
}

fn find<'a>(scope: &'a Scope<'_>, cluster: &str, reference: &str) -> Option<&'a Task> {
    let tasks = &scope.region.ecs.tasks;
    let task = tasks.get(reference).or_else(|| tasks.values().find(|task| task.id == reference));
    task.filter(|task| task.cluster == cluster)
}

fn describe_one(scope: &Scope<'_>, task: &Task, with_tags: bool) -> Value {
    let region = &*scope.region;
    let definition = region.ecs.task_definitions.get(&task.task_definition);
    let text = |member| definition.and_then(|definition| definition.text(member)).unwrap_or_default();
    let interface = task.network_interface_id.as_ref();
    let containers = definition.map(super::task_definition::TaskDefinition::containers).unwrap_or_default();
    let mut answer = json!({
        "taskArn": task.arn,
        "clusterArn": region.arn("ecs", &format!("cluster/{}", task.cluster)),
        "taskDefinitionArn": task.task_definition,
        "group": format!("service:{}", task.service_name),
        "startedBy": task.started_by,
        "lastStatus": task.status,
        "desiredStatus": if task.desired_running { "RUNNING" } else { "STOPPED" },
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "cpu": text("cpu"),
        "memory": text("memory"),
        "healthStatus": "UNKNOWN",
        "connectivity": if task.status == TaskStatus::Running { "CONNECTED" } else { "DISCONNECTED" },
        "enableExecuteCommand": false,
        "overrides": {"containerOverrides": []},
        "attributes": [{
            "name": "ecs.cpu-architecture",
            "value": if architecture(definition) == "ARM64" { "arm64" } else { "x86_64" },
        }],
        "containers": containers.iter().map(|one| describe_container(task, one)).collect::<Vec<Value>>(),
        "version": 1,
        "createdAt": task.created_at.epoch_seconds(),
        "tags": flatten_tags(&if with_tags { list_tags(scope, task) } else { Tags::new() }),
    });
    if super::service::is_befallen(scope, &task.service_arn, Scenario::Guardduty)
        && let Some(containers) = answer["containers"].as_array_mut()
    {
        containers.push(guard(task));
    }
    if let Some(interface) = interface.and_then(|id| region.ec2.network_interfaces.get(id)) {
        let zone =
            region.ec2.subnets.get(&interface.subnet_id).map(|subnet| subnet.availability_zone.clone());
        answer["availabilityZone"] = json!(zone);
        answer["attachments"] = json!([{
            "id": task.id,
            "type": "ElasticNetworkInterface",
            "status": if task.is_pending() { "PRECREATED" } else { "ATTACHED" },
            "details": [
                {"name": "subnetId", "value": interface.subnet_id},
                {"name": "networkInterfaceId", "value": interface.id},
                {"name": "privateIPv4Address", "value": interface.private_ip_address},
            ],
        }]);
    }
    let instants = [
        ("pullStartedAt", task.pull_started_at),
        ("pullStoppedAt", task.pull_stopped_at),
        ("startedAt", task.started_at),
        ("stoppingAt", task.stopping_at),
        ("executionStoppedAt", task.stopped_at),
        ("stoppedAt", task.stopped_at),
    ];
    for (member, instant) in instants {
        if let Some(instant) = instant {
            answer[member] = instant.epoch_seconds();
        }
    }
    for (member, text) in [("stopCode", &task.stop_code), ("stoppedReason", &task.stopped_reason)] {
        if let Some(text) = text {
            answer[member] = json!(text);
        }
    }
    answer
}

/// The agent of `GuardDuty`, which no task definition names and which never has an exit code. That is an operator's note of
/// 2026; no recording of it is known.
fn guard(task: &Task) -> Value {
    let name = format!("aws-guardduty-agent-{}", task.id.get(..6).unwrap_or_default());
    let mut agent = describe_container(task, &json!({"name": name, "image": ""}));
    for member in ["image", "imageDigest", "exitCode", "reason"] {
        agent.as_object_mut().and_then(|members| members.remove(member));
    }
    agent
}

/// The service's tags and those that ECS adds, where the service says so.
fn list_tags(scope: &Scope<'_>, task: &Task) -> Tags {
    let ecs = &scope.region.ecs;
    let Some(service) = ecs.services.get(&task.service_arn) else { return Tags::new() };
    let mut tags = Tags::new();
    if service.settings.get("propagateTags").is_some_and(|source| source == "SERVICE") {
        tags.extend(ecs.tags.get(&service.arn).cloned().unwrap_or_default());
    }
    if service.settings.get("enableECSManagedTags").is_some_and(|enabled| enabled == true) {
        tags.insert("aws:ecs:clusterName".to_owned(), service.cluster.clone());
        tags.insert("aws:ecs:serviceName".to_owned(), service.name.clone());
    }
    tags
}

/// The processor architecture that the task asks for.
pub(crate) fn architecture(definition: Option<&super::task_definition::TaskDefinition>) -> &str {
    definition.and_then(super::task_definition::TaskDefinition::cpu_architecture).unwrap_or("X86_64")
}

fn describe_container(task: &Task, container: &Value) -> Value {
    let image = container["image"].as_str().unwrap_or_default();
    let mut answer = json!({
        "containerArn": task.arn.replace(":task/", ":container/"),
        "taskArn": task.arn,
        "name": container["name"],
        "image": image,
        "lastStatus": if task.status == TaskStatus::Deactivating { TaskStatus::Running } else { task.status },
        "healthStatus": "UNKNOWN",
        "networkInterfaces": [],
        "cpu": "0",
    });
    if task.started_at.is_some() {
        answer["imageDigest"] = json!(image_digest(image));
        answer["runtimeId"] = json!(format!("{}-0527074092", task.id));
    }
    if let Some(code) = task.exit_code {
        answer["exitCode"] = json!(code);
    }
    if let Some(reason) = &task.container_reason {
        answer["reason"] = json!(reason);
    }
    answer
}
