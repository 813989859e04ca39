//! Containers beside `Main`, and how containers log and wait for each other.

use std::collections::BTreeMap;
use std::fmt;

/// A further container of the task. `None` members are left to ECS.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sidecar {
    /// Image reference.
    pub image: String,
    /// Whether the task ends with this container.
    pub essential: bool,
    /// Overrides the image's command.
    pub command: Option<Vec<String>>,
    /// Overrides the image's entry point.
    pub entry_point: Option<Vec<String>>,
    /// Environment variables. Their values never appear in logs or messages.
    pub environment: Option<BTreeMap<String, String>>,
    /// Environment variables from Secrets Manager or Parameter Store: name to reference.
    pub secrets: Option<BTreeMap<String, String>>,
    /// CPU units reserved out of the task's.
    pub cpu: Option<i32>,
    /// Hard limit out of the task's memory.
    pub memory_mib: Option<i32>,
    /// Memory kept free for it out of the task's.
    pub memory_reservation_mib: Option<i32>,
    /// Ports that it listens on.
    pub port_mappings: Option<Vec<PortMapping>>,
    /// User that it runs as.
    pub user: Option<String>,
    /// Makes the container the log router of the task.
    pub firelens_configuration: Option<FirelensConfiguration>,
    /// Where its log goes; without a value, to the service's log group.
    pub log_configuration: Option<LogConfiguration>,
    /// Containers that come first.
    pub depends_on: Option<BTreeMap<String, DependencyCondition>>,
    /// How ECS tells whether it is healthy.
    pub health_check: Option<ContainerHealthCheck>,
    /// Secret with the credentials of a private registry.
    pub credentials_parameter: Option<String>,
    /// Time between SIGTERM and SIGKILL.
    pub stop_timeout_seconds: Option<i32>,
}

impl Sidecar {
    /// Whether a live container is what this one asks for. What is not said may be anything; an empty list asks for
    /// none; maps may have more.
    pub fn is_met_by(&self, live: &Self) -> bool {
        self.image == live.image
            && self.essential == live.essential
            && is_met(self.command.as_ref(), live.command.as_ref())
            && is_met(self.entry_point.as_ref(), live.entry_point.as_ref())
            && has_all(self.environment.as_ref(), live.environment.as_ref())
            && has_all(self.secrets.as_ref(), live.secrets.as_ref())
            && is_met(self.cpu.as_ref(), live.cpu.as_ref())
            && is_met(self.memory_mib.as_ref(), live.memory_mib.as_ref())
            && is_met(self.memory_reservation_mib.as_ref(), live.memory_reservation_mib.as_ref())
            && is_met(
                sorted(self.port_mappings.as_ref()).as_ref(),
                sorted(live.port_mappings.as_ref()).as_ref(),
            )
            && is_met(self.user.as_ref(), live.user.as_ref())
            && self
                .firelens_configuration
                .as_ref()
                .is_none_or(|wanted| live.firelens_configuration.as_ref() == Some(wanted))
            && self
                .log_configuration
                .as_ref()
                .is_none_or(|wanted| live.log_configuration.as_ref() == Some(wanted))
            && has_all(self.depends_on.as_ref(), live.depends_on.as_ref())
            && is_met(self.credentials_parameter.as_ref(), live.credentials_parameter.as_ref())
            && is_met(self.stop_timeout_seconds.as_ref(), live.stop_timeout_seconds.as_ref())
            && self
                .health_check
                .as_ref()
                .is_none_or(|wanted| live.health_check.as_ref().is_some_and(|live| wanted.is_met_by(live)))
    }
}

/// Whether everything that is wanted is live. What others added to a map stays, and is no difference.
fn has_all<T: PartialEq>(wanted: Option<&BTreeMap<String, T>>, live: Option<&BTreeMap<String, T>>) -> bool {
    let mut wanted = wanted.into_iter().flatten();
    wanted.all(|(name, value)| live.and_then(|live| live.get(name)) == Some(value))
}

/// Ports in an order of their own: that in which ECS answers them means nothing (tests/README.md, facts, row M3).
fn sorted(ports: Option<&Vec<PortMapping>>) -> Option<Vec<PortMapping>> {
    let mut ports = ports?.clone();
    ports.sort_by_key(|port| (port.container_port, port.protocol.as_str()));
    Some(ports)
}

/// Whether a live value is the one that is wanted, or as empty as it.
fn is_met<T: PartialEq + Default>(wanted: Option<&T>, live: Option<&T>) -> bool {
    wanted.is_none_or(|wanted| *wanted == *live.unwrap_or(&T::default()))
}

/// Shows the names of environment variables only.
impl fmt::Debug for Sidecar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |variables: &Option<BTreeMap<String, String>>| {
            variables.as_ref().map(|variables| variables.keys().cloned().collect::<Vec<_>>())
        };
        formatter
            .debug_struct("Sidecar")
            .field("image", &self.image)
            .field("essential", &self.essential)
            .field("environment", &names(&self.environment))
            .field("secrets", &names(&self.secrets))
            .field("depends_on", &self.depends_on)
            .finish_non_exhaustive()
    }
}

/// A port of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortMapping {
    /// Port.
    pub container_port: i32,
    /// TCP or UDP.
    pub protocol: TransportProtocol,
}

/// `protocol` of a port mapping.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransportProtocol {
    /// `tcp`.
    #[default]
    Tcp,
    /// `udp`.
    Udp,
}

named! {
    TransportProtocol, TransportProtocolError, "transport protocol" {
        Tcp => "tcp",
        Udp => "udp",
    }
}

/// Makes a container the log router of its task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirelensConfiguration {
    /// Which router the image holds.
    pub r#type: FirelensType,
    /// Its options, for example `config-file-type`.
    pub options: BTreeMap<String, String>,
}

/// `type` of a log router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirelensType {
    /// Fluent Bit.
    Fluentbit,
    /// Fluentd.
    Fluentd,
}

named! {
    FirelensType, FirelensTypeError, "log router" {
        Fluentbit => "fluentbit",
        Fluentd => "fluentd",
    }
}

/// Where a container's log goes.
#[derive(Clone, PartialEq, Eq)]
pub struct LogConfiguration {
    /// For example `awslogs` or `awsfirelens`.
    pub log_driver: String,
    /// Options of the driver.
    pub options: BTreeMap<String, String>,
    /// Options of the driver from Secrets Manager or Parameter Store: name to reference.
    pub secret_options: BTreeMap<String, String>,
}

/// Shows the names of options only: some drivers take keys of a logging service as plain options.
impl fmt::Debug for LogConfiguration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogConfiguration")
            .field("log_driver", &self.log_driver)
            .field("options", &self.options.keys())
            .field("secret_options", &self.secret_options.keys())
            .finish()
    }
}

/// What another container must have reached first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependencyCondition {
    /// Started.
    Start,
    /// Ended.
    Complete,
    /// Ended with exit code 0.
    Success,
    /// Passed its health check.
    Healthy,
}

named! {
    DependencyCondition, DependencyConditionError, "condition of a container" {
        Start => "START",
        Complete => "COMPLETE",
        Success => "SUCCESS",
        Healthy => "HEALTHY",
    }
}

/// A health check that ECS runs in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerHealthCheck {
    /// `CMD` or `CMD-SHELL`, then what to run.
    pub command: Vec<String>,
    /// Time between two checks.
    pub interval_seconds: Option<i32>,
    /// Time in which the command must end.
    pub timeout_seconds: Option<i32>,
    /// Failures in a row that make it unhealthy.
    pub retries: Option<i32>,
    /// Time after the start in which failures do not count.
    pub start_period_seconds: Option<i32>,
}

impl ContainerHealthCheck {
    /// Whether a live check is what this one asks for; what is not said may be anything.
    pub fn is_met_by(&self, live: &Self) -> bool {
        self.command == live.command
            && is_met(self.interval_seconds.as_ref(), live.interval_seconds.as_ref())
            && is_met(self.timeout_seconds.as_ref(), live.timeout_seconds.as_ref())
            && is_met(self.retries.as_ref(), live.retries.as_ref())
            && is_met(self.start_period_seconds.as_ref(), live.start_period_seconds.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_container_may_have_what_was_not_asked_for_but_not_another_value() {
        let wanted =
            Sidecar { image: "log".to_owned(), environment: Some(BTreeMap::new()), ..Sidecar::default() };
        let live = Sidecar { cpu: Some(0), stop_timeout_seconds: Some(30), ..wanted.clone() };
        assert!(wanted.is_met_by(&Sidecar { environment: None, ..live.clone() }));
        let more = Some(BTreeMap::from([("A".to_owned(), "1".to_owned())]));
        assert!(wanted.is_met_by(&Sidecar { environment: more.clone(), ..live.clone() }));
        assert!(!Sidecar { environment: more, ..wanted.clone() }.is_met_by(&live));
        assert!(!Sidecar { cpu: Some(64), ..wanted }.is_met_by(&live));
    }

    #[test]
    fn neither_environment_values_nor_log_options_show_in_debug_output() {
        let values = BTreeMap::from([("API_KEY".to_owned(), "hunter2".to_owned())]);
        let sidecar = Sidecar { environment: Some(values.clone()), ..Sidecar::default() };
        let logs = LogConfiguration {
            log_driver: "awsfirelens".to_owned(),
            options: values,
            secret_options: BTreeMap::new(),
        };
        let shown = format!("{sidecar:?} {logs:?}");
        assert_eq!(shown.matches("API_KEY").count(), 2, "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
