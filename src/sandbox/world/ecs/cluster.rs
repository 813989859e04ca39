//! Clusters: `CreateCluster`, `DescribeClusters`, `ListClusters`, `DeleteCluster`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors;
use super::task::TaskStatus;
use crate::sandbox::api::{ApiError, Request};
use crate::sandbox::world::ecs::input::{flatten_tags, page, parse};
use crate::sandbox::world::{Scope, Tags};

/// The cluster that a request means when it names none.
pub(crate) const DEFAULT_CLUSTER: &str = "default";

/// A cluster.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) active: bool,
    settings: Value,
    capacity_providers: Vec<String>,
    default_capacity_provider_strategy: Vec<Value>,
}

/// The cluster's name, from a name, an ARN or nothing (the default cluster).
pub(crate) fn cluster_name(reference: Option<&str>) -> &str {
    match reference {
        None | Some("") => DEFAULT_CLUSTER,
        Some(reference) => reference.rsplit_once(":cluster/").map_or(reference, |(_, name)| name),
    }
}

/// The name of an active cluster.
///
/// # Errors
/// `ClusterNotFoundException` if no active cluster has the name or ARN.
pub(crate) fn find_active(scope: &Scope<'_>, reference: Option<&str>) -> Result<String, ApiError> {
    check_region(scope, reference)?;
    let name = cluster_name(reference);
    match scope.region.ecs.clusters.get(name) {
        Some(cluster) if cluster.active => Ok(name.to_owned()),
        _ => Err(errors::cluster_not_found()),
    }
}

/// A region's ECS knows its own clusters only (aws/aws-cli issue 3175). That it finds none of another account is taken for
/// granted.
///
/// # Errors
/// `InvalidParameterException` for an ARN of another region, `ClusterNotFoundException` for one of another account.
pub(crate) fn check_region(scope: &Scope<'_>, reference: Option<&str>) -> Result<(), ApiError> {
    let Some(reference) = reference.filter(|reference| reference.starts_with("arn:")) else { return Ok(()) };
    let own = scope.region.arn("ecs", "");
    let parts = |arn: &str| arn.split(':').skip(3).take(2).map(str::to_owned).collect::<Vec<_>>();
    match (&parts(reference)[..], &parts(&own)[..]) {
        ([region, _], [own, _]) if region != own => Err(errors::invalid_parameter("Invalid Region in ARN")),
        ([_, account], [_, own]) if account != own => Err(errors::cluster_not_found()),
        _ => Ok(()),
    }
}

/// Makes the cluster exist and be active.
pub(crate) fn ensure<'a>(scope: &'a mut Scope<'_>, name: &str) -> &'a mut Cluster {
    let arn = scope.region.arn("ecs", &format!("cluster/{name}"));
    let cluster = scope.region.ecs.clusters.entry(name.to_owned()).or_default();
    if !cluster.active {
        *cluster = Cluster {
            name: name.to_owned(),
            arn,
            active: true,
            settings: json!([{"name": "containerInsights", "value": "disabled"}]),
            // The cluster that Express Mode makes (facts, Express section 2.1).
            capacity_providers: if name == DEFAULT_CLUSTER { vec!["FARGATE".to_owned()] } else { vec![] },
            ..Cluster::default()
        };
    }
    cluster
}

/// The cluster `default` of a region in which nobody has used ECS: with both of Fargate's capacity providers, as the console
/// makes clusters. Express Mode's own has FARGATE alone. That an account begins with it is the sandbox's simplification.
pub(crate) fn ensure_first(scope: &mut Scope<'_>) {
    let cluster = ensure(scope, DEFAULT_CLUSTER);
    cluster.capacity_providers = vec!["FARGATE".to_owned(), "FARGATE_SPOT".to_owned()];
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateInput {
    cluster_name: Option<String>,
    settings: Option<Value>,
    #[serde(default)]
    capacity_providers: Vec<String>,
    #[serde(default)]
    default_capacity_provider_strategy: Vec<Value>,
    #[serde(default)]
    tags: Vec<super::tagging::Tag>,
}

/// `CreateCluster`: answers an existing active cluster of that name unchanged.
pub(crate) fn create(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: CreateInput = parse(request)?;
    let name = input.cluster_name.unwrap_or_else(|| DEFAULT_CLUSTER.to_owned());
    if !super::express::validation::is_name(&name) {
        return Err(errors::invalid_parameter("Invalid cluster name."));
    }
    let existed = scope.region.ecs.clusters.get(&name).is_some_and(|cluster| cluster.active);
    let cluster = ensure(scope, &name);
    if !existed {
        if let Some(settings) = input.settings {
            cluster.settings = settings;
        }
        cluster.capacity_providers = input.capacity_providers;
        cluster.default_capacity_provider_strategy = input.default_capacity_provider_strategy;
        let arn = cluster.arn.clone();
        let tags = super::tagging::from_input(&input.tags);
        scope.region.ecs.tags.insert(arn, tags);
    }
    Ok(json!({"cluster": describe_one(scope, &name, true)}))
}

#[derive(Deserialize)]
struct DescribeInput {
    clusters: Option<Vec<String>>,
    #[serde(default)]
    include: Vec<String>,
}

/// `DescribeClusters`: unknown clusters become failures with reason `MISSING`.
pub(crate) fn describe(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: DescribeInput = parse(request)?;
    let with_tags = input.include.iter().any(|include| include == "TAGS");
    let references = input.clusters.unwrap_or_else(|| vec![DEFAULT_CLUSTER.to_owned()]);
    let (mut clusters, mut failures) = (Vec::new(), Vec::new());
    for reference in &references {
        check_region(scope, Some(reference))?;
        let name = cluster_name(Some(reference));
        if scope.region.ecs.clusters.contains_key(name) {
            clusters.push(describe_one(scope, name, with_tags));
        } else {
            let arn = scope.region.arn("ecs", &format!("cluster/{name}"));
            failures.push(json!({"arn": arn, "reason": "MISSING"}));
        }
    }
    Ok(json!({"clusters": clusters, "failures": failures}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListInput {
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// `ListClusters`.
pub(crate) fn list(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: ListInput = parse(request)?;
    let arns: Vec<String> = scope
        .region
        .ecs
        .clusters
        .values()
        .filter(|cluster| cluster.active)
        .map(|cluster| cluster.arn.clone())
        .collect();
    let (arns, next_token) = page(&arns, input.max_results, input.next_token.as_deref(), 100)?;
    Ok(super::with_next_token(json!({"clusterArns": arns}), next_token))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CapacityProvidersInput {
    cluster: String,
    capacity_providers: Vec<String>,
    default_capacity_provider_strategy: Vec<Value>,
}

/// `PutClusterCapacityProviders`: replaces the list as a whole.
pub(crate) fn put_capacity_providers(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: CapacityProvidersInput = parse(request)?;
    let name = find_active(scope, Some(&input.cluster))?;
    if let Some(cluster) = scope.region.ecs.clusters.get_mut(&name) {
        cluster.capacity_providers = input.capacity_providers;
        cluster.default_capacity_provider_strategy = input.default_capacity_provider_strategy;
    }
    Ok(json!({"cluster": describe_one(scope, &name, true)}))
}

/// Whether a service of the cluster may use this strategy.
///
/// # Errors
/// `InvalidParameterException` for a capacity provider that the cluster does not have.
pub(crate) fn check_capacity_providers(
    scope: &Scope<'_>,
    name: &str,
    strategy: &[Value],
) -> Result<(), ApiError> {
    let known = scope.region.ecs.clusters.get(name).map_or(&[][..], |cluster| &cluster.capacity_providers);
    let is_known = |item: &Value| known.iter().any(|known| item["capacityProvider"] == known.as_str());
    if strategy.iter().all(is_known) {
        return Ok(());
    }
    // In ECS's words: dask/dask-cloudprovider issue 328.
    Err(errors::invalid_parameter(
        "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the \
         cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again.",
    ))
}

#[derive(Deserialize)]
struct DeleteInput {
    cluster: String,
}

/// `DeleteCluster`: refused while services or tasks live in the cluster.
pub(crate) fn delete(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let input: DeleteInput = parse(request)?;
    let name = find_active(scope, Some(&input.cluster))?;
    let ecs = &mut scope.region.ecs;
    if ecs.services.values().any(|service| service.cluster == name && service.is_active()) {
        let message = "The Cluster cannot be deleted while Services are active.";
        return Err(ApiError::client("ClusterContainsServicesException", message));
    }
    let has_tasks = ecs.tasks.values().any(|task| task.cluster == name && task.status != TaskStatus::Stopped);
    if has_tasks {
        let message = "The Cluster cannot be deleted while Tasks are active.";
        return Err(ApiError::client("ClusterContainsTasksException", message));
    }
    if let Some(cluster) = ecs.clusters.get_mut(&name) {
        cluster.active = false;
    }
    Ok(json!({"cluster": describe_one(scope, &name, false)}))
}

fn describe_one(scope: &Scope<'_>, name: &str, with_tags: bool) -> Value {
    let ecs = &scope.region.ecs;
    let Some(cluster) = ecs.clusters.get(name) else { return Value::Null };
    let tasks = || ecs.tasks.values().filter(|task| task.cluster == name);
    let services =
        ecs.services.values().filter(|service| service.cluster == name && service.is_active()).count();
    let tags = ecs.tags.get(&cluster.arn).filter(|_| with_tags).cloned().unwrap_or_else(Tags::new);
    json!({
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": if cluster.active { "ACTIVE" } else { "INACTIVE" },
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": tasks().filter(|task| task.status == TaskStatus::Running).count(),
        "pendingTasksCount": tasks().filter(|task| task.is_pending()).count(),
        "activeServicesCount": services,
        "statistics": [],
        "tags": flatten_tags(&tags),
        "settings": cluster.settings,
        "capacityProviders": cluster.capacity_providers,
        "defaultCapacityProviderStrategy": cluster.default_capacity_provider_strategy,
    })
}
