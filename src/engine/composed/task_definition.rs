//! Task definitions as documents: what a blueprint wants. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::blueprint::Blueprint;
use crate::service::{ContainerHealthCheck, LogConfiguration, PrimaryContainer, Sidecar};

/// Name of the container that serves.
pub(super) const MAIN_CONTAINER: &str = "Main";
/// Disk space that every Fargate task has; ECS takes only more than that as a setting.
pub(super) const FREE_STORAGE_GIB: i32 = 20;

/// The container that serves.
pub(super) fn main_container(document: &Value) -> Option<&Value> {
    let containers = document["containerDefinitions"].as_array()?;
    containers.iter().find(|container| container["name"] == MAIN_CONTAINER)
}

/// The TCP port of the container that serves: that of the mapping that has our name, or else the first. ECS may answer
/// them in another order than they were sent (tests/README.md, facts, row M3).
pub(super) fn container_port(document: &Value) -> Option<u16> {
    port_of(main_container(document)?)
}

/// The port at which the container that serves is reached.
pub(super) fn port_of(main: &Value) -> Option<u16> {
    let mappings = main["portMappings"].as_array()?;
    let is_named = |mapping: &&Value| {
        let port = mapping["containerPort"].as_u64().unwrap_or_default();
        mapping["name"] == format!("main-{port}-tcp")
    };
    let mapping = mappings.iter().find(is_named).or_else(|| mappings.first())?;
    u16::try_from(mapping["containerPort"].as_u64()?).ok()
}

/// The document that a blueprint wants: Express Mode's settings (facts, express section 2.6).
pub(super) fn desired_document(blueprint: &Blueprint) -> Value {
    let configuration = &blueprint.configuration;
    let mut document = json!({
        "family": blueprint.names.task_definition_family(),
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": configuration.cpu,
        "memory": configuration.memory,
        "executionRoleArn": configuration.execution_role_arn,
        "taskRoleArn": configuration.task_role_arn,
        "runtimePlatform": {
            "cpuArchitecture": configuration.cpu_architecture,
            "operatingSystemFamily": "LINUX",
        },
    });
    let storage = configuration.composed.ephemeral_storage_gib.filter(|gib| *gib > FREE_STORAGE_GIB);
    document["ephemeralStorage"] = json!(storage.map(|gib| json!({ "sizeInGiB": gib })));
    let main = blueprint.container().map(|container| main_definition(blueprint, container));
    let sidecars = configuration.composed.sidecars.iter().flatten();
    let sidecars = sidecars.map(|(name, sidecar)| sidecar_definition(blueprint, name, sidecar));
    document["containerDefinitions"] = main.into_iter().chain(sidecars).collect();
    document
}

fn main_definition(blueprint: &Blueprint, container: &PrimaryContainer) -> Value {
    let port = blueprint.container_port;
    json!({
        "name": MAIN_CONTAINER,
        "image": container.image,
        "essential": true,
        "portMappings": [{ "name": format!("main-{port}-tcp"), "containerPort": port, "protocol": "tcp" }],
        "command": container.command,
        "environment": named_values(container.environment.as_ref(), "value"),
        "secrets": named_values(container.secrets.as_ref(), "valueFrom"),
        "repositoryCredentials": credentials(container.credentials_parameter.as_ref()),
        "entryPoint": container.entry_point,
        "user": container.user,
        "healthCheck": container.health_check.as_ref().map(health_check),
        "linuxParameters": { "initProcessEnabled": container.init_process },
        "readonlyRootFilesystem": container.readonly_root_filesystem.filter(|is_readonly| *is_readonly),
        "stopTimeout": container.stop_timeout_seconds,
        "versionConsistency": "enabled",
        "logConfiguration": container
            .log_configuration
            .as_ref()
            .map_or_else(|| service_log(blueprint, None), log_configuration),
        "dependsOn": container.depends_on.as_ref().map(|containers| {
            containers
                .iter()
                .map(|(name, condition)| json!({ "containerName": name, "condition": condition.as_str() }))
                .collect::<Vec<_>>()
        }),
    })
}

fn sidecar_definition(blueprint: &Blueprint, name: &str, sidecar: &Sidecar) -> Value {
    json!({
        "name": name,
        "image": sidecar.image,
        "essential": sidecar.essential,
        "command": sidecar.command,
        "entryPoint": sidecar.entry_point,
        "environment": named_values(sidecar.environment.as_ref(), "value"),
        "secrets": named_values(sidecar.secrets.as_ref(), "valueFrom"),
        "cpu": sidecar.cpu,
        "memory": sidecar.memory_mib,
        "memoryReservation": sidecar.memory_reservation_mib,
        "portMappings": sidecar.port_mappings.as_ref().map(|ports| {
            ports
                .iter()
                .map(|port| json!({ "containerPort": port.container_port, "protocol": port.protocol.as_str() }))
                .collect::<Vec<_>>()
        }),
        "user": sidecar.user,
        "firelensConfiguration": sidecar
            .firelens_configuration
            .as_ref()
            .map(|firelens| json!({ "type": firelens.r#type.as_str(), "options": firelens.options })),
        "logConfiguration": sidecar
            .log_configuration
            .as_ref()
            .map_or_else(|| service_log(blueprint, Some(name)), log_configuration),
        "dependsOn": sidecar.depends_on.as_ref().map(|containers| {
            containers
                .iter()
                .map(|(name, condition)| json!({ "containerName": name, "condition": condition.as_str() }))
                .collect::<Vec<_>>()
        }),
        "healthCheck": sidecar.health_check.as_ref().map(health_check),
        "repositoryCredentials": credentials(sidecar.credentials_parameter.as_ref()),
        "stopTimeout": sidecar.stop_timeout_seconds,
    })
}

fn health_check(check: &ContainerHealthCheck) -> Value {
    json!({
        "command": check.command,
        "interval": check.interval_seconds,
        "timeout": check.timeout_seconds,
        "retries": check.retries,
        "startPeriod": check.start_period_seconds,
    })
}

/// The service's log group. A router's own log has its name as prefix, so that it is told from the application's.
fn service_log(blueprint: &Blueprint, container: Option<&str>) -> Value {
    let (group, prefix) = blueprint.logs();
    json!({
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": group,
            "awslogs-region": blueprint.service().arn().region(),
            "awslogs-stream-prefix": container.map_or(prefix, str::to_owned),
            "mode": "non-blocking",
            "max-buffer-size": "25m",
        },
    })
}

fn log_configuration(log: &LogConfiguration) -> Value {
    json!({
        "logDriver": log.log_driver,
        "options": log.options,
        "secretOptions": named_values(Some(&log.secret_options), "valueFrom"),
    })
}

fn named_values(values: Option<&BTreeMap<String, String>>, member: &str) -> Value {
    values.into_iter().flatten().map(|(name, value)| json!({ "name": name, member: value })).collect()
}

fn credentials(parameter: Option<&String>) -> Value {
    json!(parameter.map(|parameter| json!({ "credentialsParameter": parameter })))
}

/// Containers whose log configuration the user gives.
pub(super) fn containers_with_own_logs(blueprint: &Blueprint) -> BTreeSet<String> {
    let has_own = |container: &PrimaryContainer| {
        container.log_configuration.is_some() || container.aws_logs_configuration.is_some()
    };
    let main =
        blueprint.container().filter(|container| has_own(container)).map(|_| MAIN_CONTAINER.to_owned());
    let sidecars = blueprint.settings().sidecars.iter().flatten();
    let sidecars = sidecars.filter(|(_, sidecar)| sidecar.log_configuration.is_some());
    main.into_iter().chain(sidecars.map(|(name, _)| name.clone())).collect()
}
