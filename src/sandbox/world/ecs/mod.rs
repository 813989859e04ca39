//! Amazon ECS: clusters, services, deployments, tasks, and Express Mode.

pub(crate) mod cluster;
pub(crate) mod deployment;
pub(crate) mod deployment_lifecycle;
pub(crate) mod errors;
pub(crate) mod express;
pub(crate) mod input;
pub(crate) mod managed_resource;
pub(crate) mod misfortune;
pub(crate) mod pause;
pub(crate) mod plain;
pub(crate) mod revision;
pub(crate) mod rollback;
pub(crate) mod scenario_refusals;
pub(crate) mod service;
pub(crate) mod service_operations;
pub(crate) mod tagging;
pub(crate) mod target_health;
pub(crate) mod task;
pub(crate) mod task_definition;
pub(crate) mod task_lifecycle;
pub(crate) mod task_log;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod traffic;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::cluster::Cluster;
use self::deployment::ServiceDeployment;
use self::express::load_balancer_pool::PooledLoadBalancer;
use self::managed_resource::ManagedResourceKind;
use self::revision::ServiceRevision;
use self::service::Service;
use self::task::{Task, TaskStep};
use self::task_definition::TaskDefinition;
use super::{Scope, Tags, Timestamp, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// ECS of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EcsState {
    /// Keyed by name.
    clusters: BTreeMap<String, Cluster>,
    /// Keyed by ARN; a new service of the same name replaces the inactive record.
    pub(crate) services: BTreeMap<String, Service>,
    /// Keyed by ARN, as are all that follow unless said otherwise.
    pub(crate) revisions: BTreeMap<String, ServiceRevision>,
    deployments: BTreeMap<String, ServiceDeployment>,
    pub(crate) task_definitions: BTreeMap<String, TaskDefinition>,
    /// Highest revision number that each family ever had.
    last_task_definition_revision: BTreeMap<String, u64>,
    pub(crate) tasks: BTreeMap<String, Task>,
    pub(crate) tags: BTreeMap<String, Tags>,
    /// The load balancers of Express Mode, keyed by ARN.
    load_balancer_pool: BTreeMap<String, PooledLoadBalancer>,
}

/// Something that happens by itself in ECS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum EcsEvent {
    /// A resource that ECS owns for an Express service comes into being, or is ready.
    ManagedResource { service: String, created_at: Timestamp, kind: ManagedResourceKind, ready: bool },
    /// The deployment of a new revision can be listed.
    DeploymentAppears { service: String, created_at: Timestamp, revision: String },
    /// A deployment's current stage is over, unless its generation has moved on.
    DeploymentStage { deployment: String, generation: u32 },
    /// The scripted alarm of a canary fires.
    AlarmFires { deployment: String },
    /// A task takes its next step.
    Task { task: String, step: TaskStep },
    /// Missing tasks of a service are started.
    StartTasks { service: String, created_at: Timestamp },
    /// A service that is being deleted takes its next step.
    Teardown { service: String, created_at: Timestamp },
    /// A load balancer that has lost its last service goes.
    LoadBalancerRemoved { load_balancer: String },
}

/// Executes one event.
pub(crate) fn happen(scope: &mut Scope<'_>, event: EcsEvent) {
    match event {
        EcsEvent::ManagedResource { service, created_at, kind, ready } => {
            if scope.region.ecs.is_current(&service, created_at) {
                express::provisioning::advance(scope, &service, kind, ready);
            }
        }
        EcsEvent::DeploymentAppears { service, created_at, revision } => {
            if scope.region.ecs.is_current(&service, created_at) {
                deployment_lifecycle::start(scope, &service, &revision);
            }
        }
        EcsEvent::DeploymentStage { deployment, generation } => {
            deployment_lifecycle::end_stage(scope, &deployment, generation);
        }
        EcsEvent::AlarmFires { deployment } => express::alarm::fire(scope, &deployment),
        EcsEvent::Task { task, step } => task_lifecycle::advance(scope, &task, step),
        EcsEvent::StartTasks { service, created_at } => {
            if scope.region.ecs.is_current(&service, created_at) {
                task_lifecycle::start_missing(scope, &service);
            }
        }
        EcsEvent::Teardown { service, created_at } => {
            if scope.region.ecs.is_current(&service, created_at) {
                service_operations::tear_down(scope, &service);
            }
        }
        EcsEvent::LoadBalancerRemoved { load_balancer } => {
            express::load_balancer_pool::remove(scope, &load_balancer);
        }
    }
}

impl EcsState {
    /// Whether the service created at `created_at` is still the one behind the ARN.
    fn is_current(&self, service: &str, created_at: Timestamp) -> bool {
        self.services.get(service).is_some_and(|service| service.created_at == created_at)
    }
}

/// Executes one ECS operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    if scope.region.ecs.clusters.is_empty() {
        cluster::ensure_first(scope);
    }
    match request.operation.as_str() {
        "CreateCluster" => cluster::create(scope, request),
        "DescribeClusters" => cluster::describe(scope, request),
        "ListClusters" => cluster::list(scope, request),
        "DeleteCluster" => cluster::delete(scope, request),
        "PutClusterCapacityProviders" => cluster::put_capacity_providers(scope, request),
        "CreateExpressGatewayService" => express::create::create(scope, request),
        "DescribeExpressGatewayService" => express::describe::describe(scope, request),
        "UpdateExpressGatewayService" => express::update::update(scope, request),
        "DeleteExpressGatewayService" => express::delete::delete(scope, request),
        "CreateService" => plain::create::create(scope, request),
        "UpdateService" => plain::update::update(scope, request),
        "DeleteService" => service_operations::delete(scope, request),
        "DescribeServices" => service::describe(scope, request),
        "ListServices" => service::list(scope, request),
        "RegisterTaskDefinition" => task_definition::register(scope, request),
        "DescribeTaskDefinition" => task_definition::describe(scope, request),
        "DeregisterTaskDefinition" => task_definition::deregister(scope, request),
        "DeleteTaskDefinitions" => task_definition::delete(scope, request),
        "ListTaskDefinitions" => task_definition::list(scope, request),
        "ListTaskDefinitionFamilies" => task_definition::list_families(scope, request),
        "ListTasks" => task::list(scope, request),
        "DescribeTasks" => task::describe(scope, request),
        "StopTask" => task::stop(scope, request),
        "TagResource" => tagging::tag(scope, request),
        "UntagResource" => tagging::untag(scope, request),
        "ListTagsForResource" => tagging::list(scope, request),
        "ListServiceDeployments" => deployment::list(scope, request),
        "DescribeServiceDeployments" => deployment::describe(scope, request),
        "StopServiceDeployment" => rollback::stop(scope, request),
        "ContinueServiceDeployment" => pause::continue_deployment(scope, request),
        "DescribeServiceRevisions" => revision::describe(scope, request),
        _ => Err(unknown_operation(request)),
    }
}

/// Adds `nextToken` to a page of an answer if there is another page.
pub(crate) fn with_next_token(mut answer: Value, next_token: Option<String>) -> Value {
    if let Some(token) = next_token {
        answer["nextToken"] = json!(token);
    }
    answer
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::testing::Account;

    #[test]
    fn an_operation_that_the_sandbox_does_not_know_is_refused() {
        let refused = Account::new().refused("CreateTaskSet", json!({}));
        assert!(refused.contains("CreateTaskSet"), "{refused}");
    }
}
