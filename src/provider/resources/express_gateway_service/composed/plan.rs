//! What a plan makes of the arguments that only the composed engine has.
//!
//! Their defaults are the provider's own, so a plan knows them; only what AWS or the subnets decide stays open.

use super::expand::expand_deployment;
use super::flatten::flatten_settings;
use super::model::{DeploymentConfigurationModel, DomainModel};
use crate::framework::resource::Plan;
use crate::framework::{Attr, Model, Path};
use crate::provider::handle::COMPOSED_ENGINE;
use crate::provider::resources::express_gateway_service::flatten::flatten_scaling;
use crate::provider::resources::express_gateway_service::model::{
    InfrastructureModel, LogsConfigurationModel, PrimaryContainerModel, ServiceModel,
};
use crate::provider::resources::express_gateway_service::removal::{ATTRIBUTES, filled, without_lacking};
use crate::service::{
    DEFAULT_CONTAINER_PORT, DEFAULT_INIT_PROCESS, DEFAULT_STOP_TIMEOUT_SECONDS, DEFAULT_STREAM_PREFIX,
    DeploymentStrategy, Domain, ObjectNames, default_configuration, default_settings,
};

/// The managed engine: what it does not have and nobody set stays out of the state.
pub(in crate::provider::resources::express_gateway_service) fn leave_out(planned: &mut ServiceModel) {
    let left = without_lacking(&ATTRIBUTES, &planned.to_value());
    if let Ok(left) = ServiceModel::from_value(&left, &Path::default()) {
        *planned = left;
    }
}

/// The composed engine: fills in what is already certain, and opens what the change touches. `default_zone` is the
/// zone of the provider's `default_domain`.
pub(in crate::provider::resources::express_gateway_service) fn plan_settings(
    plan: &mut Plan<ServiceModel>,
    default_zone: &Attr<String>,
) {
    let domain = plan_domain(plan, default_zone);
    plan.planned.domain = domain;
    // A task definition without the role can be registered.
    plan.requires_replace.retain(|path| *path != Path::attribute("task_role_arn"));
    plan_pace(plan);
    plan_logs(plan);
    plan_defaults(plan);
    plan_address(plan);
    if let Some(prior) = plan.prior.clone() {
        open_infrastructure(&mut plan.planned, &prior);
    }
}

/// The user's domain, in the zone that the provider block names unless the user names one; without either, none.
fn plan_domain(plan: &Plan<ServiceModel>, default_zone: &Attr<String>) -> Attr<DomainModel> {
    let written = match &plan.config.domain {
        Attr::Unknown => return Attr::Unknown,
        Attr::Null if default_zone.is_null() => return Attr::Null,
        Attr::Null => {
            DomainModel { hostname: Attr::Null, hosted_zone: Attr::Null, additional_hostnames: Attr::Null }
        }
        Attr::Known(domain) => domain.clone(),
    };
    let prior = plan.prior.as_ref().and_then(|prior| prior.domain.known());
    let zone = if written.hosted_zone.is_null() { default_zone } else { &written.hosted_zone };
    let found_hostname = prior.filter(|prior| prior.hosted_zone == *zone).map(|prior| &prior.hostname);
    let hostname = match (&written.hostname, made_hostname(&plan.planned.service_name, zone)) {
        (Attr::Null, Attr::Unknown) => found_hostname.cloned().unwrap_or(Attr::Unknown),
        (Attr::Null, made) => made,
        (written, _) => written.clone(),
    };
    let found_zone = prior.filter(|prior| prior.hostname == hostname).map(|prior| &prior.hosted_zone);
    let hosted_zone =
        if zone.is_null() { found_zone.cloned().unwrap_or(Attr::Unknown) } else { zone.clone() };
    Attr::Known(DomainModel { hostname, hosted_zone, additional_hostnames: written.additional_hostnames })
}

/// `<service_name>.<zone>`, if both are known and the zone is given by name.
fn made_hostname(service_name: &Attr<String>, zone: &Attr<String>) -> Attr<String> {
    let domain = Domain { hosted_zone: zone.cloned(), ..Domain::default() };
    match (service_name.known(), domain.zone_name()) {
        (Some(service_name), Some(zone_name)) => {
            Attr::Known(domain.hostname_in_zone(service_name, &zone_name))
        }
        _ => Attr::Unknown,
    }
}

fn strategy_of(model: &ServiceModel) -> Option<DeploymentStrategy> {
    model.deployment_configuration.known().and_then(|deployment| expand_deployment(deployment).strategy)
}

/// A strategy that changes drops the pace of the one before; its own is filled in with the defaults.
fn plan_pace(plan: &mut Plan<ServiceModel>) {
    let written = plan.config.deployment_configuration.known();
    let is_new = plan.prior.as_ref().and_then(strategy_of) != strategy_of(&plan.planned);
    let (Attr::Known(planned), true) = (&mut plan.planned.deployment_configuration, is_new) else { return };
    macro_rules! reopen {
        ($($member:ident),+) => {
            $(if written.is_none_or(|written| written.$member.is_null()) {
                planned.$member = Attr::Unknown;
            })+
        };
    }
    reopen!(
        bake_time_minutes,
        canary_percent,
        canary_bake_time_minutes,
        linear_step_percent,
        linear_step_bake_time_minutes,
        maximum_percent,
        minimum_healthy_percent
    );
}

/// The defaults in place of what the configuration leaves out and nothing else has decided.
fn plan_defaults(plan: &mut Plan<ServiceModel>) {
    let default = defaults(plan);
    let planned = filled(
        &ATTRIBUTES,
        &plan.config.to_value(),
        &plan.planned.to_value(),
        &default.to_value(),
        COMPOSED_ENGINE,
    );
    if let Ok(planned) = ServiceModel::from_value(&planned, &Path::default()) {
        plan.planned = planned;
    }
}

/// What the engine chooses where nothing is said, as far as a plan can know it.
fn defaults(plan: &Plan<ServiceModel>) -> ServiceModel {
    let Plan { config, planned, .. } = plan;
    let strategy = strategy_of(planned).unwrap_or(DeploymentStrategy::Canary);
    let configuration = default_configuration();
    let empty = ServiceModel::empty();
    let settings = flatten_settings(empty.clone(), &default_settings(strategy), &empty);
    let text = |text: &Option<String>| text.clone().into();
    let mut default = ServiceModel {
        cpu: text(&configuration.cpu),
        memory: text(&configuration.memory),
        cpu_architecture: text(&configuration.cpu_architecture),
        health_check_path: text(&configuration.health_check_path),
        scaling_target: flatten_scaling(&configuration.scaling_target),
        primary_container: Attr::Known(default_container(plan)),
        // These follow from more than the configuration.
        domain: Attr::Unknown,
        assign_public_ip: Attr::Unknown,
        ..settings
    };
    let is_strategy_open = |deployment: &DeploymentConfigurationModel| deployment.strategy.is_unknown();
    if config.deployment_configuration.is_unknown()
        || config.deployment_configuration.known().is_some_and(is_strategy_open)
    {
        default.deployment_configuration = Attr::Unknown;
    }
    match &planned.primary_container {
        Attr::Known(_) => {}
        // A task definition of the user's own says it.
        Attr::Null => default.ephemeral_storage_gib = Attr::Null,
        Attr::Unknown => default.ephemeral_storage_gib = Attr::Unknown,
    }
    if planned.primary_container.known().is_none() {
        default.cpu = Attr::Unknown;
        default.memory = Attr::Unknown;
        default.cpu_architecture = Attr::Unknown;
    }
    default
}

fn default_container(plan: &Plan<ServiceModel>) -> PrimaryContainerModel {
    let arn = plan.planned.service_arn.known().and_then(|arn| arn.parse().ok());
    let has_own_log =
        plan.planned.primary_container.known().is_some_and(|main| !main.log_configuration.is_null());
    let log_group = arn.map_or(Attr::Unknown, |arn| Attr::Known(ObjectNames::new(arn).log_group()));
    PrimaryContainerModel {
        container_port: Attr::Known(i64::from(DEFAULT_CONTAINER_PORT)),
        // Another log driver that is not known yet may take its place.
        aws_logs_configuration: if has_own_log {
            Attr::Unknown
        } else {
            Attr::Known(LogsConfigurationModel {
                log_group,
                log_stream_prefix: Attr::Known(DEFAULT_STREAM_PREFIX.to_owned()),
            })
        },
        stop_timeout_seconds: Attr::Known(i64::from(DEFAULT_STOP_TIMEOUT_SECONDS)),
        init_process: Attr::Known(DEFAULT_INIT_PROCESS),
        readonly_root_filesystem: Attr::Known(false),
        ..PrimaryContainerModel::empty()
    }
}

/// Another log driver takes the place of `aws_logs_configuration`; without it, that one comes back.
fn plan_logs(plan: &mut Plan<ServiceModel>) {
    let written = plan.config.primary_container.known();
    let is_open = written.is_some_and(|container| container.aws_logs_configuration.is_null());
    let (Attr::Known(container), true) = (&mut plan.planned.primary_container, is_open) else { return };
    let is_replaced = container.log_configuration.known().is_some();
    let may_be_replaced = container.log_configuration.is_unknown();
    let was_replaced = plan
        .prior
        .as_ref()
        .and_then(|prior| prior.primary_container.known())
        .is_some_and(|container| !container.log_configuration.is_null());
    if is_replaced {
        container.aws_logs_configuration = Attr::Null;
    } else if was_replaced || may_be_replaced {
        container.aws_logs_configuration = Attr::Unknown;
    }
}

/// On a domain, the address is known as soon as the host name is.
fn plan_address(plan: &mut Plan<ServiceModel>) {
    let prior = plan.prior.as_ref().map(|prior| &prior.domain);
    if prior == Some(&plan.planned.domain) {
        return;
    }
    let hostname = plan.planned.domain.known().map_or(&Attr::Unknown, |domain| &domain.hostname).clone();
    plan.planned.url =
        hostname.known().map(|hostname| format!("https://{hostname}")).map_or(Attr::Unknown, Attr::Known);
    plan.planned.hostname = hostname;
}

/// What an update of these settings makes anew is not known before. A setting that is not known yet may be another one.
fn open_infrastructure(planned: &mut ServiceModel, prior: &ServiceModel) {
    let alarm = has_alarm(planned);
    let Attr::Known(infrastructure) = &mut planned.infrastructure else { return };
    if (&prior.domain, &prior.certificate_arn) != (&planned.domain, &planned.certificate_arn) {
        infrastructure.certificate_arn = Attr::Unknown;
        infrastructure.listener_rule_arn = Attr::Unknown;
    }
    if prior.domain.is_null() != planned.domain.is_null()
        || planned.domain.is_unknown()
        || prior.load_balancer != planned.load_balancer
        || prior.web_acl_arn != planned.web_acl_arn
    {
        open_load_balancer(infrastructure);
    }
    if alarm != has_alarm(prior) {
        infrastructure.metric_alarm_arns = Attr::Unknown;
    }
}

/// Whether there is a rollback alarm, as far as a model says.
fn has_alarm(model: &ServiceModel) -> Attr<bool> {
    let alarm = match &model.deployment_configuration {
        Attr::Known(deployment) => &deployment.alarm,
        Attr::Null => return Attr::Null,
        Attr::Unknown => return Attr::Unknown,
    };
    match alarm {
        Attr::Known(alarm) => alarm.enable.clone(),
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
    }
}

/// A service on another load balancer has other target groups, and what refers to them.
pub(super) fn open_load_balancer(infrastructure: &mut InfrastructureModel) {
    infrastructure.load_balancer_arn = Attr::Unknown;
    infrastructure.load_balancer_dns_name = Attr::Unknown;
    infrastructure.load_balancer_zone_id = Attr::Unknown;
    infrastructure.load_balancer_scheme = Attr::Unknown;
    infrastructure.load_balancer_security_group_ids = Attr::Unknown;
    infrastructure.listener_arn = Attr::Unknown;
    infrastructure.listener_rule_arn = Attr::Unknown;
    infrastructure.target_group_arns = Attr::Unknown;
    infrastructure.certificate_arn = Attr::Unknown;
    infrastructure.scaling_policy_arns = Attr::Unknown;
    infrastructure.metric_alarm_arns = Attr::Unknown;
}

#[cfg(test)]
mod tests;
