//! The plan beyond what the schema says: what a change really changes, and what it costs.

use super::composed;
use super::expand::expand_configuration;
use super::known::is_composed;
use super::model::{DeploymentModel, PrimaryContainerModel, ServiceModel};
use super::removal::{self, Paths};
use super::schema::{IMAGE_FROM_LIVE, schema};
use super::tags::TagPolicy;
use super::{scaling, validate};
use crate::framework::resource::Plan;
use crate::framework::schema::{Mode, Removal, WhenUnset};
use crate::framework::{Attr, Diagnostic, Diagnostics, Model, Path, Value};
use crate::service::{
    Configuration, ConfigurationChange, DeploymentStatus, ScalingTarget, ServiceStatus, configuration_change,
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
            composed::open_absent(plan);
            composed::plan_settings(plan, &defaults.hosted_zone);
            diagnostics.extend(composed::check(&plan.planned));
            diagnostics.extend(composed::check_change_of_hosts(plan));
            diagnostics.extend(composed::check_retention(&plan.config, plan.prior.as_ref()));
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
        diagnostics.extend(check_image_source(plan, &prior));
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

/// A service that was read while AWS was still making it lacks parts that the apply waits for.
pub(super) fn open_unfinished(planned: &mut ServiceModel, prior: &ServiceModel) {
    let status = prior.deployment.known().and_then(|deployment| deployment.status.known());
    if planned == prior || status.is_some_and(|status| status == "SUCCESSFUL") {
        return;
    }
    let is_under_way = status.is_some_and(|status| !DeploymentStatus::from(status.as_str()).is_final());
    if let (Attr::Known(deployment), true) = (&mut planned.deployment, is_under_way) {
        deployment.status = Attr::Unknown;
    }
    let has_certificate = !is_composed(planned) || !planned.domain.is_null();
    let Value::Object(members) = planned.infrastructure.to_value() else { return };
    let opened = members.into_iter().map(|(name, value)| {
        let is_absent = value.is_null() || value == Value::List(Vec::new());
        let is_plain = name == "certificate_arn" && !has_certificate;
        let is_result = is_absent && name != "to_repair" && !is_plain;
        (name, if is_result { Value::unknown() } else { value })
    });
    if let Ok(opened) = Attr::from_value(&Value::Object(opened.collect()), &Path::default()) {
        planned.infrastructure = opened;
    }
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

/// Which image the apply brings cannot be left open, since the configuration names it: while it is not known who decides,
/// only an image that runs already can be planned.
fn check_image_source(plan: &Plan<ServiceModel>, prior: &ServiceModel) -> Option<Diagnostic> {
    let image =
        |model: &ServiceModel| model.primary_container.known().map(|container| container.image.clone());
    let is_open = plan.config.image_source.is_unknown() && image(&plan.config) != image(prior);
    is_open.then(|| {
        Diagnostic::error(
            "`image_source` must be known when the image changes",
            "The configuration names another image than the running one, and whether it is to be deployed follows from \
             `image_source`, which is known only after apply.",
        )
        .at(Path::attribute("image_source"))
        .hint("write `config` or `live`, or take the value from a variable")
    })
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
        let new = new_address(&plan.planned);
        let keeps_url = matches!(&new, Address::Url(url) if prior.url.known() == Some(url))
            || is_composed(&plan.planned) && plan.planned.url == prior.url;
        return (!keeps_url).then(|| warn_about_replacement(prior, &plan.requires_replace, &new));
    }
    open_results(plan, prior);
    if has_unknown_input(plan) {
        return None;
    }
    let planned = &mut plan.planned;
    let mut desired = expand_configuration(planned);
    let live = expand_configuration(prior);
    if desired.composed.may_start_deployment(&live.composed) {
        // Which part of the composition these settings touch is the engine's to find out.
        open_rollout(&plan.config, planned);
        return None;
    }
    desired.composed = live.composed.clone();
    // Express Mode starts a deployment for its scaling (facts, express in the wild W7).
    let deploys = |change: &ConfigurationChange| !is_composed(planned) || change.needs_deployment();
    match configuration_change(&desired, &live).filter(deploys) {
        None => keep_rollout(planned, prior),
        Some(change) => narrow(planned, prior, &change),
    }
    None
}

/// Where a new service will answer.
#[derive(Debug, PartialEq, Eq)]
enum Address {
    /// Here.
    Url(String),
    /// Under its domain, of which the host name is not known yet.
    Domain,
    /// Under its load balancer's name.
    LoadBalancer,
    /// Under a host name that ECS makes.
    Made,
}

fn new_address(planned: &ServiceModel) -> Address {
    if !is_composed(planned) {
        return Address::Made;
    }
    match &planned.domain {
        Attr::Null => Address::LoadBalancer,
        Attr::Unknown => Address::Domain,
        Attr::Known(domain) => {
            domain.hostname.known().map_or(Address::Domain, |host| Address::Url(format!("https://{host}")))
        }
    }
}

fn warn_about_replacement(prior: &ServiceModel, paths: &[Path], new: &Address) -> Diagnostic {
    let url = prior.url.known().map_or("its present URL", String::as_str);
    let new = match new {
        Address::Url(new) => format!("the new service answers at {new}"),
        Address::Domain => "the new service answers under its domain".to_owned(),
        Address::LoadBalancer => {
            "the new service answers under its load balancer's name, over plain HTTP".to_owned()
        }
        Address::Made => "the new service gets a host name of its own".to_owned(),
    };
    let paths: Vec<_> = paths.iter().map(|path| format!("`{path}`")).collect();
    Diagnostic::warning(
        "The public URL will change",
        format!(
            "ECS offers no way to change {} of an existing service, so the service is replaced: {url} goes away and \
             {new}.",
            paths.join(", ")
        ),
    )
    .hint("callbacks, DNS records and allow lists that name the old host must follow")
}

/// Arguments that no rollout brings. Everything else does, also what is added to the schema tomorrow.
const BRINGS_NO_ROLLOUT: [&str; 4] = ["tags", "timeouts", "wait_for_steady_state", "delete_logs_on_destroy"];

/// Whether an input is not known yet, so that what the update changes is not known either.
fn has_unknown_input(plan: &Plan<ServiceModel>) -> bool {
    let (config, planned) = (plan.config.to_value(), plan.planned.to_value());
    let is_open = |model: &Value, name| model.member(name).is_some_and(|value| !value.is_wholly_known());
    let is_input = |mode, name| mode != Mode::Computed && !BRINGS_NO_ROLLOUT.contains(&name);
    schema().attributes.iter().filter(|it| is_input(it.mode, it.name)).any(|it| {
        // What is left out and opens with every update is a result.
        let is_result = it.when_unset == WhenUnset::Unknown && it.mode == Mode::OptionalComputed;
        is_open(&config, it.name) || !is_result && is_open(&planned, it.name)
    })
}

/// Opens what follows from arguments that change, or that may: a value which is not known yet counts as another one.
fn open_results(plan: &mut Plan<ServiceModel>, prior: &ServiceModel) {
    let Plan { config, planned, .. } = plan;
    let brings_definition = brings_definition(config, planned, prior);
    if brings_definition {
        planned.cpu = Attr::Unknown;
        planned.memory = Attr::Unknown;
        planned.cpu_architecture = Attr::Unknown;
    }
    open_lost_sizes(config, planned, prior);
    let moves_log = log_group(&planned.primary_container) != log_group(&prior.primary_container);
    let metric = |model: &ServiceModel| match &model.scaling_target {
        Attr::Known(scaling) => scaling.auto_scaling_metric.clone(),
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
    };
    let has_other_metric = !metric(planned).is_null() && metric(planned) != metric(prior);
    let Attr::Known(infrastructure) = &mut planned.infrastructure else { return };
    if brings_definition || moves_log {
        infrastructure.log_group_name = Attr::Unknown;
        infrastructure.log_group_arn = Attr::Unknown;
    }
    if has_other_metric {
        infrastructure.scaling_policy_arns = Attr::Unknown;
    }
}

/// A container that takes the place of a task definition of the user's own has sizes that the other did not show.
fn open_lost_sizes(config: &ServiceModel, planned: &mut ServiceModel, prior: &ServiceModel) {
    fn open<T>(config: &Attr<T>, planned: &mut Attr<T>) {
        if config.is_null() && planned.is_null() {
            *planned = Attr::Unknown;
        }
    }
    if !prior.primary_container.is_null() || planned.primary_container.is_null() {
        return;
    }
    open(&config.cpu, &mut planned.cpu);
    open(&config.memory, &mut planned.memory);
    open(&config.cpu_architecture, &mut planned.cpu_architecture);
    if planned.engine.known().is_some_and(|engine| engine == COMPOSED) {
        open(&config.ephemeral_storage_gib, &mut planned.ephemeral_storage_gib);
    }
}

/// Whether another task definition of the user's own takes the place of what runs, with its sizes and its log.
fn brings_definition(config: &ServiceModel, planned: &ServiceModel, prior: &ServiceModel) -> bool {
    if !planned.primary_container.is_null() || config.task_definition_arn.is_null() {
        return false;
    }
    let is_own = prior.primary_container.is_null();
    !is_own || config.task_definition_arn != prior.task_definition_arn
}

fn log_group(container: &Attr<PrimaryContainerModel>) -> Attr<String> {
    match container {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        Attr::Known(container) => match &container.aws_logs_configuration {
            Attr::Null => Attr::Null,
            Attr::Unknown => Attr::Unknown,
            Attr::Known(logs) => logs.log_group.clone(),
        },
    }
}

/// What a rollout brings. The schema alone does not see a change that follows from what is left out.
fn open_rollout(config: &ServiceModel, planned: &mut ServiceModel) {
    planned.service_revision_arn = Attr::Unknown;
    planned.deployment = Attr::Unknown;
    if config.task_definition_arn.is_null() {
        planned.task_definition_arn = Attr::Unknown;
    }
}

/// Nothing that starts a deployment changes.
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

/// A change of the service: what it cannot change stays known.
fn narrow(planned: &mut ServiceModel, prior: &ServiceModel, change: &ConfigurationChange) {
    let changes_task = Configuration {
        health_check_path: None,
        subnets: None,
        security_groups: None,
        scaling_target: ScalingTarget::default(),
        ..change.members.clone()
    } != Configuration::default();
    if !changes_task {
        keep_task_definition(planned, prior);
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

#[cfg(test)]
mod tests {
    use super::super::composed::DomainModel;
    use super::*;

    fn composed(domain: Attr<DomainModel>) -> ServiceModel {
        ServiceModel { engine: Attr::Known(COMPOSED.to_owned()), domain, ..ServiceModel::empty() }
    }

    #[test]
    fn a_replacement_says_where_the_new_service_answers() {
        let prior =
            ServiceModel { url: Attr::Known("https://ab-1.on.aws".to_owned()), ..ServiceModel::empty() };
        let told = |planned: &ServiceModel| {
            warn_about_replacement(&prior, &[Path::attribute("engine")], &new_address(planned)).detail
        };
        assert!(told(&composed(Attr::Null)).ends_with("its load balancer's name, over plain HTTP."));
        assert!(told(&composed(Attr::Unknown)).ends_with("answers under its domain."));
        let named = DomainModel {
            hostname: Attr::Known("api.example.com".to_owned()),
            hosted_zone: Attr::Null,
            additional_hostnames: Attr::Null,
        };
        assert!(told(&composed(Attr::Known(named))).ends_with(
            "https://ab-1.on.aws goes away and the new service answers at https://api.example.com."
        ));
        assert!(told(&ServiceModel::empty()).ends_with("a host name of its own."));
    }
}
