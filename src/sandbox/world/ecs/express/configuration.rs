//! An Express service's configuration: as it comes in, as a task definition, as it is read back.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::validation::MAIN_CONTAINER;
use crate::sandbox::world::ecs::tagging::Tag;
use crate::sandbox::world::ecs::task_definition::{TaskDefinition, fill_container_defaults};

/// Defaults of the service side. The developer guide wins over the API reference (facts, Express section 0).
const DEFAULT_CPU: &str = "1024";
const DEFAULT_MEMORY: &str = "2048";
const DEFAULT_PORT: u16 = 80;
const DEFAULT_STREAM_PREFIX: &str = "ecs";
/// Default `healthCheckPath`.
pub(crate) const DEFAULT_HEALTH_CHECK_PATH: &str = "/";

/// Input of create and update; each uses its own part.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ExpressInput {
    pub(crate) service_arn: Option<String>,
    pub(crate) infrastructure_role_arn: Option<String>,
    pub(crate) service_name: Option<String>,
    pub(crate) cluster: Option<String>,
    pub(crate) execution_role_arn: Option<String>,
    pub(crate) task_role_arn: Option<String>,
    pub(crate) task_definition_arn: Option<String>,
    pub(crate) primary_container: Option<PrimaryContainer>,
    pub(crate) cpu: Option<String>,
    pub(crate) memory: Option<String>,
    pub(crate) cpu_architecture: Option<String>,
    pub(crate) health_check_path: Option<String>,
    pub(crate) network_configuration: Option<NetworkInput>,
    pub(crate) scaling_target: Option<ScalingInput>,
    pub(crate) tags: Vec<Tag>,
}

impl ExpressInput {
    /// Whether a member is given that belongs into the task definition.
    pub(crate) fn has_workload_members(&self) -> bool {
        self.primary_container.is_some()
            || self.execution_role_arn.is_some()
            || self.task_role_arn.is_some()
            || self.cpu.is_some()
            || self.memory.is_some()
            || self.cpu_architecture.is_some()
    }
}

/// `networkConfiguration` of the input.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct NetworkInput {
    pub(crate) subnets: Option<Vec<String>>,
    pub(crate) security_groups: Option<Vec<String>>,
}

/// `scalingTarget` of the input.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ScalingInput {
    min_task_count: Option<i64>,
    max_task_count: Option<i64>,
    auto_scaling_metric: Option<String>,
    auto_scaling_target_value: Option<i64>,
}

/// `primaryContainer`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PrimaryContainer {
    pub(crate) image: Option<String>,
    pub(crate) container_port: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aws_logs_configuration: Option<AwsLogsConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository_credentials: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<Vec<EnvironmentVariable>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secrets: Option<Vec<Secret>>,
}

/// `awsLogsConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AwsLogsConfiguration {
    log_group: String,
    log_stream_prefix: String,
}

/// One environment variable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EnvironmentVariable {
    pub(crate) name: String,
    value: String,
}

/// One secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) value_from: String,
}

/// `scalingTarget`, every member filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ScalingTarget {
    pub(crate) min_task_count: i64,
    pub(crate) max_task_count: i64,
    pub(crate) auto_scaling_metric: String,
    pub(crate) auto_scaling_target_value: i64,
}

impl ScalingTarget {
    /// What an account gets that says nothing.
    pub(crate) fn default_target() -> Self {
        Self {
            min_task_count: 1,
            max_task_count: 20,
            auto_scaling_metric: "AVERAGE_CPU".to_owned(),
            auto_scaling_target_value: 60,
        }
    }

    /// `self` with the members that `input` gives.
    pub(crate) fn merged_with(mut self, input: Option<&ScalingInput>) -> Self {
        let Some(input) = input else { return self };
        self.min_task_count = input.min_task_count.unwrap_or(self.min_task_count);
        self.max_task_count = input.max_task_count.unwrap_or(self.max_task_count);
        self.auto_scaling_target_value =
            input.auto_scaling_target_value.unwrap_or(self.auto_scaling_target_value);
        if let Some(metric) = &input.auto_scaling_metric {
            self.auto_scaling_metric.clone_from(metric);
        }
        self
    }
}

/// Subnets and security groups as read back; the groups contain the one that ECS made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct NetworkConfiguration {
    pub(crate) security_groups: Vec<String>,
    pub(crate) subnets: Vec<String>,
}

/// The configuration of one revision, in the form of `activeConfigurations[]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ExpressConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_role_arn: Option<String>,
    pub(crate) task_definition_arn: String,
    cpu: String,
    memory: String,
    /// Absent when a customer's task definition does not set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_architecture: Option<String>,
    pub(crate) network_configuration: NetworkConfiguration,
    pub(crate) health_check_path: String,
    primary_container: PrimaryContainer,
    pub(crate) scaling_target: ScalingTarget,
}

impl ExpressConfiguration {
    /// The read-back of a task definition with the rest of the configuration.
    ///
    /// Environment and secrets come back in order of their names (pain A1, number 4).
    pub(crate) fn new(
        definition: &TaskDefinition,
        network_configuration: NetworkConfiguration,
        health_check_path: String,
        scaling_target: ScalingTarget,
    ) -> Self {
        let text = |member: &str| definition.text(member).map(str::to_owned);
        Self {
            execution_role_arn: text("executionRoleArn"),
            task_role_arn: text("taskRoleArn"),
            task_definition_arn: definition.arn.clone(),
            cpu: text("cpu").unwrap_or_default(),
            memory: text("memory").unwrap_or_default(),
            cpu_architecture: definition.cpu_architecture().map(str::to_owned),
            network_configuration,
            health_check_path,
            primary_container: read_main_container(definition),
            scaling_target,
        }
    }

    /// The container's port.
    pub(crate) fn container_port(&self) -> u16 {
        self.primary_container
            .container_port
            .and_then(|port| u16::try_from(port).ok())
            .unwrap_or(DEFAULT_PORT)
    }

    /// The log group that the container writes to; empty if it logs elsewhere.
    pub(crate) fn log_group(&self) -> &str {
        self.primary_container.aws_logs_configuration.as_ref().map_or("", |logs| &logs.log_group)
    }
}

fn read_main_container(definition: &TaskDefinition) -> PrimaryContainer {
    let Some(main) = definition.find_container(MAIN_CONTAINER) else { return PrimaryContainer::default() };
    let mut container: PrimaryContainer = serde_json::from_value(main.clone()).unwrap_or_default();
    container.container_port = main["portMappings"][0]["containerPort"].as_i64();
    if let Some(variables) = &mut container.environment {
        variables.sort_by(|left, right| left.name.cmp(&right.name));
    }
    if let Some(secrets) = &mut container.secrets {
        secrets.sort_by(|left, right| left.name.cmp(&right.name));
    }
    container.environment = container.environment.filter(|variables| !variables.is_empty());
    let options = &main["logConfiguration"]["options"];
    container.aws_logs_configuration = options["awslogs-group"].as_str().map(|group| AwsLogsConfiguration {
        log_group: group.to_owned(),
        log_stream_prefix: options["awslogs-stream-prefix"]
            .as_str()
            .unwrap_or(DEFAULT_STREAM_PREFIX)
            .to_owned(),
    });
    container
}

/// The task definition of a new Express service before the input is applied (facts, Express section 2.6).
pub(crate) fn new_task_definition(region: &str, log_group: &str) -> Map<String, Value> {
    let body = json!({
        "containerDefinitions": [{
            "name": MAIN_CONTAINER,
            "essential": true,
            "linuxParameters": {"initProcessEnabled": true},
            "stopTimeout": 30,
            "versionConsistency": "enabled",
            "logConfiguration": log_configuration(region, log_group, DEFAULT_STREAM_PREFIX),
        }],
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "cpu": DEFAULT_CPU,
        "memory": DEFAULT_MEMORY,
    });
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

fn log_configuration(region: &str, group: &str, prefix: &str) -> Value {
    json!({"logDriver": "awslogs", "options": {
        "awslogs-group": group,
        "awslogs-region": region,
        "awslogs-stream-prefix": prefix,
        "mode": "non-blocking",
        "max-buffer-size": "25m",
    }})
}

/// Writes what the input says into a task definition and leaves the rest as it is: sidecars and other edits
/// of the customer survive (facts, Express section 1.3). `primaryContainer` counts as a whole, except that
/// logging stays as it is when it is not given.
pub(crate) fn apply(body: &mut Map<String, Value>, input: &ExpressInput, region: &str) {
    let members = [
        ("executionRoleArn", &input.execution_role_arn),
        ("taskRoleArn", &input.task_role_arn),
        ("cpu", &input.cpu),
        ("memory", &input.memory),
    ];
    for (member, value) in members {
        if let Some(value) = value {
            body.insert(member.to_owned(), json!(value));
        }
    }
    if let Some(architecture) = &input.cpu_architecture {
        let platform = body.entry("runtimePlatform").or_insert(json!({"operatingSystemFamily": "LINUX"}));
        platform["cpuArchitecture"] = json!(architecture);
    }
    let Some(container) = &input.primary_container else { return };
    let containers = body.get_mut("containerDefinitions").and_then(Value::as_array_mut);
    let main = containers.into_iter().flatten().find(|one| one["name"] == MAIN_CONTAINER);
    if let Some(main) = main {
        apply_container(main, container, region);
    }
}

fn apply_container(main: &mut Value, container: &PrimaryContainer, region: &str) {
    main["image"] = json!(container.image);
    let port = container.container_port.unwrap_or_else(|| i64::from(DEFAULT_PORT));
    main["portMappings"] = json!([{"containerPort": port, "hostPort": port, "protocol": "tcp", "name": format!("main-{port}-tcp")}]);
    let lists = [
        ("environment", container.environment.as_ref().map(|list| json!(list))),
        ("secrets", container.secrets.as_ref().map(|list| json!(list))),
        ("command", container.command.as_ref().map(|list| json!(list))),
        ("repositoryCredentials", container.repository_credentials.clone()),
    ];
    for (member, value) in lists {
        match (value, &mut *main) {
            (Some(value), main) => main[member] = value,
            (None, Value::Object(main)) => {
                main.remove(member);
            }
            _ => {}
        }
    }
    if let Some(logs) = &container.aws_logs_configuration {
        main["logConfiguration"] = log_configuration(region, &logs.log_group, &logs.log_stream_prefix);
    }
    fill_container_defaults(main);
}
