//! What a task definition says of a configuration: the part above the network. Pure.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;

use super::task_definition::{MAIN_CONTAINER, main_container, port_of};
use crate::service::{
    Configuration, ContainerHealthCheck, DEFAULT_STOP_TIMEOUT_SECONDS, DependencyCondition,
    FirelensConfiguration, LogConfiguration, LogsConfiguration, PortMapping, PrimaryContainer, Sidecar,
};

const AWSLOGS: &str = "awslogs";

/// Workload, roles and size of a document.
pub(super) fn described(document: &Value) -> Configuration {
    let mut configuration = Configuration {
        execution_role_arn: text(&document["executionRoleArn"]),
        task_role_arn: text(&document["taskRoleArn"]),
        cpu: text(&document["cpu"]),
        memory: text(&document["memory"]),
        cpu_architecture: text(&document["runtimePlatform"]["cpuArchitecture"]),
        primary_container: main_container(document).map(described_container),
        ..Configuration::default()
    };
    configuration.composed.sidecars = described_sidecars(document);
    configuration
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn number(value: &Value) -> Option<i32> {
    value.as_i64().and_then(|number| i32::try_from(number).ok())
}

fn texts(value: &Value) -> Option<Vec<String>> {
    Some(value.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn described_container(main: &Value) -> PrimaryContainer {
    let log = &main["logConfiguration"];
    let is_awslogs = log["logDriver"] == AWSLOGS;
    let options = &log["options"];
    let group = options["awslogs-group"].as_str().filter(|_| is_awslogs);
    PrimaryContainer {
        image: text(&main["image"]).unwrap_or_default(),
        container_port: port_of(main).map(i32::from),
        command: texts(&main["command"]),
        environment: described_values(&main["environment"], "value"),
        secrets: described_values(&main["secrets"], "valueFrom"),
        aws_logs_configuration: group.map(|group| LogsConfiguration {
            log_group: group.to_owned(),
            log_stream_prefix: text(&options["awslogs-stream-prefix"]).unwrap_or_default(),
        }),
        credentials_parameter: text(&main["repositoryCredentials"]["credentialsParameter"]),
        log_configuration: described_log(log).filter(|_| !is_awslogs),
        depends_on: described_dependencies(&main["dependsOn"]),
        entry_point: texts(&main["entryPoint"]),
        user: text(&main["user"]),
        health_check: described_health_check(&main["healthCheck"]),
        stop_timeout_seconds: Some(number(&main["stopTimeout"]).unwrap_or(DEFAULT_STOP_TIMEOUT_SECONDS)),
        init_process: Some(main["linuxParameters"]["initProcessEnabled"] == true),
        readonly_root_filesystem: Some(main["readonlyRootFilesystem"] == true),
    }
}

fn described_health_check(check: &Value) -> Option<ContainerHealthCheck> {
    Some(ContainerHealthCheck {
        command: texts(&check["command"])?,
        interval_seconds: number(&check["interval"]),
        timeout_seconds: number(&check["timeout"]),
        retries: number(&check["retries"]),
        start_period_seconds: number(&check["startPeriod"]),
    })
}

fn described_sidecars(document: &Value) -> Option<BTreeMap<String, Sidecar>> {
    let containers = document["containerDefinitions"].as_array()?.iter();
    let others = containers.filter(|container| container["name"] != MAIN_CONTAINER);
    let sidecars: BTreeMap<_, _> = others
        .filter_map(|container| Some((text(&container["name"])?, described_sidecar(container))))
        .collect();
    (!sidecars.is_empty()).then_some(sidecars)
}

fn described_sidecar(container: &Value) -> Sidecar {
    let firelens = &container["firelensConfiguration"];
    Sidecar {
        image: text(&container["image"]).unwrap_or_default(),
        essential: container["essential"].as_bool().unwrap_or(true),
        command: texts(&container["command"]),
        entry_point: texts(&container["entryPoint"]),
        environment: described_values(&container["environment"], "value"),
        secrets: described_values(&container["secrets"], "valueFrom"),
        cpu: number(&container["cpu"]),
        memory_mib: number(&container["memory"]),
        memory_reservation_mib: number(&container["memoryReservation"]),
        port_mappings: container["portMappings"].as_array().map(|ports| {
            let port = |port: &Value| {
                Some(PortMapping {
                    container_port: number(&port["containerPort"])?,
                    protocol: parsed(&port["protocol"]).unwrap_or_default(),
                })
            };
            // ECS answers them in any order.
            let mut ports: Vec<_> = ports.iter().filter_map(port).collect();
            ports.sort_by_key(|port| (port.container_port, port.protocol.as_str()));
            ports
        }),
        user: text(&container["user"]),
        firelens_configuration: parsed(&firelens["type"])
            .map(|r#type| FirelensConfiguration { r#type, options: options(&firelens["options"]) }),
        log_configuration: described_log(&container["logConfiguration"]),
        depends_on: described_dependencies(&container["dependsOn"]),
        health_check: described_health_check(&container["healthCheck"]),
        credentials_parameter: text(&container["repositoryCredentials"]["credentialsParameter"]),
        stop_timeout_seconds: number(&container["stopTimeout"]),
    }
}

fn parsed<T: FromStr>(value: &Value) -> Option<T> {
    value.as_str()?.parse().ok()
}

fn options(value: &Value) -> BTreeMap<String, String> {
    let pairs = value.as_object().into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
}

fn described_log(log: &Value) -> Option<LogConfiguration> {
    Some(LogConfiguration {
        log_driver: text(&log["logDriver"])?,
        options: options(&log["options"]),
        secret_options: described_values(&log["secretOptions"], "valueFrom").unwrap_or_default(),
    })
}

fn described_dependencies(list: &Value) -> Option<BTreeMap<String, DependencyCondition>> {
    let pair = |item: &Value| Some((text(&item["containerName"])?, parsed(&item["condition"])?));
    let conditions: BTreeMap<_, _> = list.as_array()?.iter().filter_map(pair).collect();
    (!conditions.is_empty()).then_some(conditions)
}

fn described_values(list: &Value, member: &str) -> Option<BTreeMap<String, String>> {
    let pair = |item: &Value| Some((text(&item["name"])?, text(&item[member])?));
    let values: BTreeMap<_, _> = list.as_array()?.iter().filter_map(pair).collect();
    (!values.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::composed::task_definition::{container_port, desired_document};
    use crate::engine::composed::testing::blueprint;

    #[test]
    fn a_document_says_what_its_blueprint_wants() {
        let mut blueprint = blueprint();
        let sidecar = Sidecar { image: "agent:1".to_owned(), essential: true, ..Sidecar::default() };
        blueprint.configuration.composed.sidecars = Some([("agent".to_owned(), sidecar)].into());
        let document = desired_document(&blueprint);
        let described = described(&document);
        let wanted = blueprint.configuration;
        let container = described.primary_container.expect("a container");
        let logs = container.aws_logs_configuration.clone().expect("a log group");
        assert_eq!(logs.log_group, blueprint.names.log_group());
        assert_eq!(
            Some(PrimaryContainer { aws_logs_configuration: None, ..container }),
            wanted.primary_container
        );
        assert_eq!((described.cpu, described.execution_role_arn), (wanted.cpu, wanted.execution_role_arn));
        let sidecars = described.composed.sidecars.expect("a sidecar");
        assert_eq!(sidecars["agent"].image, "agent:1");
        assert_eq!(container_port(&document), Some(blueprint.container_port));
    }
}
