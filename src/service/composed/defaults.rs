//! What the composed engine chooses where the user says nothing.
//!
//! The values are those of Express Mode (facts, express section 2) with two exceptions, which composition sections
//! 1.2 and 1.3 give reasons for: two successful health checks suffice instead of five, so that a deployment takes a
//! minute and a half less; and the rollback alarm counts 5xx alone, so that no crawler can roll a deployment back.

use super::percent::Percent;
use super::{
    CapacityProvider, CircuitBreaker, ComposedSettings, DeploymentConfiguration, DeploymentStrategy,
    HealthCheck, RollbackAlarm,
};
use crate::service::configuration::{Configuration, ScalingMetric, ScalingTarget};
use crate::service::members::Members as _;

/// CPU units of a task.
const CPU: &str = "1024";
/// MiB of a task.
const MEMORY: &str = "2048";
/// Fargate's own default.
const EPHEMERAL_STORAGE_GIB: i32 = 20;

/// Most tasks of a deployment, in percent of the desired count: ECS's own default.
pub const DEFAULT_MAXIMUM_PERCENT: i32 = 200;
/// Fewest healthy tasks of a deployment: ECS's own default.
pub const DEFAULT_MINIMUM_HEALTHY_PERCENT: i32 = 100;
/// Port of the application.
pub const DEFAULT_CONTAINER_PORT: i32 = 80;
/// ECS's own default (API reference, `ContainerDefinition.stopTimeout`).
pub const DEFAULT_STOP_TIMEOUT_SECONDS: i32 = 30;
/// As Express Mode does (facts, express section 2.6).
pub const DEFAULT_INIT_PROCESS: bool = true;
/// Prefix of the log streams.
pub const DEFAULT_STREAM_PREFIX: &str = "ecs";

/// The configuration of a service of which nothing is said. What is `None` has no default: roles, workload, network.
pub fn default_configuration() -> Configuration {
    Configuration {
        cpu: Some(CPU.to_owned()),
        memory: Some(MEMORY.to_owned()),
        cpu_architecture: Some("X86_64".to_owned()),
        health_check_path: Some("/".to_owned()),
        scaling_target: ScalingTarget {
            min_task_count: Some(1),
            max_task_count: Some(20),
            auto_scaling_metric: Some(ScalingMetric::AverageCpu),
            auto_scaling_target_value: Some(ScalingMetric::AverageCpu.default_target_value()),
        },
        ..Configuration::default()
    }
}

/// The settings of a service with this strategy of which nothing else is said. `assign_public_ip` and the load
/// balancer's scheme have no default here: the subnets decide.
pub fn default_settings(strategy: DeploymentStrategy) -> ComposedSettings {
    ComposedSettings {
        deployment_configuration: default_deployment(strategy),
        health_check: HealthCheck {
            interval_seconds: Some(30),
            timeout_seconds: Some(5),
            healthy_threshold: Some(2),
            unhealthy_threshold: Some(2),
            matcher: Some("200".to_owned()),
            grace_period_seconds: Some(300),
        },
        deregistration_delay_seconds: Some(300),
        capacity_provider: Some(CapacityProvider::Fargate),
        ephemeral_storage_gib: Some(EPHEMERAL_STORAGE_GIB),
        enable_execute_command: Some(false),
        ..ComposedSettings::default()
    }
}

/// The pace of a strategy: the members of other strategies stay `None`.
fn default_deployment(strategy: DeploymentStrategy) -> DeploymentConfiguration {
    let is_canary = strategy == DeploymentStrategy::Canary;
    let is_linear = strategy == DeploymentStrategy::Linear;
    let is_rolling = strategy == DeploymentStrategy::Rolling;
    DeploymentConfiguration {
        strategy: Some(strategy),
        bake_time_minutes: strategy.shifts_traffic().then_some(3),
        canary_percent: is_canary.then_some(Percent::whole(5)),
        canary_bake_time_minutes: is_canary.then_some(3),
        linear_step_percent: is_linear.then_some(Percent::whole(10)),
        linear_step_bake_time_minutes: is_linear.then_some(6),
        maximum_percent: is_rolling.then_some(DEFAULT_MAXIMUM_PERCENT),
        minimum_healthy_percent: is_rolling.then_some(DEFAULT_MINIMUM_HEALTHY_PERCENT),
        alarm: RollbackAlarm {
            enable: Some(true),
            threshold_percent: Some(Percent::whole(1)),
            include_4xx: Some(false),
        },
        circuit_breaker: CircuitBreaker { enable: Some(true), rollback: Some(true) },
    }
}

impl Configuration {
    /// This configuration with every default of the composed engine filled in. A task definition of the user's own
    /// says the size itself.
    #[must_use]
    pub fn with_composed_defaults(&self) -> Self {
        let mut configuration = self.or(&default_configuration());
        configuration.composed = self.composed.with_defaults();
        if self.task_definition_arn.is_some() {
            configuration.cpu.clone_from(&self.cpu);
            configuration.memory.clone_from(&self.memory);
            configuration.cpu_architecture.clone_from(&self.cpu_architecture);
        }
        if let Some(container) = &mut configuration.primary_container {
            container.container_port = container.container_port.or(Some(DEFAULT_CONTAINER_PORT));
            container.stop_timeout_seconds =
                container.stop_timeout_seconds.or(Some(DEFAULT_STOP_TIMEOUT_SECONDS));
            container.init_process = container.init_process.or(Some(DEFAULT_INIT_PROCESS));
            container.readonly_root_filesystem = container.readonly_root_filesystem.or(Some(false));
        }
        configuration
    }
}

impl ComposedSettings {
    /// These settings with every default filled in. Members of a strategy that is not the service's are dropped.
    #[must_use]
    pub fn with_defaults(&self) -> Self {
        let strategy = self.deployment_configuration.strategy.unwrap_or(DeploymentStrategy::Canary);
        let mut settings = self.or(&default_settings(strategy));
        let deployment = &mut settings.deployment_configuration;
        if strategy != DeploymentStrategy::Canary {
            deployment.canary_percent = None;
            deployment.canary_bake_time_minutes = None;
        }
        if strategy != DeploymentStrategy::Linear {
            deployment.linear_step_percent = None;
            deployment.linear_step_bake_time_minutes = None;
        }
        if strategy.shifts_traffic() {
            deployment.maximum_percent = None;
            deployment.minimum_healthy_percent = None;
        } else {
            deployment.bake_time_minutes = None;
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{PrimaryContainer, check_fargate_size};

    #[test]
    fn the_default_size_exists() {
        assert_eq!(check_fargate_size(Some(CPU), Some(MEMORY)), Ok(()));
    }

    #[test]
    fn a_service_of_which_only_the_image_is_said_gets_everything_else() {
        let container = PrimaryContainer { image: "api:1".to_owned(), ..PrimaryContainer::default() };
        let said = Configuration { primary_container: Some(container), ..Configuration::default() };
        let whole = said.with_composed_defaults();
        assert_eq!(whole.primary_container.as_ref().and_then(|container| container.container_port), Some(80));
        assert_eq!((whole.cpu.as_deref(), whole.memory.as_deref()), (Some(CPU), Some(MEMORY)));
        assert_eq!(whole.with_composed_defaults(), whole);
    }

    #[test]
    fn a_task_definition_of_the_users_own_says_the_size_itself() {
        let arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/api:1".to_owned();
        let own = Configuration { task_definition_arn: Some(arn), ..Configuration::default() };
        assert_eq!(own.with_composed_defaults().cpu, None);
    }

    #[test]
    fn a_strategy_has_its_own_pace_and_none_of_the_others() {
        let linear = ComposedSettings {
            deployment_configuration: DeploymentConfiguration {
                strategy: Some(DeploymentStrategy::Linear),
                canary_percent: Some(Percent::whole(7)),
                linear_step_percent: Some(Percent::whole(25)),
                ..DeploymentConfiguration::default()
            },
            ..ComposedSettings::default()
        };
        let deployment = linear.with_defaults().deployment_configuration;
        assert_eq!(deployment.linear_step_percent, Some(Percent::whole(25)));
        assert_eq!(deployment.linear_step_bake_time_minutes, Some(6));
        assert_eq!((deployment.canary_percent, deployment.canary_bake_time_minutes), (None, None));
        let rolling = default_settings(DeploymentStrategy::Rolling).deployment_configuration;
        assert_eq!(rolling.bake_time_minutes, None);
    }

    #[test]
    fn filling_in_the_defaults_twice_is_filling_them_in_once() {
        for strategy in [DeploymentStrategy::Canary, DeploymentStrategy::Rolling] {
            let settings = default_settings(strategy);
            assert_eq!(settings.with_defaults(), settings);
        }
        assert_eq!(ComposedSettings::default().with_defaults(), default_settings(DeploymentStrategy::Canary));
    }
}
