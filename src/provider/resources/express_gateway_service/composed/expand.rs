//! From the model to the domain's composed settings. Unknown members are the engine's to choose.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::model::{
    AccessLogsModel, ContainerHealthCheckModel, DeploymentConfigurationModel, DomainModel, HealthCheckModel,
    LoadBalancerModel, LogConfigurationModel, PortMappingModel, SidecarModel,
};
use crate::framework::{Attr, Number};
use crate::provider::resources::express_gateway_service::expand::{
    expand_list, expand_map, expand_number, expand_set, expand_tags,
};
use crate::provider::resources::express_gateway_service::model::ServiceModel;
use crate::service::{
    AccessLogs, CircuitBreaker, ComposedSettings, ContainerHealthCheck, DependencyCondition,
    DeploymentConfiguration, Domain, FirelensConfiguration, HealthCheck, LoadBalancerSettings,
    LogConfiguration, Percent, PortMapping, RollbackAlarm, Sidecar,
};

type Strings = Attr<BTreeMap<String, Attr<String>>>;

/// The settings that a planned state promises.
pub(in crate::provider::resources::express_gateway_service) fn expand_settings(
    planned: &ServiceModel,
) -> ComposedSettings {
    ComposedSettings {
        domain: planned.domain.known().map(expand_domain).unwrap_or_default(),
        certificate_arn: planned.certificate_arn.cloned(),
        deployment_configuration: planned
            .deployment_configuration
            .known()
            .map(expand_deployment)
            .unwrap_or_default(),
        health_check: planned.health_check.known().map(expand_health_check).unwrap_or_default(),
        deregistration_delay_seconds: expand_number(&planned.deregistration_delay_seconds),
        assign_public_ip: planned.assign_public_ip.cloned(),
        capacity_provider: expand_name(&planned.capacity_provider),
        ephemeral_storage_gib: expand_number(&planned.ephemeral_storage_gib),
        enable_execute_command: planned.enable_execute_command.cloned(),
        web_acl_arn: planned.web_acl_arn.cloned(),
        sidecars: planned.sidecars.known().map(expand_sidecars),
        load_balancer: planned.load_balancer.known().map(expand_load_balancer).unwrap_or_default(),
        log_retention_days: expand_number(&planned.log_retention_days),
    }
}

/// `log_configuration` of a container.
pub(in crate::provider::resources::express_gateway_service) fn expand_log_configuration(
    logs: &Attr<LogConfigurationModel>,
) -> Option<LogConfiguration> {
    let logs = logs.known()?;
    Some(LogConfiguration {
        log_driver: logs.log_driver.cloned()?,
        options: expand_tags(&logs.options),
        secret_options: expand_tags(&logs.secret_options),
    })
}

/// `depends_on` of a container.
pub(in crate::provider::resources::express_gateway_service) fn expand_depends_on(
    depends_on: &Strings,
) -> Option<BTreeMap<String, DependencyCondition>> {
    let conditions = depends_on.known()?.iter();
    Some(conditions.filter_map(|(name, condition)| Some((name.clone(), expand_name(condition)?))).collect())
}

/// A name of a closed set. The schema has refused every other one.
fn expand_name<T: FromStr>(name: &Attr<String>) -> Option<T> {
    name.known()?.parse().ok()
}

fn expand_percent(percent: &Attr<Number>) -> Option<Percent> {
    percent.known()?.to_string().parse().ok()
}

/// `domain`.
pub(super) fn expand_domain(domain: &DomainModel) -> Domain {
    Domain {
        hostname: domain.hostname.cloned(),
        hosted_zone: domain.hosted_zone.cloned(),
        additional_hostnames: expand_set(&domain.additional_hostnames),
    }
}

/// `deployment_configuration`.
pub(super) fn expand_deployment(deployment: &DeploymentConfigurationModel) -> DeploymentConfiguration {
    let alarm = deployment.alarm.known();
    let circuit_breaker = deployment.circuit_breaker.known();
    DeploymentConfiguration {
        strategy: expand_name(&deployment.strategy),
        bake_time_minutes: expand_number(&deployment.bake_time_minutes),
        canary_percent: expand_percent(&deployment.canary_percent),
        canary_bake_time_minutes: expand_number(&deployment.canary_bake_time_minutes),
        linear_step_percent: expand_percent(&deployment.linear_step_percent),
        linear_step_bake_time_minutes: expand_number(&deployment.linear_step_bake_time_minutes),
        maximum_percent: expand_number(&deployment.maximum_percent),
        minimum_healthy_percent: expand_number(&deployment.minimum_healthy_percent),
        alarm: alarm
            .map(|alarm| RollbackAlarm {
                enable: alarm.enable.cloned(),
                threshold_percent: expand_percent(&alarm.threshold_percent),
                include_4xx: alarm.include_4xx.cloned(),
            })
            .unwrap_or_default(),
        circuit_breaker: circuit_breaker
            .map(|breaker| CircuitBreaker {
                enable: breaker.enable.cloned(),
                rollback: breaker.rollback.cloned(),
            })
            .unwrap_or_default(),
    }
}

fn expand_health_check(check: &HealthCheckModel) -> HealthCheck {
    HealthCheck {
        interval_seconds: expand_number(&check.interval_seconds),
        timeout_seconds: expand_number(&check.timeout_seconds),
        healthy_threshold: expand_number(&check.healthy_threshold),
        unhealthy_threshold: expand_number(&check.unhealthy_threshold),
        matcher: check.matcher.cloned(),
        grace_period_seconds: expand_number(&check.grace_period_seconds),
    }
}

fn expand_load_balancer(load_balancer: &LoadBalancerModel) -> LoadBalancerSettings {
    let access_logs = |logs: &AccessLogsModel| {
        Some(AccessLogs { bucket: logs.bucket.cloned()?, prefix: logs.prefix.cloned() })
    };
    LoadBalancerSettings {
        scheme: expand_name(&load_balancer.scheme),
        subnets: expand_set(&load_balancer.subnets),
        pool: load_balancer.pool.cloned(),
        access_logs: load_balancer.access_logs.known().and_then(access_logs),
    }
}

fn expand_sidecars(sidecars: &BTreeMap<String, Attr<SidecarModel>>) -> BTreeMap<String, Sidecar> {
    let known = sidecars.iter().filter_map(|(name, sidecar)| Some((name, sidecar.known()?)));
    known.map(|(name, sidecar)| (name.clone(), expand_sidecar(sidecar))).collect()
}

/// One sidecar.
pub(super) fn expand_sidecar(sidecar: &SidecarModel) -> Sidecar {
    let ports = |ports: &Vec<Attr<PortMappingModel>>| {
        ports.iter().filter_map(|port| expand_port(port.known()?)).collect()
    };
    let credentials = sidecar.repository_credentials.known();
    Sidecar {
        image: sidecar.image.cloned().unwrap_or_default(),
        essential: sidecar.essential.cloned().unwrap_or(true),
        command: expand_list(&sidecar.command),
        entry_point: expand_list(&sidecar.entry_point),
        environment: expand_map(&sidecar.environment),
        secrets: expand_map(&sidecar.secrets),
        cpu: expand_number(&sidecar.cpu),
        memory_mib: expand_number(&sidecar.memory_mib),
        memory_reservation_mib: expand_number(&sidecar.memory_reservation_mib),
        port_mappings: sidecar.port_mappings.known().map(ports),
        user: sidecar.user.cloned(),
        firelens_configuration: sidecar.firelens_configuration.known().and_then(|firelens| {
            Some(FirelensConfiguration {
                r#type: expand_name(&firelens.r#type)?,
                options: expand_tags(&firelens.options),
            })
        }),
        log_configuration: expand_log_configuration(&sidecar.log_configuration),
        depends_on: expand_depends_on(&sidecar.depends_on),
        health_check: sidecar.health_check.known().map(expand_container_health_check),
        credentials_parameter: credentials.and_then(|credentials| credentials.credentials_parameter.cloned()),
        stop_timeout_seconds: expand_number(&sidecar.stop_timeout_seconds),
    }
}

fn expand_port(port: &PortMappingModel) -> Option<PortMapping> {
    Some(PortMapping {
        container_port: expand_number(&port.container_port)?,
        protocol: expand_name(&port.protocol).unwrap_or_default(),
    })
}

/// `health_check` of a container.
pub(in crate::provider::resources::express_gateway_service) fn expand_container_health_check(
    check: &ContainerHealthCheckModel,
) -> ContainerHealthCheck {
    ContainerHealthCheck {
        command: expand_list(&check.command).unwrap_or_default(),
        interval_seconds: expand_number(&check.interval_seconds),
        timeout_seconds: expand_number(&check.timeout_seconds),
        retries: expand_number(&check.retries),
        start_period_seconds: expand_number(&check.start_period_seconds),
    }
}
