//! What a schema cannot express: arguments that depend on each other. Silent about everything unknown.

use super::composed;
use super::model::{PrimaryContainerModel, ScalingTargetModel, ServiceModel};
use super::plan::COMPOSED;
use super::scaling::check_target_value;
use crate::framework::{Attr, Diagnostic, Diagnostics, Path};
use crate::service::{FargateSizeError, check_fargate_size};

pub(super) fn validate(config: &ServiceModel) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    diagnostics.extend(check_workload(config));
    diagnostics.extend(check_size(config));
    // Under the managed engine, a plan says that it lacks the argument; what is wrong inside it is no help then.
    if config.engine.known().is_some_and(|engine| engine == COMPOSED) {
        diagnostics.extend(composed::check(config));
    }
    if let Some(container) = config.primary_container.known() {
        diagnostics.extend(check_variables(container));
        diagnostics.extend(check_logs(container));
    }
    if let Some(scaling) = config.scaling_target.known() {
        diagnostics.extend(check_scaling(scaling));
        diagnostics.extend(check_target_value(scaling));
    }
    diagnostics
}

/// `primary_container` or `task_definition_arn`, and what goes with each (facts, express section 1.2).
fn check_workload(config: &ServiceModel) -> Vec<Diagnostic> {
    if config.task_definition_arn.is_unknown() || config.primary_container.is_unknown() {
        return Vec::new();
    }
    if config.task_definition_arn.is_null() {
        return check_container_workload(config);
    }
    let set = |attribute: &Attr<String>| !attribute.is_null();
    let excluded = [
        ("primary_container", !config.primary_container.is_null()),
        ("execution_role_arn", set(&config.execution_role_arn)),
        ("task_role_arn", set(&config.task_role_arn)),
        ("cpu", set(&config.cpu)),
        ("memory", set(&config.memory)),
        ("cpu_architecture", set(&config.cpu_architecture)),
    ];
    excluded
        .into_iter()
        .filter(|(_, is_set)| *is_set)
        .map(|(name, _)| {
            Diagnostic::error(
                format!("`{name}` cannot be set together with `task_definition_arn`"),
                "A task definition of your own already says what runs, with which roles and which size.",
            )
            .hint(format!("remove `{name}`, or remove `task_definition_arn`"))
            .at(Path::attribute(name))
        })
        .collect()
}

fn check_container_workload(config: &ServiceModel) -> Vec<Diagnostic> {
    let mut missing = Vec::new();
    if config.primary_container.is_null() {
        missing.push(
            Diagnostic::error(
                "`primary_container` is missing",
                "A service needs something to run: `primary_container`, or a `task_definition_arn` of your own.",
            )
            .at(Path::attribute("primary_container"))
            .hint("add `primary_container = { image = \"...\" }`"),
        );
    }
    if config.execution_role_arn.is_null() {
        missing.push(
            Diagnostic::error(
                "`execution_role_arn` is missing",
                "ECS needs a role that pulls the image and writes logs, unless `task_definition_arn` is set.",
            )
            .at(Path::attribute("execution_role_arn"))
            .hint("the role must trust `ecs-tasks.amazonaws.com` and have AmazonECSTaskExecutionRolePolicy"),
        );
    }
    missing
}

pub(super) fn check_size(config: &ServiceModel) -> Option<Diagnostic> {
    let known = |attribute: &Attr<String>| attribute.known().cloned();
    let error = check_fargate_size(known(&config.cpu).as_deref(), known(&config.memory).as_deref()).err()?;
    let name = match error {
        FargateSizeError::Cpu { .. } => "cpu",
        FargateSizeError::Memory { .. } => "memory",
    };
    Some(
        Diagnostic::error(format!("Invalid value for {name}"), format!("{error}.")).at(Path::attribute(name)),
    )
}

/// ECS refuses one name in both maps (facts, express section 1.1).
fn check_variables(container: &PrimaryContainerModel) -> Vec<Diagnostic> {
    let path = Path::attribute("primary_container");
    let (Some(environment), Some(secrets)) = (container.environment.known(), container.secrets.known())
    else {
        return Vec::new();
    };
    let doubled = secrets.keys().filter(|name| environment.contains_key(*name));
    doubled
        .map(|name| {
            Diagnostic::error(
                format!("Variable {name:?} is in both `environment` and `secrets`"),
                "A variable has one value; ECS refuses the same name twice.",
            )
            .at(path.then("secrets").key(name))
        })
        .collect()
}

/// ECS wants both members (facts, express section 1.1); the prefix has a default, the group has none.
fn check_logs(container: &PrimaryContainerModel) -> Option<Diagnostic> {
    let is_missing = container.aws_logs_configuration.known().is_some_and(|logs| logs.log_group.is_null());
    is_missing.then(|| {
        let path = Path::attribute("primary_container").then("aws_logs_configuration").then("log_group");
        Diagnostic::error(format!("Missing value for {path}"), "ECS needs to know which log group is meant.")
            .hint("name a log group that exists, or leave `aws_logs_configuration` out: ECS then makes one")
            .at(path)
    })
}

/// Fewest are not more than most; in a plan, also where one of them stays what it was.
pub(super) fn check_scaling(scaling: &ScalingTargetModel) -> Option<Diagnostic> {
    let (minimum, maximum) = (scaling.min_task_count.known()?, scaling.max_task_count.known()?);
    (minimum > maximum).then(|| {
        Diagnostic::error(
            "`min_task_count` is greater than `max_task_count`",
            format!("At least {minimum} and at most {maximum} tasks cannot both hold."),
        )
        .at(Path::attribute("scaling_target").then("min_task_count"))
        .hint(if *maximum == 0 {
            "to stop the service, set both to 0"
        } else {
            "lower `min_task_count`, or raise `max_task_count`"
        })
    })
}
