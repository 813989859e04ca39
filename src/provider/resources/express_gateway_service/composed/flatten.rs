//! From the domain's composed settings to the model.
//!
//! Members with a default always show what is live. Members without one show it if the user said anything about
//! them, so that what the engine chose by itself is never a difference to a configuration that is silent.

use std::collections::{BTreeMap, BTreeSet};

use super::expand::{expand_container_health_check, expand_sidecar};
use super::model::{
    AccessLogsModel, AlarmModel, CircuitBreakerModel, ContainerHealthCheckModel,
    DeploymentConfigurationModel, DomainModel, FirelensConfigurationModel, HealthCheckModel,
    LoadBalancerModel, LogConfigurationModel, PortMappingModel, SidecarModel,
};
use crate::framework::model::SetOf;
use crate::framework::{Attr, Number};
use crate::provider::resources::express_gateway_service::flatten::{flatten_map, flatten_set};
use crate::provider::resources::express_gateway_service::model::ServiceModel;
use crate::service::{
    ComposedSettings, ContainerHealthCheck, DependencyCondition, DeploymentConfiguration, Domain,
    HealthCheck, LoadBalancerSettings, LogConfiguration, Percent, Sidecar,
};

type Strings = Attr<BTreeMap<String, Attr<String>>>;

/// `model` with the live settings. `known` is the plan or the state before; an import knows nothing.
pub(in crate::provider::resources::express_gateway_service) fn flatten_settings(
    model: ServiceModel,
    live: &ComposedSettings,
    known: &ServiceModel,
) -> ServiceModel {
    let is_import = known.infrastructure_role_arn.is_null();
    let said = Said { is_import };
    ServiceModel {
        domain: flatten_domain(&live.domain, &known.domain, &said),
        certificate_arn: said.or_null(&known.certificate_arn, live.certificate_arn.clone().into()),
        deployment_configuration: or_known(
            with_unseen_alarm(
                flatten_deployment(&live.deployment_configuration),
                known.deployment_configuration.known(),
            ),
            &known.deployment_configuration,
        ),
        health_check: flatten_health_check(&live.health_check),
        deregistration_delay_seconds: flatten_number(live.deregistration_delay_seconds),
        assign_public_ip: live.assign_public_ip.into(),
        capacity_provider: live.capacity_provider.map(|provider| provider.as_str().to_owned()).into(),
        ephemeral_storage_gib: flatten_number(live.ephemeral_storage_gib),
        enable_execute_command: live.enable_execute_command.into(),
        web_acl_arn: said.or_null(&known.web_acl_arn, live.web_acl_arn.clone().into()),
        sidecars: flatten_sidecars(live.sidecars.as_ref(), &known.sidecars, &said),
        load_balancer: flatten_load_balancer(&live.load_balancer, &known.load_balancer, &said),
        log_retention_days: said.or_null(&known.log_retention_days, flatten_number(live.log_retention_days)),
        ..model
    }
}

/// `log_configuration` of a container, if the user has one; whatever is live if `known` is unknown.
pub(in crate::provider::resources::express_gateway_service) fn flatten_log_configuration(
    live: Option<&LogConfiguration>,
    known: &Attr<LogConfigurationModel>,
) -> Attr<LogConfigurationModel> {
    if known.is_null() {
        return Attr::Null;
    }
    let said = Said { is_import: false };
    let options = |known: Option<&Strings>, live: &BTreeMap<String, String>| match known {
        Some(known) if live.is_empty() => said.emptied(known),
        Some(known) => said.or_null(known, flatten_map(live)),
        None => flatten_filled(live),
    };
    live.map(|live| LogConfigurationModel {
        log_driver: Attr::Known(live.log_driver.clone()),
        options: options(known.known().map(|known| &known.options), &live.options),
        secret_options: options(known.known().map(|known| &known.secret_options), &live.secret_options),
    })
    .into()
}

/// `depends_on` of a container, if the user has one; whatever is live if `known` is unknown.
pub(in crate::provider::resources::express_gateway_service) fn flatten_depends_on(
    live: Option<&BTreeMap<String, DependencyCondition>>,
    known: &Strings,
) -> Strings {
    if known.is_null() {
        return Attr::Null;
    }
    match live.filter(|live| !live.is_empty()) {
        Some(live) => Attr::Known(
            live.iter()
                .map(|(name, condition)| (name.clone(), Attr::Known(condition.as_str().to_owned())))
                .collect(),
        ),
        None => Said { is_import: false }.emptied(known),
    }
}

/// `health_check` of a container, if the user has one; whatever is live if `known` is unknown. What the user wrote stays
/// as long as it holds: ECS fills in what is left out.
pub(in crate::provider::resources::express_gateway_service) fn flatten_container_health_check(
    live: Option<&ContainerHealthCheck>,
    known: &Attr<ContainerHealthCheckModel>,
) -> Attr<ContainerHealthCheckModel> {
    match (live, known) {
        (None, _) | (_, Attr::Null) => Attr::Null,
        (Some(live), Attr::Known(known)) if expand_container_health_check(known).is_met_by(live) => {
            Attr::Known(known.clone())
        }
        (Some(live), _) => Attr::Known(flatten_check(live)),
    }
}

/// An alarm that is switched off has no settings that matter: there is none in AWS, or one as it was when it was
/// switched off. They are as they were planned.
fn with_unseen_alarm(
    live: Attr<DeploymentConfigurationModel>,
    known: Option<&DeploymentConfigurationModel>,
) -> Attr<DeploymentConfigurationModel> {
    let known = known.and_then(|known| known.alarm.known());
    match (live, known) {
        (Attr::Known(mut live), Some(known)) => {
            if let Attr::Known(alarm) = &mut live.alarm
                && alarm.enable == Attr::Known(false)
            {
                if known.threshold_percent.known().is_some() {
                    alarm.threshold_percent = known.threshold_percent.clone();
                }
                if known.include_4xx.known().is_some() {
                    alarm.include_4xx = known.include_4xx.clone();
                }
            }
            Attr::Known(live)
        }
        (live, _) => live,
    }
}

/// What is live; what was known before, if AWS does not tell, as in the middle of a move to another load balancer.
fn or_known<T: Clone>(live: Attr<T>, known: &Attr<T>) -> Attr<T> {
    if live.is_null() && known.known().is_some() { known.clone() } else { live }
}

/// Decides whether a member without a default shows what is live.
struct Said {
    /// An import shows everything: what the user will write is not known.
    is_import: bool,
}

impl Said {
    fn or_null<T>(&self, known: &Attr<T>, live: Attr<T>) -> Attr<T> {
        if known.is_null() && !self.is_import { Attr::Null } else { live }
    }

    /// The further host names that are shown: all of them to an import.
    fn known_names(&self, live: &Domain, known: &Attr<SetOf<Attr<String>>>) -> Option<BTreeSet<String>> {
        let live = live.additional_hostnames.iter().flatten();
        let is_known = |host: &String| {
            let known = known.known().into_iter().flat_map(|names| &names.0).filter_map(Attr::known);
            self.is_import || known.into_iter().any(|known| known.eq_ignore_ascii_case(host))
        };
        let names: BTreeSet<String> = live.filter(|host| is_known(host)).cloned().collect();
        Some(names).filter(|names| !names.is_empty())
    }

    /// AWS does not tell an empty map from none, so the user's form stays.
    #[expect(clippy::unused_self, reason = "reads as one of the decisions about what was said")]
    fn emptied(&self, known: &Strings) -> Strings {
        match known {
            Attr::Known(map) if map.is_empty() => Attr::Known(BTreeMap::new()),
            _ => Attr::Null,
        }
    }
}

/// AWS does not tell an empty map from none, and nobody has written either.
fn flatten_filled(map: &BTreeMap<String, String>) -> Strings {
    if map.is_empty() { Attr::Null } else { flatten_map(map) }
}

fn flatten_number(number: Option<i32>) -> Attr<i64> {
    number.map(i64::from).into()
}

fn flatten_percent(percent: Option<Percent>) -> Attr<Number> {
    percent.and_then(|percent| percent.to_string().parse().ok()).into()
}

/// The zone keeps the user's spelling. Host names that others put on the
/// rule are no difference to the configuration, so only those that it knows are shown.
fn flatten_domain(live: &Domain, known: &Attr<DomainModel>, said: &Said) -> Attr<DomainModel> {
    let known_zone = known.known().map_or(&Attr::Unknown, |domain| &domain.hosted_zone);
    let known_names = known.known().map_or(&Attr::Null, |domain| &domain.additional_hostnames);
    if *live == Domain::default() && known.known().is_none() {
        return Attr::Null;
    }
    Attr::Known(DomainModel {
        hostname: live.hostname.clone().into(),
        hosted_zone: match known_zone {
            Attr::Unknown => live.hosted_zone.clone().into(),
            said => said.clone(),
        },
        additional_hostnames: match said.known_names(live, known_names) {
            Some(names) => Attr::Known(flatten_set(&names)),
            None => known_names.known().filter(|names| names.0.is_empty()).cloned().into(),
        },
    })
}

/// `deployment_configuration`; null if nothing is known of it.
pub(super) fn flatten_deployment(live: &DeploymentConfiguration) -> Attr<DeploymentConfigurationModel> {
    if *live == DeploymentConfiguration::default() {
        return Attr::Null;
    }
    let (alarm, breaker) = (&live.alarm, &live.circuit_breaker);
    Attr::Known(DeploymentConfigurationModel {
        strategy: live.strategy.map(|strategy| strategy.as_str().to_owned()).into(),
        bake_time_minutes: flatten_number(live.bake_time_minutes),
        canary_percent: flatten_percent(live.canary_percent),
        canary_bake_time_minutes: flatten_number(live.canary_bake_time_minutes),
        linear_step_percent: flatten_percent(live.linear_step_percent),
        linear_step_bake_time_minutes: flatten_number(live.linear_step_bake_time_minutes),
        maximum_percent: flatten_number(live.maximum_percent),
        minimum_healthy_percent: flatten_number(live.minimum_healthy_percent),
        alarm: Attr::Known(AlarmModel {
            enable: alarm.enable.into(),
            threshold_percent: flatten_percent(alarm.threshold_percent),
            include_4xx: alarm.include_4xx.into(),
        }),
        circuit_breaker: Attr::Known(CircuitBreakerModel {
            enable: breaker.enable.into(),
            rollback: breaker.rollback.into(),
        }),
    })
}

/// `health_check`; null if nothing is known of it.
pub(super) fn flatten_health_check(live: &HealthCheck) -> Attr<HealthCheckModel> {
    if *live == HealthCheck::default() {
        return Attr::Null;
    }
    Attr::Known(HealthCheckModel {
        interval_seconds: flatten_number(live.interval_seconds),
        timeout_seconds: flatten_number(live.timeout_seconds),
        healthy_threshold: flatten_number(live.healthy_threshold),
        unhealthy_threshold: flatten_number(live.unhealthy_threshold),
        matcher: live.matcher.clone().into(),
        grace_period_seconds: flatten_number(live.grace_period_seconds),
    })
}

fn flatten_load_balancer(
    live: &LoadBalancerSettings,
    known: &Attr<LoadBalancerModel>,
    said: &Said,
) -> Attr<LoadBalancerModel> {
    if known.is_null() && (!said.is_import || *live == LoadBalancerSettings::default()) {
        return Attr::Null;
    }
    let null = LoadBalancerModel {
        scheme: Attr::Null,
        subnets: Attr::Null,
        pool: Attr::Null,
        access_logs: Attr::Null,
    };
    let known = known.known().unwrap_or(&null);
    let scheme = live.scheme.map(|scheme| scheme.as_str().to_owned());
    let logs = live.access_logs.as_ref().map(|logs| AccessLogsModel {
        bucket: Attr::Known(logs.bucket.clone()),
        prefix: logs.prefix.clone().into(),
    });
    Attr::Known(LoadBalancerModel {
        scheme: said.or_null(&known.scheme, scheme.into()),
        subnets: said.or_null(&known.subnets, live.subnets.as_ref().map(flatten_set).into()),
        pool: said.or_null(&known.pool, live.pool.clone().into()),
        access_logs: said.or_null(&known.access_logs, logs.into()),
    })
}

/// The user's own sidecars that are there. One that was taken out by hand is missing, so that the next plan brings it
/// back; one that others added does not show, except in an import, where all do.
fn flatten_sidecars(
    live: Option<&BTreeMap<String, Sidecar>>,
    known: &Attr<BTreeMap<String, Attr<SidecarModel>>>,
    said: &Said,
) -> Attr<BTreeMap<String, Attr<SidecarModel>>> {
    if said.is_import {
        let all = live.filter(|live| !live.is_empty());
        let shown =
            |(name, live): (&String, &Sidecar)| (name.clone(), Attr::Known(flatten_whole_sidecar(live)));
        return all.map(|live| live.iter().map(shown).collect()).into();
    }
    let Attr::Known(known) = known else { return Attr::Null };
    let find = |name: &String| live.and_then(|live| live.get(name));
    let shown = known.iter().filter_map(|(name, known)| {
        let live = find(name)?;
        Some((name.clone(), Attr::Known(flatten_sidecar(live, known.known()))))
    });
    Attr::Known(shown.collect())
}

/// What the user wrote of it as long as it holds; members that the user left out do not show.
fn flatten_sidecar(live: &Sidecar, known: Option<&SidecarModel>) -> SidecarModel {
    match known {
        Some(known) if expand_sidecar(known).is_met_by(live) => {
            SidecarModel { essential: Attr::Known(live.essential), ..known.clone() }
        }
        Some(known) => keep_said(&flatten_whole_sidecar(live), known),
        None => flatten_whole_sidecar(live),
    }
}

fn keep_said(live: &SidecarModel, known: &SidecarModel) -> SidecarModel {
    fn said<T: Clone>(live: &Attr<T>, known: &Attr<T>) -> Attr<T> {
        if known.is_null() { Attr::Null } else { live.clone() }
    }
    SidecarModel {
        image: live.image.clone(),
        essential: live.essential.clone(),
        command: said(&live.command, &known.command),
        entry_point: said(&live.entry_point, &known.entry_point),
        environment: only_written(&live.environment, &known.environment),
        secrets: only_written(&live.secrets, &known.secrets),
        cpu: said(&live.cpu, &known.cpu),
        memory_mib: said(&live.memory_mib, &known.memory_mib),
        memory_reservation_mib: said(&live.memory_reservation_mib, &known.memory_reservation_mib),
        port_mappings: said(&live.port_mappings, &known.port_mappings),
        user: said(&live.user, &known.user),
        firelens_configuration: said(&live.firelens_configuration, &known.firelens_configuration),
        log_configuration: said(&live.log_configuration, &known.log_configuration),
        depends_on: only_written(&live.depends_on, &known.depends_on),
        health_check: said(&live.health_check, &known.health_check),
        repository_credentials: said(&live.repository_credentials, &known.repository_credentials),
        stop_timeout_seconds: said(&live.stop_timeout_seconds, &known.stop_timeout_seconds),
    }
}

/// The entries of a live map that the user wrote: what others added stays, and is no difference.
pub(in crate::provider::resources::express_gateway_service) fn only_written(
    live: &Strings,
    known: &Strings,
) -> Strings {
    match (live, known) {
        (_, Attr::Null) => Attr::Null,
        (Attr::Known(live), Attr::Known(known)) => {
            let written = live.iter().filter(|(name, _)| known.contains_key(*name));
            Attr::Known(written.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        (Attr::Null, Attr::Known(known)) if known.is_empty() => Attr::Known(BTreeMap::new()),
        (live, _) => live.clone(),
    }
}

fn flatten_list(list: &[String]) -> Vec<Attr<String>> {
    list.iter().cloned().map(Attr::Known).collect()
}

fn flatten_whole_sidecar(live: &Sidecar) -> SidecarModel {
    let list = |list: Option<&Vec<String>>| list.map(|list| flatten_list(list)).into();
    let map = |map: Option<&BTreeMap<String, String>>| map.map_or(Attr::Null, flatten_filled);
    let ports = live.port_mappings.as_ref().filter(|ports| !ports.is_empty()).map(|ports| {
        let port = |port: &crate::service::PortMapping| {
            Attr::Known(PortMappingModel {
                container_port: Attr::Known(i64::from(port.container_port)),
                protocol: Attr::Known(port.protocol.as_str().to_owned()),
            })
        };
        ports.iter().map(port).collect()
    });
    let firelens = live.firelens_configuration.as_ref().map(|firelens| FirelensConfigurationModel {
        r#type: Attr::Known(firelens.r#type.as_str().to_owned()),
        options: flatten_filled(&firelens.options),
    });
    let credentials = live.credentials_parameter.as_ref().map(|parameter| {
        super::model::SidecarCredentialsModel { credentials_parameter: Attr::Known(parameter.clone()) }
    });
    SidecarModel {
        image: Attr::Known(live.image.clone()),
        essential: Attr::Known(live.essential),
        command: list(live.command.as_ref()),
        entry_point: list(live.entry_point.as_ref()),
        environment: map(live.environment.as_ref()),
        secrets: map(live.secrets.as_ref()),
        // Zero is how ECS says that nothing is reserved.
        cpu: flatten_number(live.cpu.filter(|cpu| *cpu > 0)),
        memory_mib: flatten_number(live.memory_mib),
        memory_reservation_mib: flatten_number(live.memory_reservation_mib),
        port_mappings: ports.into(),
        user: live.user.clone().into(),
        firelens_configuration: firelens.into(),
        log_configuration: flatten_log_configuration(live.log_configuration.as_ref(), &Attr::Unknown),
        depends_on: flatten_depends_on(live.depends_on.as_ref(), &Attr::Unknown),
        health_check: live.health_check.as_ref().map(flatten_check).into(),
        repository_credentials: credentials.into(),
        stop_timeout_seconds: flatten_number(live.stop_timeout_seconds),
    }
}

fn flatten_check(live: &ContainerHealthCheck) -> ContainerHealthCheckModel {
    ContainerHealthCheckModel {
        command: Attr::Known(flatten_list(&live.command)),
        interval_seconds: flatten_number(live.interval_seconds),
        timeout_seconds: flatten_number(live.timeout_seconds),
        retries: flatten_number(live.retries),
        start_period_seconds: flatten_number(live.start_period_seconds),
    }
}
