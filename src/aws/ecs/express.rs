//! `CreateExpressGatewayService`, `Describe…`, `Update…`, `Delete…`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use aws_sdk_ecs::types;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use serde_json::{Map, Value, json};

use super::{Ecs, SERVICE, convert, is_not_found};
use crate::aws::{AwsError, AwsErrorKind};
use crate::service::{
    Configuration, ConfigurationChange, IngressPath, ServiceArn, ServiceSpec, ServiceStatus,
};

/// Members of a container that this version knows.
const CONTAINER_MEMBERS: [&str; 7] = [
    "image",
    "containerPort",
    "command",
    "environment",
    "secrets",
    "awsLogsConfiguration",
    "repositoryCredentials",
];

/// An Express service as `DescribeExpressGatewayService` shows it.
#[derive(Debug, Clone)]
pub(crate) struct ExpressService {
    pub(crate) arn: ServiceArn,
    pub(crate) infrastructure_role_arn: Option<String>,
    pub(crate) status: ServiceStatus,
    pub(crate) status_reason: Option<String>,
    /// One for each revision that serves or is about to; the order is not promised.
    pub(crate) configurations: Vec<ActiveConfiguration>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// The configuration of one revision.
#[derive(Debug, Clone)]
pub(crate) struct ActiveConfiguration {
    pub(crate) revision_arn: Option<String>,
    /// Security groups are as AWS echoes them, the managed one included.
    pub(crate) configuration: Configuration,
    pub(crate) ingress_paths: Vec<IngressPath>,
    pub(crate) created_at: Option<SystemTime>,
}

impl Ecs {
    /// Creates a service, in one attempt.
    ///
    /// The API knows no client token: the SDK's own retry after a lost answer would make a second service, so it
    /// is off for this call.
    pub(crate) async fn create_express_gateway_service(
        &self,
        spec: &ServiceSpec,
        tags: &BTreeMap<String, String>,
    ) -> Result<ServiceArn, AwsError> {
        const OPERATION: &str = "CreateExpressGatewayService";
        let configuration = &spec.configuration;
        let container = configuration.primary_container.as_ref().map(convert::container_to_input).transpose();
        let tags = (!tags.is_empty()).then(|| convert::tags_to_input(tags));
        let output = self
            .clients
            .ecs()
            .create_express_gateway_service()
            .set_service_name(spec.service_name.clone())
            .set_cluster(spec.cluster.clone())
            .infrastructure_role_arn(&spec.infrastructure_role_arn)
            .set_execution_role_arn(configuration.execution_role_arn.clone())
            .set_task_role_arn(configuration.task_role_arn.clone())
            .set_task_definition_arn(configuration.task_definition_arn.clone())
            .set_primary_container(container.map_err(|error| unbuildable(OPERATION, &error))?)
            .set_cpu(configuration.cpu.clone())
            .set_memory(configuration.memory.clone())
            .set_cpu_architecture(architecture(configuration.cpu_architecture.as_ref()))
            .set_health_check_path(configuration.health_check_path.clone())
            .set_network_configuration(convert::network_to_input(
                configuration.subnets.as_ref(),
                configuration.security_groups.as_ref().filter(|groups| !groups.is_empty()),
            ))
            .set_scaling_target(convert::scaling_to_input(&configuration.scaling_target))
            .set_tags(tags)
            .customize()
            .config_override(aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled()))
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, OPERATION, error))?;
        let arn = output.service.and_then(|service| service.service_arn).unwrap_or_default();
        arn.parse().map_err(|error| AwsError::of_kind(SERVICE, OPERATION, AwsErrorKind::Unparsable, error))
    }

    /// Reads a service with its tags; `None`: there is no record of it.
    pub(crate) async fn find_express_gateway_service(
        &self,
        arn: &ServiceArn,
    ) -> Result<Option<ExpressService>, AwsError> {
        const OPERATION: &str = "DescribeExpressGatewayService";
        let result = self
            .clients
            .ecs()
            .describe_express_gateway_service()
            .service_arn(arn.as_str())
            .include(types::ExpressGatewayServiceInclude::Tags)
            .send()
            .await;
        match result {
            Ok(output) => Ok(output.service.map(|service| from_output(arn, service))),
            Err(error) => {
                let error = AwsError::from_sdk(SERVICE, OPERATION, error);
                if is_not_found(&error) { Ok(None) } else { Err(error) }
            }
        }
    }

    /// Members of the live container that this version does not know. ECS replaces the container as a whole, so they go
    /// along with every change of it.
    async fn find_unknown_members(&self, arn: &ServiceArn) -> Result<Map<String, Value>, AwsError> {
        const OPERATION: &str = "DescribeExpressGatewayService";
        let answer = self.json.call::<Value>(OPERATION, &json!({ "serviceArn": arn.as_str() })).await;
        let answer = match answer {
            Err(error) if is_not_found(&error) => return Ok(Map::new()),
            answered => answered?,
        };
        let configurations = answer["service"]["activeConfigurations"].as_array();
        let created_at = |configuration: &Value| configuration["createdAt"].as_f64().unwrap_or_default();
        let newest =
            configurations.into_iter().flatten().max_by(|a, b| created_at(a).total_cmp(&created_at(b)));
        let container = newest.and_then(|newest| newest["primaryContainer"].as_object());
        let is_unknown = |name: &str| !CONTAINER_MEMBERS.contains(&name);
        let members = container.into_iter().flatten().filter(|(name, _)| is_unknown(name));
        Ok(members.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Sends a change and answers the revision that it makes. `managed_security_groups` go along with the user's:
    /// the list is replaced as a whole, and without them ECS would cut the service off (facts, express section 1.3).
    pub(crate) async fn update_express_gateway_service(
        &self,
        arn: &ServiceArn,
        change: &ConfigurationChange,
        managed_security_groups: &BTreeSet<String>,
    ) -> Result<Option<String>, AwsError> {
        const OPERATION: &str = "UpdateExpressGatewayService";
        let change = &change.members;
        let container = change.primary_container.as_ref().map(convert::container_to_input).transpose();
        let unknown = match &change.primary_container {
            Some(_) => self.find_unknown_members(arn).await?,
            None => Map::new(),
        };
        let security_groups = change
            .security_groups
            .as_ref()
            .map(|groups| groups.union(managed_security_groups).cloned().collect());
        let output = self
            .clients
            .ecs()
            .update_express_gateway_service()
            .service_arn(arn.as_str())
            .set_execution_role_arn(change.execution_role_arn.clone())
            .set_task_role_arn(change.task_role_arn.clone())
            .set_task_definition_arn(change.task_definition_arn.clone())
            .set_primary_container(container.map_err(|error| unbuildable(OPERATION, &error))?)
            .set_cpu(change.cpu.clone())
            .set_memory(change.memory.clone())
            .set_cpu_architecture(architecture(change.cpu_architecture.as_ref()))
            .set_health_check_path(change.health_check_path.clone())
            .set_network_configuration(convert::network_to_input(
                change.subnets.as_ref(),
                security_groups.as_ref(),
            ))
            .set_scaling_target(convert::scaling_to_input(&change.scaling_target))
            .customize()
            .mutate_request(move |request| add_to_container(request, &unknown))
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, OPERATION, error))?;
        let target = output.service.and_then(|service| service.target_configuration);
        Ok(target.and_then(|target| target.service_revision_arn))
    }

    /// Starts the deletion. A service that is already being deleted, or is gone, is no error.
    pub(crate) async fn delete_express_gateway_service(&self, arn: &ServiceArn) -> Result<(), AwsError> {
        const OPERATION: &str = "DeleteExpressGatewayService";
        let result =
            self.clients.ecs().delete_express_gateway_service().service_arn(arn.as_str()).send().await;
        let Err(error) = result else { return Ok(()) };
        let error = AwsError::from_sdk(SERVICE, OPERATION, error);
        let is_under_way = error.has_code("ServiceNotActiveException")
            || error.has_code("InvalidParameterException") && error.says("draining");
        if is_under_way || is_not_found(&error) { Ok(()) } else { Err(error) }
    }
}

/// Adds members to the container of a request that is not signed yet. The SDK's types have no place for them.
fn add_to_container(request: &mut HttpRequest, members: &Map<String, Value>) {
    if members.is_empty() {
        return;
    }
    let body = request.body().bytes().and_then(|body| serde_json::from_slice::<Value>(body).ok());
    let Some(mut body) = body else { return };
    if let Some(container) = body["primaryContainer"].as_object_mut() {
        container.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    let body = body.to_string();
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
}

fn unbuildable(operation: &'static str, error: &convert::BuildError) -> AwsError {
    AwsError::of_kind(SERVICE, operation, AwsErrorKind::NotSent, error)
}

fn architecture(name: Option<&String>) -> Option<types::ExpressCpuArchitecture> {
    name.map(|name| types::ExpressCpuArchitecture::from(name.as_str()))
}

fn from_output(arn: &ServiceArn, output: types::EcsExpressGatewayService) -> ExpressService {
    let status = output.status.as_ref();
    let code = status.and_then(|status| status.status_code.as_ref());
    let configurations = output.active_configurations.unwrap_or_default();
    ExpressService {
        arn: arn.clone(),
        infrastructure_role_arn: output.infrastructure_role_arn,
        status: code.map_or(ServiceStatus::Active, |code| ServiceStatus::from(code.as_str())),
        status_reason: status.and_then(|status| status.status_reason.clone()),
        configurations: configurations.iter().map(active_configuration).collect(),
        tags: convert::tags_from_output(output.tags.as_deref().unwrap_or_default()),
    }
}

fn active_configuration(output: &types::ExpressGatewayServiceConfiguration) -> ActiveConfiguration {
    ActiveConfiguration {
        revision_arn: output.service_revision_arn.clone(),
        configuration: convert::configuration_from_output(output),
        ingress_paths: convert::ingress_paths_from_output(
            output.ingress_paths.as_deref().unwrap_or_default(),
        ),
        created_at: convert::to_time(output.created_at.as_ref()),
    }
}
