//! `CreateService`, `UpdateService`, `DeleteService`, and all that `DescribeServices` tells of a plain service.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::service_configuration::{
    CapacityProviderStrategyItem, DeploymentConfiguration, NetworkConfiguration, ServiceLoadBalancer,
};
use super::services::by_cluster;
use super::{Ecs, ServiceEvent, ServiceKey, is_not_found, wire_tags};
use crate::aws::AwsError;
use crate::aws::json::JsonClient;
use crate::service::{ServiceArn, ServiceStatus};

/// A service to be made. Fargate, replicas, ECS's own deployment controller.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateServiceInput {
    pub(crate) cluster: String,
    pub(crate) service_name: String,
    /// One revision by ARN.
    pub(crate) task_definition: String,
    pub(crate) desired_count: i32,
    /// `FARGATE`; `None` with a capacity provider strategy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) launch_type: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) capacity_provider_strategy: Vec<CapacityProviderStrategyItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) platform_version: Option<String>,
    pub(crate) deployment_configuration: DeploymentConfiguration,
    pub(crate) network_configuration: NetworkConfiguration,
    pub(crate) load_balancers: Vec<ServiceLoadBalancer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) health_check_grace_period_seconds: Option<i32>,
    /// `ENABLED` or `DISABLED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) availability_zone_rebalancing: Option<String>,
    pub(crate) enable_execute_command: bool,
    #[serde(rename = "enableECSManagedTags")]
    pub(crate) enable_ecs_managed_tags: bool,
    /// `SERVICE` or `TASK_DEFINITION`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) propagate_tags: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "wire_tags::serialize")]
    pub(crate) tags: BTreeMap<String, String>,
    /// The same token for the same create, 36 characters at the most: a repetition finds the first one's service.
    pub(crate) client_token: String,
}

/// A change of a service: only what is present is sent, and only that changes.
///
/// `task_definition`, `network_configuration`, `load_balancers` and `force_new_deployment` start a deployment; all
/// of one change go into one call (facts, composition section 2.6).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateServiceInput {
    pub(crate) cluster: String,
    pub(crate) service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task_definition: Option<String>,
    /// Never while Application Auto Scaling has the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) desired_count: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) capacity_provider_strategy: Option<Vec<CapacityProviderStrategyItem>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) platform_version: Option<String>,
    /// The whole of it: start from a fresh copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deployment_configuration: Option<DeploymentConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) network_configuration: Option<NetworkConfiguration>,
    /// The whole list, from a fresh copy: ECS swaps the target groups with every deployment. An empty list removes
    /// them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load_balancers: Option<Vec<ServiceLoadBalancer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) health_check_grace_period_seconds: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) availability_zone_rebalancing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enable_execute_command: Option<bool>,
    #[serde(rename = "enableECSManagedTags", skip_serializing_if = "Option::is_none")]
    pub(crate) enable_ecs_managed_tags: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) propagate_tags: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) force_new_deployment: bool,
}

/// A service with everything that `DescribeServices` tells. An Express service is one, too.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PlainService {
    pub(crate) arn: ServiceArn,
    pub(crate) status: ServiceStatus,
    /// Whether Express Mode manages it.
    pub(crate) is_express: bool,
    /// `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    pub(crate) deployment_controller: Option<String>,
    pub(crate) launch_type: Option<String>,
    pub(crate) capacity_provider_strategy: Vec<CapacityProviderStrategyItem>,
    pub(crate) platform_version: Option<String>,
    pub(crate) task_definition: String,
    pub(crate) desired_count: i32,
    pub(crate) running_count: i32,
    pub(crate) pending_count: i32,
    pub(crate) deployment_configuration: DeploymentConfiguration,
    pub(crate) network_configuration: Option<NetworkConfiguration>,
    pub(crate) load_balancers: Vec<ServiceLoadBalancer>,
    pub(crate) health_check_grace_period_seconds: Option<i32>,
    pub(crate) availability_zone_rebalancing: Option<String>,
    pub(crate) enable_execute_command: bool,
    pub(crate) enable_ecs_managed_tags: bool,
    /// `None` where AWS says `NONE`.
    pub(crate) propagate_tags: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) created_at: Option<SystemTime>,
    /// ARN of the deployment under way.
    pub(crate) current_service_deployment: Option<String>,
    /// The revisions that have tasks. One, when no deployment is under way.
    pub(crate) current_service_revisions: Vec<CurrentServiceRevision>,
    /// Newest first.
    pub(crate) events: Vec<ServiceEvent>,
}

/// A revision that a service has tasks of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CurrentServiceRevision {
    pub(crate) arn: String,
    pub(crate) requested_task_count: i32,
    pub(crate) running_task_count: i32,
    pub(crate) pending_task_count: i32,
}

#[derive(Debug, Deserialize)]
struct ServiceOutput {
    service: ServiceItem,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DescribeServicesOutput {
    services: Vec<ServiceItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ServiceItem {
    service_arn: String,
    status: String,
    resource_management_type: Option<String>,
    deployment_controller: Option<DeploymentControllerItem>,
    launch_type: Option<String>,
    capacity_provider_strategy: Vec<CapacityProviderStrategyItem>,
    platform_version: Option<String>,
    task_definition: String,
    desired_count: i32,
    running_count: i32,
    pending_count: i32,
    deployment_configuration: DeploymentConfiguration,
    network_configuration: Option<NetworkConfiguration>,
    load_balancers: Vec<ServiceLoadBalancer>,
    health_check_grace_period_seconds: Option<i32>,
    availability_zone_rebalancing: Option<String>,
    enable_execute_command: bool,
    #[serde(rename = "enableECSManagedTags")]
    enable_ecs_managed_tags: bool,
    propagate_tags: Option<String>,
    tags: Vec<wire_tags::Tag>,
    created_at: Option<f64>,
    current_service_deployment: Option<String>,
    current_service_revisions: Vec<CurrentServiceRevision>,
    events: Vec<EventItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DeploymentControllerItem {
    r#type: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct EventItem {
    created_at: Option<f64>,
    message: String,
}

impl Ecs {
    /// `CreateService`. The caller acts on the refusals (facts, composition section 2.2).
    pub(crate) async fn create_service(&self, input: &CreateServiceInput) -> Result<PlainService, AwsError> {
        const OPERATION: &str = "CreateService";
        let mut wire = super::to_wire(OPERATION, input)?;
        wire["schedulingStrategy"] = json!("REPLICA");
        wire["deploymentController"] = json!({ "type": "ECS" });
        let output: ServiceOutput = self.json.call(OPERATION, &wire).await?;
        from_item(output.service).ok_or_else(|| super::unparsable(OPERATION, "a service without ARN"))
    }

    /// `UpdateService`. Sends only the members that are present.
    pub(crate) async fn update_service(&self, input: &UpdateServiceInput) -> Result<PlainService, AwsError> {
        const OPERATION: &str = "UpdateService";
        let wire = super::to_wire(OPERATION, input)?;
        let output: ServiceOutput = self.json.call(OPERATION, &wire).await?;
        from_item(output.service).ok_or_else(|| super::unparsable(OPERATION, "a service without ARN"))
    }

    /// `DeleteService` with `force`: the tasks need not be stopped before. Says whether there was one to delete; one that
    /// is gone, or going, is a success.
    pub(crate) async fn delete_service(&self, arn: &ServiceArn) -> Result<bool, AwsError> {
        let input = json!({ "cluster": arn.cluster(), "service": arn.name(), "force": true });
        match self.json.call::<Value>("DeleteService", &input).await {
            Ok(_) => Ok(true),
            Err(error) if is_not_found(&error) || error.has_code("ServiceNotActiveException") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A service by cluster and name with everything that ECS tells of it, read together with those that others ask for;
    /// `None`: no record.
    ///
    /// An INACTIVE service is found for about an hour, and until its name is used again.
    pub(crate) async fn find_plain_service(
        &self,
        cluster: &str,
        service: &str,
    ) -> Result<Option<PlainService>, AwsError> {
        let key = ServiceKey { cluster: cluster.to_owned(), service: service.to_owned() };
        self.plain_services.find(&key).await
    }
}

/// One call for each cluster among the keys.
pub(super) async fn describe_plain_services(
    client: JsonClient,
    keys: Vec<ServiceKey>,
) -> Result<HashMap<ServiceKey, PlainService>, AwsError> {
    let mut found = HashMap::new();
    for (cluster, keys) in by_cluster(keys) {
        let names: Vec<_> = keys.iter().map(|key| &key.service).collect();
        let input = json!({ "cluster": cluster, "services": names, "include": ["TAGS"] });
        let services = match client.call::<DescribeServicesOutput>("DescribeServices", &input).await {
            Ok(output) => output.services,
            Err(error) if is_not_found(&error) => continue,
            Err(error) => return Err(error),
        };
        let services: Vec<_> = services.into_iter().filter_map(from_item).collect();
        for key in keys {
            let service = services.iter().find(|service| key.names(&service.arn));
            found.extend(service.cloned().map(|service| (key, service)));
        }
    }
    Ok(found)
}

fn from_item(item: ServiceItem) -> Option<PlainService> {
    Some(PlainService {
        arn: item.service_arn.parse().ok()?,
        status: ServiceStatus::from(item.status.as_str()),
        is_express: item.resource_management_type.as_deref() == Some("ECS"),
        deployment_controller: item.deployment_controller.and_then(|controller| controller.r#type),
        launch_type: item.launch_type,
        capacity_provider_strategy: item.capacity_provider_strategy,
        platform_version: item.platform_version,
        task_definition: item.task_definition,
        desired_count: item.desired_count,
        running_count: item.running_count,
        pending_count: item.pending_count,
        deployment_configuration: item.deployment_configuration,
        network_configuration: item.network_configuration,
        load_balancers: item.load_balancers,
        health_check_grace_period_seconds: item.health_check_grace_period_seconds,
        availability_zone_rebalancing: item.availability_zone_rebalancing,
        enable_execute_command: item.enable_execute_command,
        enable_ecs_managed_tags: item.enable_ecs_managed_tags,
        propagate_tags: item.propagate_tags.filter(|source| source != "NONE"),
        tags: wire_tags::to_map(item.tags),
        created_at: item.created_at.and_then(to_time),
        current_service_deployment: item.current_service_deployment,
        current_service_revisions: item.current_service_revisions,
        events: item.events.into_iter().map(event).collect(),
    })
}

fn event(item: EventItem) -> ServiceEvent {
    ServiceEvent { created_at: item.created_at.and_then(to_time), message: item.message }
}

/// Seconds since the epoch, as JSON has them.
fn to_time(seconds: f64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
}
