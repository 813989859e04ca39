//! From the domain to the model.
//!
//! What the user wrote keeps the user's spelling; what AWS adds goes to computed attributes. The fix-ups that this
//! needs are here, once, for create, read, update and import.

use std::collections::{BTreeMap, BTreeSet};

use super::composed::{
    flatten_container_health_check, flatten_depends_on, flatten_log_configuration, flatten_settings,
    only_written,
};
use super::expand::expand_tags;
use super::import::is_import;
use super::infrastructure::flatten_infrastructure;
use super::model::{
    DeploymentModel, LogsConfigurationModel, NetworkConfigurationModel, PrimaryContainerModel,
    RepositoryCredentialsModel, ScalingTargetModel, ServiceModel,
};
use super::plan::COMPOSED;
use super::tags::TagPolicy;
use crate::framework::model::SetOf;
use crate::framework::{Attr, Model, Path, Value};
use crate::service::{
    Configuration, Deployment, ObservedService, PrimaryContainer, ScalingTarget, cluster_name,
    with_references,
};

/// The state of an observed service. `known` is the plan or the state before: it decides spellings, and which of two
/// equal forms (null or empty, name or ARN) the state keeps.
pub(crate) fn flatten(observed: &ObservedService, known: &ServiceModel, tags: &TagPolicy) -> ServiceModel {
    let configuration = &observed.configuration;
    let is_own_task_definition = uses_own_task_definition(observed, known);
    let unless_own =
        |value: Option<&String>| if is_own_task_definition { Attr::Null } else { value.cloned().into() };
    let primary = observed.ingress_paths.first();
    let is_composed = known.engine.known().is_some_and(|engine| engine == COMPOSED);
    let is_import = known.infrastructure_role_arn.is_null();
    let (tags, tags_all) = tags.flatten(&observed.tags, &known.tags);
    let model = ServiceModel {
        engine: Attr::Known(known.engine.cloned().unwrap_or_else(|| "managed".to_owned())),
        service_name: Attr::Known(observed.arn.name().to_owned()),
        cluster: Attr::Known(flatten_cluster(observed, &known.cluster)),
        infrastructure_role_arn: match &observed.infrastructure_role_arn {
            Some(role_arn) => Attr::Known(role_arn.clone()),
            None => known.infrastructure_role_arn.clone(),
        },
        execution_role_arn: unless_own(configuration.execution_role_arn.as_ref()),
        task_role_arn: unless_own(configuration.task_role_arn.as_ref()),
        primary_container: match &configuration.primary_container {
            Some(container) if !is_own_task_definition => {
                let known = known.primary_container.known();
                let written = known.map(|known| expand_tags(&known.environment)).unwrap_or_default();
                let container = flatten_container(&with_references(container, &written, primary), known);
                // ECS Express replaces the container as a whole; the composed engine lets variables of others be.
                let is_shared = is_composed && !is_import;
                Attr::Known(if is_shared { keep_written(container, known) } else { container })
            }
            _ => Attr::Null,
        },
        image_source: Attr::Known(known.image_source.cloned().unwrap_or_else(|| "config".to_owned())),
        task_definition_arn: observed.task_definition_arn.clone().into(),
        cpu: configuration.cpu.clone().into(),
        memory: configuration.memory.clone().into(),
        cpu_architecture: configuration.cpu_architecture.clone().into(),
        health_check_path: configuration.health_check_path.clone().into(),
        network_configuration: flatten_network(configuration, known.network_configuration.known()),
        scaling_target: flatten_scaling(&configuration.scaling_target),
        tags,
        tags_all,
        wait_for_steady_state: Attr::Known(known.wait_for_steady_state.cloned().unwrap_or(true)),
        delete_logs_on_destroy: known.delete_logs_on_destroy.clone(),
        timeouts: known.timeouts.clone(),
        url: primary.map(crate::service::IngressPath::url).into(),
        hostname: primary.map(|path| path.hostname.clone()).into(),
        service_arn: Attr::Known(observed.arn.to_string()),
        cluster_arn: Attr::Known(observed.arn.cluster_arn()),
        service_revision_arn: observed.revision_arn.clone().into(),
        status: Attr::Known(observed.status.as_str().to_owned()),
        deployment: match &observed.deployment {
            Some(deployment) => Attr::Known(flatten_deployment(deployment)),
            None => unlisted(&known.deployment),
        },
        infrastructure: Attr::Known(flatten_infrastructure(observed, &known.infrastructure)),
        ..ServiceModel::empty()
    };
    let model = flatten_settings(model, &configuration.composed, known);
    if is_own_task_definition { without_task_settings(model, known) } else { model }
}

/// What is known of a service after an update that failed: what the plan says, and what it was to take away as far as it
/// may still be there. So the next plan sees that it is.
pub(super) fn with_prior(planned: &ServiceModel, prior: &ServiceModel) -> ServiceModel {
    let both = with_prior_value(&planned.to_value(), &prior.to_value());
    ServiceModel::from_value(&both, &Path::default()).unwrap_or_else(|_| planned.clone())
}

fn with_prior_value(planned: &Value, prior: &Value) -> Value {
    match (planned, prior) {
        (Value::Null, prior) => prior.clone(),
        (Value::Object(members), Value::Object(_)) => {
            let both = members.iter().map(|(name, planned)| {
                (name.clone(), with_prior_value(planned, prior.member(name).unwrap_or(&Value::Null)))
            });
            Value::Object(both.collect())
        }
        (Value::Map(planned), Value::Map(prior)) => {
            let mut both = prior.clone();
            for (key, planned) in planned {
                let prior = prior.get(key).unwrap_or(&Value::Null);
                both.insert(key.clone(), with_prior_value(planned, prior));
            }
            Value::Map(both)
        }
        (Value::Set(planned), Value::Set(prior)) => {
            Value::set(planned.iter().chain(prior).cloned().collect())
        }
        (planned, _) => planned.clone(),
    }
}

/// A task definition of the user's own says these by itself, and an argument only repeats a default.
fn without_task_settings(model: ServiceModel, known: &ServiceModel) -> ServiceModel {
    let ephemeral_storage_gib = known.ephemeral_storage_gib.cloned().into();
    ServiceModel { sidecars: Attr::Null, ephemeral_storage_gib, ..model }
}

/// Whether the user brought the task definition. The state knows; for an import, the composed engine says so, and
/// ECS's own families are told by their name, `<cluster>-<service>` (facts, express section 2.1).
fn uses_own_task_definition(observed: &ObservedService, known: &ServiceModel) -> bool {
    if !is_import(known) {
        return known.primary_container.is_null();
    }
    if known.engine.known().is_some_and(|engine| engine == COMPOSED) {
        return observed.configuration.task_definition_arn.is_some();
    }
    let managed_family = format!("/{}-{}:", observed.arn.cluster(), observed.arn.name());
    observed.task_definition_arn.as_ref().is_some_and(|arn| !arn.contains(&managed_family))
}

/// The user's spelling of the cluster, as long as it names the same one.
fn flatten_cluster(observed: &ObservedService, known: &Attr<String>) -> String {
    match known.known() {
        Some(spelling) if cluster_name(spelling) == observed.arn.cluster() => spelling.clone(),
        _ => observed.arn.cluster().to_owned(),
    }
}

fn flatten_container(
    container: &PrimaryContainer,
    known: Option<&PrimaryContainerModel>,
) -> PrimaryContainerModel {
    PrimaryContainerModel {
        image: Attr::Known(container.image.clone()),
        container_port: container.container_port.map(i64::from).into(),
        command: match &container.command {
            Some(command) => Attr::Known(command.iter().cloned().map(Attr::Known).collect()),
            None => empty_or_null(known.map(|known| &known.command), Vec::is_empty),
        },
        environment: match &container.environment {
            Some(environment) => flatten_map(environment),
            None => empty_or_null(known.map(|known| &known.environment), BTreeMap::is_empty),
        },
        secrets: match &container.secrets {
            Some(secrets) => flatten_map(secrets),
            None => empty_or_null(known.map(|known| &known.secrets), BTreeMap::is_empty),
        },
        aws_logs_configuration: container
            .aws_logs_configuration
            .as_ref()
            .map(|logs| LogsConfigurationModel {
                log_group: Attr::Known(logs.log_group.clone()),
                log_stream_prefix: Attr::Known(logs.log_stream_prefix.clone()),
            })
            .into(),
        repository_credentials: container
            .credentials_parameter
            .as_ref()
            .map(|parameter| RepositoryCredentialsModel {
                credentials_parameter: Attr::Known(parameter.clone()),
            })
            .into(),
        // An import shows everything: what the user will write is not known.
        log_configuration: flatten_log_configuration(
            container.log_configuration.as_ref(),
            known.map_or(&Attr::Unknown, |known| &known.log_configuration),
        ),
        depends_on: flatten_depends_on(
            container.depends_on.as_ref(),
            known.map_or(&Attr::Unknown, |known| &known.depends_on),
        ),
        entry_point: match (&container.entry_point, known.map(|known| &known.entry_point)) {
            (_, Some(Attr::Null)) => Attr::Null,
            (Some(words), _) => Attr::Known(words.iter().cloned().map(Attr::Known).collect()),
            (None, known) => empty_or_null(known, Vec::is_empty),
        },
        user: match known.map(|known| &known.user) {
            Some(Attr::Null) => Attr::Null,
            _ => container.user.clone().into(),
        },
        health_check: flatten_container_health_check(
            container.health_check.as_ref(),
            known.map_or(&Attr::Unknown, |known| &known.health_check),
        ),
        stop_timeout_seconds: container.stop_timeout_seconds.map(i64::from).into(),
        init_process: container.init_process.into(),
        readonly_root_filesystem: container.readonly_root_filesystem.into(),
    }
}

/// The container with those variables only that the user wrote.
fn keep_written(
    container: PrimaryContainerModel,
    known: Option<&PrimaryContainerModel>,
) -> PrimaryContainerModel {
    let Some(known) = known else { return container };
    PrimaryContainerModel {
        environment: only_written(&container.environment, &known.environment),
        secrets: only_written(&container.secrets, &known.secrets),
        ..container
    }
}

pub(super) fn flatten_map(map: &BTreeMap<String, String>) -> Attr<BTreeMap<String, Attr<String>>> {
    Attr::Known(map.iter().map(|(key, value)| (key.clone(), Attr::Known(value.clone()))).collect())
}

/// AWS does not tell an empty collection from none, so the user's form stays.
fn empty_or_null<T: Default>(known: Option<&Attr<T>>, is_empty: impl Fn(&T) -> bool) -> Attr<T> {
    match known.and_then(Attr::known) {
        Some(collection) if is_empty(collection) => Attr::Known(T::default()),
        _ => Attr::Null,
    }
}

pub(super) fn flatten_set(set: &BTreeSet<String>) -> SetOf<Attr<String>> {
    set.iter().cloned().map(Attr::Known).collect()
}

fn flatten_network(
    configuration: &Configuration,
    known: Option<&NetworkConfigurationModel>,
) -> Attr<NetworkConfigurationModel> {
    if configuration.subnets.is_none() && configuration.security_groups.is_none() {
        return known.cloned().into();
    }
    Attr::Known(NetworkConfigurationModel {
        subnets: configuration.subnets.as_ref().map(flatten_set).into(),
        security_groups: match (&configuration.security_groups, known.map(|known| &known.security_groups)) {
            (Some(groups), _) if !groups.is_empty() => Attr::Known(flatten_set(groups)),
            (Some(_), known) => empty_or_null(known, |groups| groups.0.is_empty()),
            (None, Some(Attr::Known(groups))) => Attr::Known(groups.clone()),
            (None, _) => Attr::Null,
        },
    })
}

pub(super) fn flatten_scaling(scaling: &ScalingTarget) -> Attr<ScalingTargetModel> {
    if *scaling == ScalingTarget::default() {
        return Attr::Null;
    }
    Attr::Known(ScalingTargetModel {
        min_task_count: scaling.min_task_count.map(i64::from).into(),
        max_task_count: scaling.max_task_count.map(i64::from).into(),
        auto_scaling_metric: scaling
            .auto_scaling_metric
            .as_ref()
            .map(|metric| metric.as_str().to_owned())
            .into(),
        auto_scaling_target_value: scaling.auto_scaling_target_value.map(i64::from).into(),
    })
}

/// The deployment of a service whose deployments may not be listed now, or are too long ago: as it was known.
fn unlisted(known: &Attr<DeploymentModel>) -> Attr<DeploymentModel> {
    let known = known.known().map(|known| DeploymentModel {
        arn: known.arn.cloned().into(),
        status: known.status.cloned().into(),
    });
    known.into()
}

fn flatten_deployment(deployment: &Deployment) -> DeploymentModel {
    DeploymentModel {
        arn: Attr::Known(deployment.arn.clone()),
        status: Attr::Known(deployment.status.as_str().to_owned()),
    }
}
