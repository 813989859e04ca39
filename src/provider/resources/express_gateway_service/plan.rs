//! The plan beyond what the schema says: what a change really changes, and what it costs.

use super::composed;
use super::expand::expand_configuration;
use super::model::{DeploymentModel, PrimaryContainerModel, ServiceModel};
use super::removal::{self, Paths};
use super::schema::IMAGE_FROM_LIVE;
use super::tags::TagPolicy;
use super::{scaling, validate};
use crate::framework::resource::Plan;
use crate::framework::schema::Removal;
use crate::framework::{Attr, Diagnostic, Diagnostics, Model, Path};
use crate::service::{
    Configuration, ConfigurationChange, ScalingTarget, ServiceStatus, configuration_change,
};

/// `engine`: the provider assembles the infrastructure itself.
pub(super) const COMPOSED: &str = "composed";

/// What the provider block says for every service.
pub(super) struct ProviderDefaults<'a> {
    /// Engine of services that name none.
    pub(super) engine: String,
    /// Zone of services that name no domain.
    pub(super) hosted_zone: Attr<String>,
    /// What it says about tags.
    pub(super) tags: &'a TagPolicy,
}

/// Decides the engine, and plans as on create what the configuration no longer says and the engine has a default for.
/// Returns what the configuration no longer says. This comes before everything else, because the rest follows from it.
pub(super) fn begin(plan: &mut Plan<ServiceModel>, defaults: &ProviderDefaults<'_>) -> Paths {
    if plan.config.engine.is_null() && plan.prior.is_none() {
        plan.planned.engine = Attr::Known(defaults.engine.clone());
    }
    let Some(engine) = plan.planned.engine.cloned().filter(|_| plan.prior.is_some()) else {
        return Paths::new();
    };
    let removed = removal::removed(&plan.config, &plan.private, &engine);
    if engine == COMPOSED {
        let reopened = removal::with_removal(&removed, COMPOSED, Removal::Default);
        removal::reopen(plan, &reopened);
    }
    removed
}

/// Adjusts the plan of a create or an update.
pub(super) fn plan(plan: &mut Plan<ServiceModel>, defaults: &ProviderDefaults<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    match plan.planned.engine.known().map(String::as_str) {
        Some(COMPOSED) => {
            diagnostics.extend(check_zone_is_said(plan, &defaults.hosted_zone));
            composed::plan_settings(plan, &defaults.hosted_zone);
            diagnostics.extend(composed::check(&plan.planned));
            diagnostics.extend(composed::check_change_of_hosts(plan));
        }
        Some(_) => {
            composed::leave_out(&mut plan.planned);
            diagnostics.extend(composed::refuse(&plan.config));
        }
        None => {}
    }
    scaling::plan_target_value(plan);
    diagnostics.extend(scaling::check_planned_target_value(plan));
    if plan.planned.primary_container.known().is_some() {
        diagnostics.extend(validate::check_size(&plan.planned));
    }
    plan.planned.tags_all = defaults.tags.plan_all(&plan.planned.tags);
    diagnostics.extend(super::tags::check_tags(&plan.planned));
    if let Some(prior) = plan.prior.clone() {
        keep_live_image(&mut plan.planned, &prior);
        diagnostics.extend(plan_update(plan, &prior));
    }
    if let Some(prior) = &plan.prior {
        narrow_deployment(&mut plan.planned, prior);
    }
    diagnostics.extend(plan.planned.scaling_target.known().and_then(validate::check_scaling));
    diagnostics.extend(warn_about_scale_to_zero(plan));
    diagnostics
}

/// How an apply that waits ends is known, unless it fails: its deployment, or the one that stays, has succeeded.
fn narrow_deployment(planned: &mut ServiceModel, prior: &ServiceModel) {
    let Attr::Known(DeploymentModel { status, .. }) = &prior.deployment else { return };
    if !planned.deployment.is_unknown() {
        return;
    }
    let is_told = planned.wait_for_steady_state.known() == Some(&true)
        && status.known().is_some_and(|status| status == "SUCCESSFUL");
    let status = if is_told { status.clone() } else { Attr::Unknown };
    planned.deployment = Attr::Known(DeploymentModel { arn: Attr::Unknown, status });
}

/// A domain needs a host name or a zone; the engine finds the other.
fn check_zone_is_said(plan: &Plan<ServiceModel>, default_zone: &Attr<String>) -> Option<Diagnostic> {
    let domain = plan.config.domain.known()?;
    let is_missing = domain.hosted_zone.is_null() && domain.hostname.is_null() && default_zone.is_null();
    is_missing.then(|| {
        Diagnostic::error(
            "The domain is not said",
            "`domain` names neither a host name nor a hosted zone, and the provider block has no `default_domain`.",
        )
        .at(Path::attribute("domain"))
        .hint("set `domain.hostname`, `domain.hosted_zone` or both")
    })
}

/// With `image_source = "live"` the running image, which a refresh has just read, stays. Core allows a plan to hold
/// the value of the state in place of the configured one.
fn keep_live_image(planned: &mut ServiceModel, prior: &ServiceModel) {
    let is_live = planned.image_source.known().is_some_and(|source| source == IMAGE_FROM_LIVE);
    if let (true, Attr::Known(planned), Attr::Known(prior)) =
        (is_live, &mut planned.primary_container, &prior.primary_container)
    {
        planned.image = prior.image.clone();
    }
}

fn plan_update(plan: &mut Plan<ServiceModel>, prior: &ServiceModel) -> Option<Diagnostic> {
    if prior.status.known().is_some_and(|status| status == ServiceStatus::Draining.as_str()) {
        plan.planned.status = Attr::Unknown;
        plan.requires_replace.push(Path::attribute("status"));
        return Some(Diagnostic::warning(
            "The service is being deleted",
            "A deletion that began earlier has not ended. This apply waits for its end, then makes a new service \
             with a new URL.",
        ));
    }
    if !plan.requires_replace.is_empty() {
        // The composed engine has said why, and on a domain the URL stays.
        let keeps_url = plan.planned.engine.known().is_some_and(|engine| engine == COMPOSED)
            && plan.planned.url == prior.url;
        return (!keeps_url).then(|| warn_about_replacement(prior, &plan.requires_replace));
    }
    let planned = &mut plan.planned;
    if has_unknown_input(planned) {
        return None;
    }
    let desired = expand_configuration(planned);
    let live = expand_configuration(prior);
    if desired.composed != live.composed {
        // Which part of the composition these settings touch is the engine's to find out.
        return None;
    }
    match configuration_change(&desired, &live) {
        None => keep_rollout(planned, prior),
        Some(change) => narrow(planned, prior, &change, &live),
    }
    None
}

fn warn_about_replacement(prior: &ServiceModel, paths: &[Path]) -> Diagnostic {
    let url = prior.url.known().map_or("its present URL", String::as_str);
    let paths: Vec<_> = paths.iter().map(|path| format!("`{path}`")).collect();
    Diagnostic::warning(
        "The public URL will change",
        format!(
            "ECS offers no way to change {} of an existing service, so the service is replaced: {url} goes away and \
             the new service gets a host name of its own.",
            paths.join(", ")
        ),
    )
    .hint("callbacks, DNS records and allow lists that name the old host must follow")
}

/// Whether an input is not known yet, so that what the update changes is not known either.
fn has_unknown_input(planned: &ServiceModel) -> bool {
    let texts = [
        &planned.execution_role_arn,
        &planned.task_role_arn,
        &planned.cpu,
        &planned.memory,
        &planned.cpu_architecture,
        &planned.health_check_path,
    ];
    let nested = [
        planned.primary_container.to_value(),
        planned.network_configuration.to_value(),
        planned.scaling_target.to_value(),
        planned.deployment_configuration.to_value(),
        planned.health_check.to_value(),
        planned.domain.to_value(),
        planned.load_balancer.to_value(),
        planned.sidecars.to_value(),
    ];
    let is_definition_unknown =
        planned.primary_container.is_null() && planned.task_definition_arn.is_unknown();
    is_definition_unknown
        || texts.into_iter().any(Attr::is_unknown)
        || nested.iter().any(|value| !value.is_wholly_known())
}

/// Only tags, timeouts or the wait flag change: nothing that a rollout brings does.
fn keep_rollout(planned: &mut ServiceModel, prior: &ServiceModel) {
    planned.service_revision_arn = prior.service_revision_arn.clone();
    planned.deployment = prior.deployment.clone();
    keep_task_definition(planned, prior);
}

fn keep_task_definition(planned: &mut ServiceModel, prior: &ServiceModel) {
    if planned.task_definition_arn.is_unknown() {
        planned.task_definition_arn = prior.task_definition_arn.clone();
    }
}

/// A change of the service: what it cannot change stays known, what only this change touches becomes unknown.
fn narrow(
    planned: &mut ServiceModel,
    prior: &ServiceModel,
    change: &ConfigurationChange,
    live: &Configuration,
) {
    let change = &change.members;
    let changes_task = Configuration {
        health_check_path: None,
        subnets: None,
        security_groups: None,
        scaling_target: ScalingTarget::default(),
        ..change.clone()
    } != Configuration::default();
    if !changes_task {
        keep_task_definition(planned, prior);
    }
    let brings_definition = change.task_definition_arn.is_some();
    if brings_definition {
        planned.cpu = Attr::Unknown;
        planned.memory = Attr::Unknown;
        planned.cpu_architecture = Attr::Unknown;
    }
    let Attr::Known(infrastructure) = &mut planned.infrastructure else { return };
    let log_group = |container: Option<&PrimaryContainerModel>| {
        container
            .and_then(|container| container.aws_logs_configuration.known())
            .map(|logs| logs.log_group.clone())
    };
    let moves_log =
        log_group(planned.primary_container.known()) != log_group(prior.primary_container.known());
    if brings_definition || moves_log {
        infrastructure.log_group_name = Attr::Unknown;
        infrastructure.log_group_arn = Attr::Unknown;
    }
    let metric = &change.scaling_target.auto_scaling_metric;
    if metric.is_some() && *metric != live.scaling_target.auto_scaling_metric {
        infrastructure.scaling_policy_arns = Attr::Unknown;
    }
}

/// Zero tasks answer nothing, and nothing that Express scales by wakes them (pain A2-7).
fn warn_about_scale_to_zero(plan: &Plan<ServiceModel>) -> Option<Diagnostic> {
    let minimum = |model: &ServiceModel| {
        model.scaling_target.known().and_then(|scaling| scaling.min_task_count.cloned())
    };
    let maximum = |model: &ServiceModel| {
        model.scaling_target.known().and_then(|scaling| scaling.max_task_count.cloned())
    };
    let path = Path::attribute("scaling_target");
    let was_parked = plan.prior.as_ref().is_some_and(|prior| maximum(prior) == Some(0));
    if maximum(&plan.planned) == Some(0) {
        let detail = "With `min_task_count` and `max_task_count` at 0 no task runs: the URL answers 503 until both are raised, \
                      and a deployment starts nothing. Load balancer and certificate stay, and cost what they did.";
        return (!was_parked).then(|| {
            Diagnostic::warning("The service is parked: no task will run", detail)
                .at(path.then("max_task_count"))
        });
    }
    let was_zero = plan.prior.as_ref().is_some_and(|prior| minimum(prior) == Some(0)) && !was_parked;
    (minimum(&plan.planned) == Some(0) && !was_zero).then(|| {
        Diagnostic::warning(
            "The service may scale to zero and stay there",
            "With no task running, no metric that Express Mode scales by rises, so nothing starts a task again: the \
             URL answers 503 until `min_task_count` is raised.",
        )
        .at(path.then("min_task_count"))
    })
}
