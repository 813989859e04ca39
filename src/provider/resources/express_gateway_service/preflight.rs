//! Preflight of a planned service: which things of the plan AWS can be asked about, and at which attribute each is.

use std::collections::{BTreeMap, BTreeSet};

use super::known::is_composed;
use super::model::{LogsConfigurationModel, PrimaryContainerModel, ServiceModel};
use super::subnets::known_subnets;
use crate::framework::resource::Plan;
use crate::framework::{Attr, Diagnostic, Path};
use crate::preflight::{
    self, ClusterUse, Finding, ImageUse, LogGroupUse, NetworkUse, PreflightMode, RolePurpose, RoleUse,
    SecretUse, SecurityGroupUse, ServiceUse, Subject, SubnetChoice,
};
use crate::provider::handle::Configured;
use crate::service::{
    CapacityProvider, DEFAULT_CLUSTER_NAME, EcrImage, SecretReference, ServiceArn, cluster_name,
};

/// Tasks at the most when nothing is said (facts, express section 1.1).
const DEFAULT_MAX_TASK_COUNT: u32 = 20;
/// The processor when nothing is said.
const DEFAULT_CPU_ARCHITECTURE: &str = "X86_64";

/// Looks at what a create or a deployment needs, or at what an update changes.
pub(super) async fn look_ahead(
    configured: &Configured,
    mode: PreflightMode,
    plan: &Plan<ServiceModel>,
) -> Vec<Diagnostic> {
    note_own_service(configured, plan);
    if mode == PreflightMode::Off {
        return Vec::new();
    }
    let findings = preflight::check(&configured.looks, &subject(plan)).await;
    let replaces_live = plan.prior.is_none() && plan.replaces_live;
    findings.into_iter().filter_map(|finding: Finding| finding.into_diagnostic(mode, replaces_live)).collect()
}

/// Whether the plan begins a deployment, and does not only follow one.
fn begins_deployment(plan: &Plan<ServiceModel>) -> bool {
    let arn = |model: &ServiceModel| model.deployment.known().map(|deployment| deployment.arn.clone());
    plan.requires_replace.is_empty() && arn(&plan.planned).is_none_or(|arn| arn.is_unknown())
}

/// The name of a service that the state has is its own, also where it is replaced.
pub(super) fn note_own_service(configured: &Configured, plan: &Plan<ServiceModel>) {
    let prior_arn = plan.prior.as_ref().and_then(|prior| prior.service_arn.known());
    if let Some(arn) = prior_arn.and_then(|arn| arn.parse::<ServiceArn>().ok()) {
        configured.looks.note_own_service(&arn);
    }
}

/// What the plan needs: for a deployment everything, otherwise what is new. Empty for an empty plan.
fn subject(plan: &Plan<ServiceModel>) -> Subject {
    let architecture = cpu_architecture(plan);
    let is_chosen_by_express = is_default_architecture(plan) && !is_composed(&plan.planned);
    let mut planned = Subject {
        network: network(plan),
        cluster: cluster(plan),
        ..dependencies(&plan.planned, architecture.as_deref())
    };
    planned.images.iter_mut().for_each(|image| image.is_chosen_by_express = is_chosen_by_express);
    let written = plan.config.primary_container.known();
    if written.is_none_or(|main| main.aws_logs_configuration.is_null()) {
        // A log group that nobody names is the engine's to make.
        planned.log_groups.clear();
    }
    match &plan.prior {
        // A deployment needs all of it: new tasks pull, assume and read anew, whatever else is the same.
        Some(_) if begins_deployment(plan) => planned,
        Some(prior) => {
            let architecture =
                prior.cpu_architecture.known().map_or(DEFAULT_CPU_ARCHITECTURE, String::as_str);
            planned.without(&dependencies(prior, Some(architecture)))
        }
        None => Subject { service: service(plan), ..planned },
    }
}

fn dependencies(model: &ServiceModel, cpu_architecture: Option<&str>) -> Subject {
    Subject {
        roles: roles(model),
        security_groups: security_groups(model),
        log_groups: log_groups(model),
        images: images(model, cpu_architecture),
        secrets: secrets(model),
        ..Subject::default()
    }
}

fn roles(model: &ServiceModel) -> Vec<RoleUse> {
    let role = |name: &str, arn: &Attr<String>, purpose| {
        Some(RoleUse { path: Path::attribute(name), arn: arn.cloned()?, purpose })
    };
    let roles = [
        role("infrastructure_role_arn", &model.infrastructure_role_arn, RolePurpose::Infrastructure),
        role("execution_role_arn", &model.execution_role_arn, RolePurpose::Execution),
        role("task_role_arn", &model.task_role_arn, RolePurpose::Task),
    ];
    roles.into_iter().flatten().collect()
}

/// The cluster, where a service is new in it or asks it for other capacity.
fn cluster(plan: &Plan<ServiceModel>) -> Option<ClusterUse> {
    let name = named_cluster(plan)?;
    let capacity_provider = capacity_provider(plan);
    let is_made = name == DEFAULT_CLUSTER_NAME;
    let is_looked_at = capacity_provider.is_some() || plan.prior.is_none() && !is_made;
    is_looked_at.then(|| ClusterUse { path: Path::attribute("cluster"), name, is_made, capacity_provider })
}

/// The name of the cluster; `None`: it is not known yet.
fn named_cluster(plan: &Plan<ServiceModel>) -> Option<String> {
    match (&plan.config.cluster, plan.planned.cluster.known()) {
        (Attr::Known(cluster), _) | (Attr::Null, Some(cluster)) => Some(cluster_name(cluster).to_owned()),
        (Attr::Null, None) => Some(DEFAULT_CLUSTER_NAME.to_owned()),
        (Attr::Unknown, _) => None,
    }
}

/// The capacity provider that the composed engine will name in a strategy: a service begins on FARGATE by its launch
/// type, and from `FARGATE_SPOT` there is no way back but by a strategy.
fn capacity_provider(plan: &Plan<ServiceModel>) -> Option<String> {
    let planned = plan.planned.capacity_provider.known().filter(|_| is_composed(&plan.planned))?;
    let before = plan.prior.as_ref().and_then(|prior| prior.capacity_provider.known());
    let is_asked_for = match before {
        Some(before) => before != planned,
        None => planned == CapacityProvider::FargateSpot.as_str(),
    };
    is_asked_for.then(|| planned.clone())
}

fn service(plan: &Plan<ServiceModel>) -> Option<ServiceUse> {
    let cluster = named_cluster(plan)?;
    let name = plan.config.service_name.cloned()?;
    Some(ServiceUse { path: Path::attribute("service_name"), cluster, name })
}

fn is_default_architecture(plan: &Plan<ServiceModel>) -> bool {
    plan.config.cpu_architecture.is_null() && plan.planned.cpu_architecture.known().is_none()
}

fn cpu_architecture(plan: &Plan<ServiceModel>) -> Option<String> {
    if is_default_architecture(plan) {
        Some(DEFAULT_CPU_ARCHITECTURE.to_owned())
    } else {
        plan.planned.cpu_architecture.cloned()
    }
}

/// The user's own; the engines make theirs.
fn security_groups(model: &ServiceModel) -> Vec<SecurityGroupUse> {
    let groups = model.network_configuration.known().and_then(|network| network.security_groups.known());
    let path = Path::attribute("network_configuration").then("security_groups");
    let ids = groups.into_iter().flat_map(|groups| &groups.0).filter_map(Attr::cloned);
    ids.map(|id| SecurityGroupUse { path: path.clone(), id }).collect()
}

/// Only a log group that the configuration names; the engines make their own.
fn log_groups(model: &ServiceModel) -> Vec<LogGroupUse> {
    let Some(logs) = model.primary_container.known().and_then(|main| main.aws_logs_configuration.known())
    else {
        return Vec::new();
    };
    let LogsConfigurationModel { log_group, .. } = logs;
    let path = Path::attribute("primary_container").then("aws_logs_configuration").then("log_group");
    let is_managed = !is_composed(model);
    log_group.cloned().map(|name| LogGroupUse { path, name, is_managed }).into_iter().collect()
}

/// Every container's image by the path of its attribute.
fn written_images(model: &ServiceModel) -> Vec<(Path, String)> {
    let main = model.primary_container.known().and_then(|main| main.image.cloned());
    let main = main.map(|image| (Path::attribute("primary_container").then("image"), image));
    let sidecars = model.sidecars.known().into_iter().flatten().filter_map(|(name, sidecar)| {
        Some((Path::attribute("sidecars").key(name).then("image"), sidecar.known()?.image.cloned()?))
    });
    main.into_iter().chain(sidecars).collect()
}

fn images(model: &ServiceModel, cpu_architecture: Option<&str>) -> Vec<ImageUse> {
    let images = written_images(model).into_iter().filter_map(|(path, image)| {
        let image = EcrImage::parse(&image)?;
        Some(ImageUse {
            path,
            image,
            cpu_architecture: cpu_architecture.map(str::to_owned),
            is_chosen_by_express: false,
        })
    });
    images.collect()
}

fn secrets(model: &ServiceModel) -> Vec<SecretUse> {
    let mut secrets = Vec::new();
    if let Some(main) = model.primary_container.known() {
        let path = Path::attribute("primary_container");
        secrets.extend(secrets_of(&path, &main.secrets));
        secrets.extend(main_credentials(&path, main));
    }
    for (name, sidecar) in model.sidecars.known().into_iter().flatten() {
        let Some(sidecar) = sidecar.known() else { continue };
        let path = Path::attribute("sidecars").key(name);
        secrets.extend(secrets_of(&path, &sidecar.secrets));
        let credentials = sidecar.repository_credentials.known();
        secrets.extend(credentials.and_then(|known| credentials_of(&path, &known.credentials_parameter)));
    }
    secrets
}

fn secrets_of(container: &Path, secrets: &Attr<BTreeMap<String, Attr<String>>>) -> Vec<SecretUse> {
    let secrets = secrets.known().into_iter().flatten().filter_map(|(name, written)| {
        let written = written.cloned()?;
        let reference = SecretReference::parse(&written)?;
        Some(SecretUse { path: container.then("secrets").key(name), written, reference })
    });
    secrets.collect()
}

fn main_credentials(container: &Path, main: &PrimaryContainerModel) -> Option<SecretUse> {
    credentials_of(container, &main.repository_credentials.known()?.credentials_parameter)
}

fn credentials_of(container: &Path, parameter: &Attr<String>) -> Option<SecretUse> {
    let written = parameter.cloned()?;
    let reference = SecretReference::parse_credentials(&written)?;
    let path = container.then("repository_credentials").then("credentials_parameter");
    Some(SecretUse { path, written, reference })
}

fn network(plan: &Plan<ServiceModel>) -> Option<NetworkUse> {
    let planned = &plan.planned;
    let subnets = subnet_choice(plan)?;
    let prior_subnets = plan.prior.as_ref().and_then(known_subnets);
    let is_new = match (&subnets, &plan.prior) {
        (_, None) => true,
        (SubnetChoice::Default, Some(_)) => false,
        (SubnetChoice::Named(ids), Some(prior)) => {
            prior_subnets.as_ref() != Some(ids) || prior.assign_public_ip != planned.assign_public_ip
        }
    };
    let most = max_task_count(planned).unwrap_or(DEFAULT_MAX_TASK_COUNT);
    let prior_count = plan.prior.as_ref().and_then(max_task_count);
    let needed_address_count = match prior_count {
        _ if is_new => most.saturating_mul(2),
        Some(prior) if most > prior => most.saturating_mul(2) - prior,
        _ => 0,
    };
    if !is_new && needed_address_count == 0 {
        return None;
    }
    let images = written_images(planned).into_iter().map(|(_, image)| image);
    let secrets = secrets(planned).into_iter().map(|secret| secret.reference);
    Some(NetworkUse {
        path: Path::attribute("network_configuration").then("subnets"),
        subnets,
        load_balancer: load_balancer_subnets(planned),
        is_new,
        max_task_count: most,
        needed_address_count,
        assigns_public_ip: !(is_composed(planned) && planned.assign_public_ip.known() == Some(&false)),
        pulls: images.collect(),
        secrets: secrets.collect(),
    })
}

/// `None`: not known yet.
fn subnet_choice(plan: &Plan<ServiceModel>) -> Option<SubnetChoice> {
    if let Some(ids) = known_subnets(&plan.planned).filter(|ids| !ids.is_empty()) {
        return Some(SubnetChoice::Named(ids));
    }
    let is_default = match &plan.config.network_configuration {
        Attr::Null => true,
        Attr::Known(network) => network.subnets.is_null(),
        Attr::Unknown => false,
    };
    (is_default && plan.prior.is_none()).then_some(SubnetChoice::Default)
}

fn max_task_count(model: &ServiceModel) -> Option<u32> {
    let count = model.scaling_target.known()?.max_task_count.known()?;
    u32::try_from(*count).ok()
}

fn load_balancer_subnets(model: &ServiceModel) -> Option<(Path, BTreeSet<String>)> {
    let subnets = model.load_balancer.known()?.subnets.known()?;
    let ids = subnets.0.iter().map(Attr::cloned).collect::<Option<_>>()?;
    Some((Path::attribute("load_balancer").then("subnets"), ids))
}
