//! From the SDK's shapes to the domain's and back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use aws_sdk_ecs::types;

use crate::service::{
    Configuration, IngressPath, LogsConfiguration, PrimaryContainer, ScalingMetric, ScalingTarget,
};

pub(super) fn to_time(time: Option<&aws_smithy_types::DateTime>) -> Option<SystemTime> {
    SystemTime::try_from(*time?).ok()
}

pub(super) fn tags_from_output(tags: &[types::Tag]) -> BTreeMap<String, String> {
    tags.iter().filter_map(|tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default()))).collect()
}

pub(super) fn tags_to_input(tags: &BTreeMap<String, String>) -> Vec<types::Tag> {
    tags.iter().map(|(key, value)| types::Tag::builder().key(key).value(value).build()).collect()
}

/// The configuration of a revision. Security groups are as AWS echoes them, the managed one included.
pub(super) fn configuration_from_output(output: &types::ExpressGatewayServiceConfiguration) -> Configuration {
    let network = output.network_configuration.as_ref();
    let set = |list: Option<&Vec<String>>| {
        list.filter(|list| !list.is_empty()).map(|list| list.iter().cloned().collect::<BTreeSet<_>>())
    };
    Configuration {
        execution_role_arn: output.execution_role_arn.clone(),
        task_role_arn: output.task_role_arn.clone(),
        task_definition_arn: output.task_definition_arn.clone(),
        primary_container: output.primary_container.as_ref().map(container_from_output),
        cpu: output.cpu.clone(),
        memory: output.memory.clone(),
        cpu_architecture: output
            .cpu_architecture
            .as_ref()
            .map(|architecture| architecture.as_str().to_owned()),
        health_check_path: output.health_check_path.clone(),
        subnets: set(network.and_then(|network| network.subnets.as_ref())),
        security_groups: set(network.and_then(|network| network.security_groups.as_ref())),
        scaling_target: output.scaling_target.as_ref().map(scaling_from_output).unwrap_or_default(),
        ..Configuration::default()
    }
}

fn container_from_output(output: &types::ExpressGatewayContainer) -> PrimaryContainer {
    let environment = output.environment.as_deref().unwrap_or_default().iter();
    let environment: BTreeMap<_, _> = environment
        .filter_map(|variable| Some((variable.name.clone()?, variable.value.clone().unwrap_or_default())))
        .collect();
    let secrets = output.secrets.as_deref().unwrap_or_default().iter();
    let secrets: BTreeMap<_, _> =
        secrets.map(|secret| (secret.name.clone(), secret.value_from.clone())).collect();
    PrimaryContainer {
        image: output.image.clone(),
        container_port: output.container_port,
        command: output.command.clone().filter(|command| !command.is_empty()),
        environment: (!environment.is_empty()).then_some(environment),
        secrets: (!secrets.is_empty()).then_some(secrets),
        aws_logs_configuration: output.aws_logs_configuration.as_ref().map(|logs| LogsConfiguration {
            log_group: logs.log_group.clone(),
            log_stream_prefix: logs.log_stream_prefix.clone(),
        }),
        credentials_parameter: output
            .repository_credentials
            .as_ref()
            .and_then(|credentials| credentials.credentials_parameter.clone()),
        ..PrimaryContainer::default()
    }
}

pub(super) fn container_to_input(
    container: &PrimaryContainer,
) -> Result<types::ExpressGatewayContainer, BuildError> {
    let environment = container.environment.as_ref().map(|environment| {
        environment
            .iter()
            .map(|(name, value)| types::KeyValuePair::builder().name(name).value(value).build())
            .collect()
    });
    let secrets = container.secrets.as_ref().map(|secrets| {
        secrets
            .iter()
            .map(|(name, value_from)| types::Secret::builder().name(name).value_from(value_from).build())
            .collect::<Result<Vec<_>, _>>()
    });
    let logs = container.aws_logs_configuration.as_ref().map(|logs| {
        types::ExpressGatewayServiceAwsLogsConfiguration::builder()
            .log_group(&logs.log_group)
            .log_stream_prefix(&logs.log_stream_prefix)
            .build()
    });
    let credentials = container.credentials_parameter.as_ref().map(|parameter| {
        types::ExpressGatewayRepositoryCredentials::builder().credentials_parameter(parameter).build()
    });
    types::ExpressGatewayContainer::builder()
        .image(&container.image)
        .set_container_port(container.container_port)
        .set_command(container.command.clone())
        .set_environment(environment)
        .set_secrets(secrets.transpose()?)
        .set_aws_logs_configuration(logs.transpose()?)
        .set_repository_credentials(credentials)
        .build()
}

pub(super) type BuildError = aws_smithy_types::error::operation::BuildError;

fn scaling_from_output(output: &types::ExpressGatewayScalingTarget) -> ScalingTarget {
    ScalingTarget {
        min_task_count: output.min_task_count,
        max_task_count: output.max_task_count,
        auto_scaling_metric: output.auto_scaling_metric.as_ref().map(|metric| {
            let Ok(metric) = metric.as_str().parse::<ScalingMetric>();
            metric
        }),
        auto_scaling_target_value: output.auto_scaling_target_value,
    }
}

/// `None` when no member is set, so that AWS's defaults apply.
pub(super) fn scaling_to_input(scaling: &ScalingTarget) -> Option<types::ExpressGatewayScalingTarget> {
    let metric = scaling
        .auto_scaling_metric
        .as_ref()
        .map(|metric| types::ExpressGatewayServiceScalingMetric::from(metric.as_str()));
    (*scaling != ScalingTarget::default()).then(|| {
        types::ExpressGatewayScalingTarget::builder()
            .set_min_task_count(scaling.min_task_count)
            .set_max_task_count(scaling.max_task_count)
            .set_auto_scaling_metric(metric)
            .set_auto_scaling_target_value(scaling.auto_scaling_target_value)
            .build()
    })
}

/// `None` when neither subnets nor security groups are set, so that AWS's defaults apply.
pub(super) fn network_to_input(
    subnets: Option<&BTreeSet<String>>,
    security_groups: Option<&BTreeSet<String>>,
) -> Option<types::ExpressGatewayServiceNetworkConfiguration> {
    let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>();
    (subnets.is_some() || security_groups.is_some()).then(|| {
        types::ExpressGatewayServiceNetworkConfiguration::builder()
            .set_subnets(subnets.map(list))
            .set_security_groups(security_groups.map(list))
            .build()
    })
}

pub(super) fn ingress_paths_from_output(output: &[types::IngressPathSummary]) -> Vec<IngressPath> {
    output.iter().map(|path| IngressPath::new(path.access_type.as_str(), &path.endpoint)).collect()
}
