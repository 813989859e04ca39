//! Desired state: what a service should be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::composed::{ComposedSettings, ContainerHealthCheck, DependencyCondition, LogConfiguration};
use super::members::members;

/// A service as the user wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSpec {
    /// Name; AWS makes one up from the image name if there is none.
    pub service_name: Option<String>,
    /// Cluster by name or ARN; AWS uses `default` if there is none.
    pub cluster: Option<String>,
    /// The role with which ECS builds the infrastructure. Cannot be changed later.
    pub infrastructure_role_arn: String,
    /// What an update can change.
    pub configuration: Configuration,
    /// All tags, provider defaults included.
    pub tags: BTreeMap<String, String>,
}

members! {
    /// The part of a service that an update can change (`UpdateExpressGatewayService`).
    ///
    /// As desired state, `None` leaves a member to AWS. As observed state, it holds what AWS answered;
    /// `security_groups` never holds the group that ECS makes for the service.
    pub struct Configuration {
        /// Role that pulls the image and reads secrets.
        pub execution_role_arn: Option<String>,
        /// Role of the application.
        pub task_role_arn: Option<String>,
        /// The user's own task definition, instead of the container and everything above and below it up to the memory.
        pub task_definition_arn: Option<String>,
        /// The container.
        pub primary_container: Option<PrimaryContainer>,
        /// CPU units, for example `1024`.
        pub cpu: Option<String>,
        /// MiB, for example `2048`.
        pub memory: Option<String>,
        /// `X86_64` or `ARM64`.
        pub cpu_architecture: Option<String>,
        /// Path that must answer 200.
        pub health_check_path: Option<String>,
        /// Subnets of tasks and load balancer.
        pub subnets: Option<BTreeSet<String>>,
        /// The user's own security groups. As observed state, `None` means that they cannot be told from ECS's yet.
        pub security_groups: Option<BTreeSet<String>>,
        /// Auto scaling.
        pub scaling_target: ScalingTarget,
        /// What only the composed engine can set.
        pub composed: ComposedSettings,
    }
}

/// The container `Main`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PrimaryContainer {
    /// Image reference.
    pub image: String,
    /// TCP port of the application.
    pub container_port: Option<i32>,
    /// Overrides the image's command.
    pub command: Option<Vec<String>>,
    /// Environment variables. Their values never appear in logs or messages.
    pub environment: Option<BTreeMap<String, String>>,
    /// Environment variables from Secrets Manager or Parameter Store: name to reference.
    pub secrets: Option<BTreeMap<String, String>>,
    /// Where the log goes.
    pub aws_logs_configuration: Option<LogsConfiguration>,
    /// Secret with the credentials of a private registry.
    pub credentials_parameter: Option<String>,
    /// Composed engine only: another log driver than `awslogs`, for example `awsfirelens`.
    pub log_configuration: Option<LogConfiguration>,
    /// Composed engine only: sidecars that come first.
    pub depends_on: Option<BTreeMap<String, DependencyCondition>>,
    /// Composed engine only: overrides the image's entry point.
    pub entry_point: Option<Vec<String>>,
    /// Composed engine only: user that it runs as.
    pub user: Option<String>,
    /// Composed engine only: how ECS tells whether it is healthy.
    pub health_check: Option<ContainerHealthCheck>,
    /// Composed engine only: time between SIGTERM and SIGKILL.
    pub stop_timeout_seconds: Option<i32>,
    /// Composed engine only: whether ECS's init process is process 1.
    pub init_process: Option<bool>,
    /// Composed engine only: whether nothing can write to its root file system.
    pub readonly_root_filesystem: Option<bool>,
}

/// Shows the names of environment variables only.
impl fmt::Debug for PrimaryContainer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PrimaryContainer")
            .field("image", &self.image)
            .field("container_port", &self.container_port)
            .field(
                "environment",
                &self.environment.as_ref().map(|variables| variables.keys().collect::<Vec<_>>()),
            )
            .field("secrets", &self.secrets.as_ref().map(|secrets| secrets.keys().collect::<Vec<_>>()))
            .field("aws_logs_configuration", &self.aws_logs_configuration)
            .finish_non_exhaustive()
    }
}

/// A log group and the prefix of its streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogsConfiguration {
    /// Log group name.
    pub log_group: String,
    /// Prefix of the stream names.
    pub log_stream_prefix: String,
}

members! {
    /// Auto scaling; each member is AWS's to choose if it is `None`.
    pub struct ScalingTarget {
        /// Fewest tasks.
        pub min_task_count: Option<i32>,
        /// Most tasks.
        pub max_task_count: Option<i32>,
        /// What is measured.
        pub auto_scaling_metric: Option<ScalingMetric>,
        /// The value to hold: percent, or requests per target and minute.
        pub auto_scaling_target_value: Option<i32>,
    }
}

/// What auto scaling measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScalingMetric {
    /// `AVERAGE_CPU`, percent.
    AverageCpu,
    /// `AVERAGE_MEMORY`, percent.
    AverageMemory,
    /// `REQUEST_COUNT_PER_TARGET`, requests per target and minute.
    RequestCountPerTarget,
    /// A metric that AWS added after this version was made.
    Other(String),
}

impl ScalingMetric {
    /// The metrics that a configuration may name.
    pub const NAMES: [&'static str; 3] = ["AVERAGE_CPU", "AVERAGE_MEMORY", "REQUEST_COUNT_PER_TARGET"];

    /// Whether it is a share of what a task has.
    pub fn is_percent(&self) -> bool {
        matches!(self, Self::AverageCpu | Self::AverageMemory)
    }

    /// The value to hold where nobody says one: 60, whatever is measured (facts, express section 1.1).
    pub fn default_target_value(&self) -> i32 {
        match self {
            Self::AverageCpu | Self::AverageMemory | Self::RequestCountPerTarget | Self::Other(_) => 60,
        }
    }

    /// AWS's spelling.
    pub fn as_str(&self) -> &str {
        match self {
            Self::AverageCpu => "AVERAGE_CPU",
            Self::AverageMemory => "AVERAGE_MEMORY",
            Self::RequestCountPerTarget => "REQUEST_COUNT_PER_TARGET",
            Self::Other(name) => name,
        }
    }
}

impl FromStr for ScalingMetric {
    type Err = std::convert::Infallible;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "AVERAGE_CPU" => Self::AverageCpu,
            "AVERAGE_MEMORY" => Self::AverageMemory,
            "REQUEST_COUNT_PER_TARGET" => Self::RequestCountPerTarget,
            other => Self::Other(other.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_values_do_not_show_in_debug_output() {
        let environment = BTreeMap::from([("DATABASE_PASSWORD".to_owned(), "hunter2".to_owned())]);
        let container = PrimaryContainer { environment: Some(environment), ..PrimaryContainer::default() };
        let shown = format!("{container:?}");
        assert!(shown.contains("DATABASE_PASSWORD") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn every_metric_name_round_trips() {
        for name in ScalingMetric::NAMES.into_iter().chain(["A_NEW_ONE"]) {
            let metric: ScalingMetric = name.parse().expect("infallible");
            assert_eq!(metric.as_str(), name);
        }
    }
}
