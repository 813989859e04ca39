//! What the Express API refuses, in its words (facts, Express sections 1.1 and 1.2).

use super::configuration::{ExpressInput, PrimaryContainer, ScalingTarget};
use crate::sandbox::api::ApiError;
use crate::sandbox::world::ecs::errors::{client, invalid_parameter};
use crate::sandbox::world::ecs::task_definition::TaskDefinition;

/// Name of the container that Express Mode works with.
pub(crate) const MAIN_CONTAINER: &str = "Main";

/// Whether `name` has 1 to 255 letters, digits, `_` and `-`.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Whether Fargate offers this pair of CPU units and MiB.
pub(crate) fn is_fargate_size(cpu: &str, memory: &str) -> bool {
    let (Ok(cpu), Ok(memory)) = (cpu.parse::<u32>(), memory.parse::<u32>()) else { return false };
    let (lowest, highest, step) = match cpu {
        256 => return matches!(memory, 512 | 1024 | 2048),
        512 => (1024, 4096, 1024),
        1024 => (2048, 8192, 1024),
        2048 => (4096, 16384, 1024),
        4096 => (8192, 30720, 1024),
        8192 => (16384, 61440, 4096),
        16384 => (32768, 122_880, 8192),
        32768 => return matches!(memory, 61440 | 122_880 | 249_856),
        _ => return false,
    };
    (lowest..=highest).contains(&memory) && memory % step == 0
}

/// Checks what create and update have in common.
pub(crate) fn validate(input: &ExpressInput) -> Result<(), ApiError> {
    if input.task_definition_arn.is_some() && input.has_workload_members() {
        return Err(invalid_parameter(
            "taskDefinitionArn cannot be provided with primaryContainer, executionRoleArn, taskRoleArn, cpu, or \
             memory.",
        ));
    }
    for role in [&input.infrastructure_role_arn, &input.execution_role_arn, &input.task_role_arn] {
        if role.as_deref().is_some_and(|role| !is_role_arn(role)) {
            return Err(client("Role is not valid"));
        }
    }
    if let Some(path) = &input.health_check_path
        && !path.starts_with('/')
    {
        return Err(invalid_parameter("healthCheckPath must start with '/'."));
    }
    if let Some(architecture) = &input.cpu_architecture
        && !matches!(architecture.as_str(), "X86_64" | "ARM64")
    {
        return Err(invalid_parameter("cpuArchitecture must be one of X86_64, ARM64."));
    }
    input.primary_container.as_ref().map_or(Ok(()), validate_container)
}

fn is_role_arn(role: &str) -> bool {
    role.starts_with("arn:") && role.contains(":iam::") && role.contains(":role/")
}

fn validate_container(container: &PrimaryContainer) -> Result<(), ApiError> {
    match container.image.as_deref() {
        None | Some("") => return Err(invalid_parameter("primaryContainer.image is required.")),
        Some(image) if image.contains(char::is_whitespace) => {
            return Err(client(format!("Container.image contains invalid characters: {image}")));
        }
        Some(_) => {}
    }
    if container.container_port.is_some_and(|port| !(1..=65535).contains(&port)) {
        return Err(invalid_parameter("containerPort must be between 1 and 65535."));
    }
    let environment: Vec<&str> =
        container.environment.iter().flatten().map(|variable| variable.name.as_str()).collect();
    if environment.iter().any(|name| name.is_empty()) {
        return Err(invalid_parameter("Environment variable name cannot be empty."));
    }
    for secret in container.secrets.iter().flatten() {
        if secret.name.is_empty() || secret.value_from.is_empty() {
            return Err(invalid_parameter("Secret name and valueFrom cannot be empty."));
        }
        if environment.contains(&secret.name.as_str()) {
            return Err(client(format!(
                "The secret name must be unique and not shared with any new or existing environment variables \
                 set on the container, such as '{}'.",
                secret.name
            )));
        }
    }
    Ok(())
}

/// Checks a pair of CPU and memory.
pub(crate) fn validate_size(cpu: &str, memory: &str) -> Result<(), ApiError> {
    if is_fargate_size(cpu, memory) {
        return Ok(());
    }
    Err(invalid_parameter(format!(
        "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS \
         documentation for the valid values."
    )))
}

/// Checks scaling bounds and metric after defaults.
pub(crate) fn validate_scaling(scaling: &ScalingTarget) -> Result<(), ApiError> {
    // 0 to 0 is taken, and stops the tasks (facts, W6).
    if scaling.min_task_count < 0 || scaling.max_task_count < 0 {
        return Err(invalid_parameter("minTaskCount and maxTaskCount must be at least 0."));
    }
    if scaling.min_task_count > scaling.max_task_count {
        return Err(invalid_parameter("minTaskCount cannot be greater than maxTaskCount."));
    }
    let highest = match scaling.auto_scaling_metric.as_str() {
        "AVERAGE_CPU" | "AVERAGE_MEMORY" => 100,
        "REQUEST_COUNT_PER_TARGET" => 65536,
        other => {
            return Err(invalid_parameter(format!(
                "autoScalingMetric {other} must be one of AVERAGE_CPU, AVERAGE_MEMORY, REQUEST_COUNT_PER_TARGET."
            )));
        }
    };
    if (1..=highest).contains(&scaling.auto_scaling_target_value) {
        return Ok(());
    }
    Err(invalid_parameter(format!("autoScalingTargetValue must be between 1 and {highest}.")))
}

/// Checks a task definition of the customer: a container `Main` with one named TCP port, and Fargate.
pub(crate) fn validate_task_definition(definition: &TaskDefinition) -> Result<(), ApiError> {
    let mappings = definition.find_container(MAIN_CONTAINER).and_then(|main| main["portMappings"].as_array());
    let usable = mappings.is_some_and(|mappings| {
        let tcp: Vec<_> = mappings
            .iter()
            .filter(|mapping| mapping["protocol"].as_str().unwrap_or("tcp") == "tcp")
            .collect();
        mappings.len() == 1
            && tcp.len() == 1
            && tcp[0]["containerPort"].is_number()
            && tcp[0]["name"].as_str().is_some_and(|name| !name.is_empty())
    });
    if !usable {
        return Err(invalid_parameter(
            "Task definition must contain a container named 'Main' with a single TCP port mapping.",
        ));
    }
    let fargate = definition
        .body
        .get("requiresCompatibilities")
        .and_then(serde_json::Value::as_array)
        .is_some_and(|list| list.iter().any(|one| one == "FARGATE"));
    if !fargate {
        return Err(invalid_parameter("Task definition does not support launch_type FARGATE."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fargate_pairs_are_sizes() {
        for (cpu, memory) in
            [("256", "512"), ("1024", "2048"), ("4096", "30720"), ("8192", "20480"), ("32768", "249856")]
        {
            assert!(is_fargate_size(cpu, memory), "{cpu}/{memory}");
        }
        for (cpu, memory) in
            [("256", "4096"), ("1000", "2048"), ("8192", "17408"), ("1024", "1024"), ("", "x")]
        {
            assert!(!is_fargate_size(cpu, memory), "{cpu}/{memory}");
        }
    }

    #[test]
    fn names_have_letters_digits_underscores_and_hyphens() {
        assert!(is_name("api_v2-EU"));
        assert!(!is_name("") && !is_name("a b") && !is_name("é") && !is_name(&"x".repeat(256)));
    }
}
