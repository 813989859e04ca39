//! From the model to the domain.

use std::collections::{BTreeMap, BTreeSet};

use super::composed::{
    expand_container_health_check, expand_depends_on, expand_log_configuration, expand_settings,
};
use super::model::{NetworkConfigurationModel, PrimaryContainerModel, ScalingTargetModel, ServiceModel};
use crate::framework::Attr;
use crate::framework::model::SetOf;
use crate::service::{
    Configuration, LogsConfiguration, PrimaryContainer, ScalingMetric, ScalingTarget, ServiceSpec,
};

/// The service that a planned state promises. Unknown members are AWS's to choose.
pub(super) fn expand_spec(planned: &ServiceModel) -> ServiceSpec {
    ServiceSpec {
        service_name: planned.service_name.cloned(),
        cluster: planned.cluster.cloned(),
        infrastructure_role_arn: planned.infrastructure_role_arn.cloned().unwrap_or_default(),
        configuration: expand_configuration(planned),
        tags: expand_tags(&planned.tags_all),
    }
}

/// The part that an update can change.
pub(super) fn expand_configuration(planned: &ServiceModel) -> Configuration {
    let container = planned.primary_container.known().map(expand_container);
    // With a container, the known task definition is the one that ECS made: a result, not a wish.
    let task_definition_arn = if container.is_some() { None } else { planned.task_definition_arn.cloned() };
    let is_own_task_definition = task_definition_arn.is_some();
    let unless_own = |value: &Attr<String>| if is_own_task_definition { None } else { value.cloned() };
    let network = planned.network_configuration.known();
    Configuration {
        execution_role_arn: unless_own(&planned.execution_role_arn),
        task_role_arn: unless_own(&planned.task_role_arn),
        primary_container: container,
        cpu: unless_own(&planned.cpu),
        memory: unless_own(&planned.memory),
        cpu_architecture: unless_own(&planned.cpu_architecture),
        task_definition_arn,
        health_check_path: planned.health_check_path.cloned(),
        subnets: network.and_then(|network| expand_set(&network.subnets)),
        security_groups: network.and_then(expand_security_groups),
        scaling_target: planned.scaling_target.known().map(expand_scaling_target).unwrap_or_default(),
        composed: expand_settings(planned),
    }
}

/// Tags with known values.
pub(super) fn expand_tags(tags: &Attr<BTreeMap<String, Attr<String>>>) -> BTreeMap<String, String> {
    let tags = tags.known().into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.cloned()?))).collect()
}

/// The service's host names, as a model has them.
pub(super) fn expand_hostnames(model: &ServiceModel) -> BTreeSet<String> {
    let domain = expand_settings(model).domain;
    domain.hostname.into_iter().chain(domain.additional_hostnames.into_iter().flatten()).collect()
}

pub(super) fn expand_map(map: &Attr<BTreeMap<String, Attr<String>>>) -> Option<BTreeMap<String, String>> {
    map.known().map(|_| expand_tags(map))
}

pub(super) fn expand_set(set: &Attr<SetOf<Attr<String>>>) -> Option<BTreeSet<String>> {
    set.known().map(|elements| elements.0.iter().filter_map(Attr::cloned).collect())
}

/// A network configuration that names no groups asks for none.
fn expand_security_groups(network: &NetworkConfigurationModel) -> Option<BTreeSet<String>> {
    if network.security_groups.is_unknown() {
        return None;
    }
    Some(expand_set(&network.security_groups).unwrap_or_default())
}

pub(super) fn expand_number(number: &Attr<i64>) -> Option<i32> {
    number.known().and_then(|number| i32::try_from(*number).ok())
}

/// A list with known elements.
pub(super) fn expand_list(list: &Attr<Vec<Attr<String>>>) -> Option<Vec<String>> {
    list.known().map(|elements| elements.iter().filter_map(Attr::cloned).collect())
}

fn expand_container(container: &PrimaryContainerModel) -> PrimaryContainer {
    let logs = container.aws_logs_configuration.known();
    let credentials = container.repository_credentials.known();
    PrimaryContainer {
        image: container.image.cloned().unwrap_or_default(),
        container_port: expand_number(&container.container_port),
        command: expand_list(&container.command),
        environment: expand_map(&container.environment),
        secrets: expand_map(&container.secrets),
        aws_logs_configuration: logs.and_then(|logs| {
            Some(LogsConfiguration {
                log_group: logs.log_group.cloned()?,
                log_stream_prefix: logs.log_stream_prefix.cloned()?,
            })
        }),
        credentials_parameter: credentials.and_then(|credentials| credentials.credentials_parameter.cloned()),
        log_configuration: expand_log_configuration(&container.log_configuration),
        depends_on: expand_depends_on(&container.depends_on),
        entry_point: expand_list(&container.entry_point),
        user: container.user.cloned(),
        health_check: container.health_check.known().map(expand_container_health_check),
        stop_timeout_seconds: expand_number(&container.stop_timeout_seconds),
        init_process: container.init_process.cloned(),
        readonly_root_filesystem: container.readonly_root_filesystem.cloned(),
    }
}

fn expand_scaling_target(scaling: &ScalingTargetModel) -> ScalingTarget {
    ScalingTarget {
        min_task_count: expand_number(&scaling.min_task_count),
        max_task_count: expand_number(&scaling.max_task_count),
        auto_scaling_metric: scaling.auto_scaling_metric.known().map(|name| {
            let Ok(metric) = name.parse::<ScalingMetric>();
            metric
        }),
        auto_scaling_target_value: expand_number(&scaling.auto_scaling_target_value),
    }
}
