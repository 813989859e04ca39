//! What only the composed engine can set: the settings that Express Mode fixes.

mod defaults;
mod deployment;
mod domain;
mod health_check;
mod load_balancer;
mod percent;
mod sidecar;

use std::collections::BTreeMap;

use super::members::members;

pub use defaults::{
    DEFAULT_CONTAINER_PORT, DEFAULT_INIT_PROCESS, DEFAULT_MAXIMUM_PERCENT, DEFAULT_MINIMUM_HEALTHY_PERCENT,
    DEFAULT_STOP_TIMEOUT_SECONDS, DEFAULT_STREAM_PREFIX, default_configuration, default_settings,
};
pub use deployment::{
    CircuitBreaker, DeploymentConfiguration, DeploymentStrategy, RollbackAlarm, StrategyError,
};
pub use domain::Domain;
pub use health_check::HealthCheck;
pub use load_balancer::{AccessLogs, LoadBalancerScheme, LoadBalancerSettings, SchemeError};
pub use percent::{Percent, PercentError};
pub use sidecar::{
    ContainerHealthCheck, DependencyCondition, DependencyConditionError, FirelensConfiguration, FirelensType,
    FirelensTypeError, LogConfiguration, PortMapping, Sidecar, TransportProtocol, TransportProtocolError,
};

members! {
    /// The settings that only the composed engine has.
    ///
    /// As desired state, `None` is the default ([`default_settings`]; where there is none: nothing of the kind). As
    /// observed state, every member that has a default is there. The managed engine leaves all of it `None`.
    pub struct ComposedSettings {
        /// Host names of the user's own. No hosted zone: plain HTTP on a load balancer of the service's own.
        pub domain: Domain,
        /// The user's own certificate in the service's region, instead of one that the engine requests.
        pub certificate_arn: Option<String>,
        /// How a new revision comes into service.
        pub deployment_configuration: DeploymentConfiguration,
        /// How a target group tells a healthy task, apart from the path.
        pub health_check: HealthCheck,
        /// How long a stopping task drains.
        pub deregistration_delay_seconds: Option<i32>,
        /// Whether tasks have public addresses. Without a value: if their subnets are public.
        pub assign_public_ip: Option<bool>,
        /// Which Fargate capacity runs the tasks.
        pub capacity_provider: Option<CapacityProvider>,
        /// Disk space of a task.
        pub ephemeral_storage_gib: Option<i32>,
        /// Whether `aws ecs execute-command` works.
        pub enable_execute_command: Option<bool>,
        /// AWS WAF web ACL in front of the service. It belongs to the load balancer, and so to its pool.
        pub web_acl_arn: Option<String>,
        /// Further containers, by name.
        pub sidecars: Option<BTreeMap<String, Sidecar>>,
        /// The load balancer.
        pub load_balancer: LoadBalancerSettings,
        /// How long the log group keeps the log; forever without a value.
        pub log_retention_days: Option<i32>,
    }
}

impl ComposedSettings {
    /// Whether bringing `live` to these settings may start a deployment.
    ///
    /// ECS starts none for how deployments go, for the alarm and for the grace period (`UpdateService`, API reference);
    /// the drain of the target groups and the retention of the log are no matter of ECS. Whatever else differs counts,
    /// since it may.
    pub fn may_start_deployment(&self, live: &Self) -> bool {
        let mut without = self.clone();
        let strategy = self.deployment_configuration.strategy;
        without.deployment_configuration =
            DeploymentConfiguration { strategy, ..live.deployment_configuration.clone() };
        without.health_check.grace_period_seconds = live.health_check.grace_period_seconds;
        without.deregistration_delay_seconds = live.deregistration_delay_seconds;
        without.log_retention_days = live.log_retention_days;
        without != *live
    }
}

/// Which Fargate capacity runs the tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapacityProvider {
    /// `FARGATE`.
    Fargate,
    /// `FARGATE_SPOT`: cheaper, and AWS may take it back with two minutes' notice.
    FargateSpot,
}

named! {
    CapacityProvider, CapacityProviderError, "capacity provider" {
        Fargate => "FARGATE",
        FargateSpot => "FARGATE_SPOT",
    }
}
