//! `DescribeServices`, `ListServices`.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use aws_sdk_ecs::types;

use super::{Ecs, SERVICE, ServiceEvent, convert, is_not_found};
use crate::aws::{AwsError, Clients};
use crate::service::{ServiceArn, ServiceStatus};

/// Pages of `ListServices` that are read at the most: 100 services to a page, 5000 services to a cluster.
const PAGE_LIMIT: usize = 50;

/// A service by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ServiceKey {
    /// Cluster by name or ARN.
    pub(crate) cluster: String,
    /// Service by name or ARN.
    pub(crate) service: String,
}

/// A service as `DescribeServices` shows it; an Express service has no more here.
#[derive(Debug, Clone)]
pub(crate) struct ServiceRecord {
    pub(crate) arn: ServiceArn,
    pub(crate) status: ServiceStatus,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) created_at: Option<SystemTime>,
    pub(crate) desired_count: i32,
    pub(crate) running_count: i32,
    /// Newest first.
    pub(crate) events: Vec<ServiceEvent>,
    /// Whether it belongs to Express Mode.
    pub(crate) is_express: bool,
    /// The deployment that is running.
    pub(crate) current_deployment_arn: Option<String>,
    /// The revisions that have tasks or are about to.
    pub(crate) current_revision_arns: Vec<String>,
    /// The target group that tasks register in, of a service that names one.
    pub(crate) target_group_arn: Option<String>,
}

impl ServiceKey {
    /// Whether it means this service.
    pub(super) fn names(&self, arn: &ServiceArn) -> bool {
        arn.name() == self.service || arn.as_str() == self.service
    }
}

/// The keys of each cluster.
pub(super) fn by_cluster(keys: Vec<ServiceKey>) -> BTreeMap<String, Vec<ServiceKey>> {
    let mut by_cluster = BTreeMap::<String, Vec<ServiceKey>>::new();
    for key in keys {
        by_cluster.entry(key.cluster.clone()).or_default().push(key);
    }
    by_cluster
}

impl Ecs {
    /// A service by cluster and name, read together with those that others ask for; `None`: no record.
    pub(crate) async fn find_service(
        &self,
        cluster: &str,
        service: &str,
    ) -> Result<Option<ServiceRecord>, AwsError> {
        let key = ServiceKey { cluster: cluster.to_owned(), service: service.to_owned() };
        self.services.find(&key).await
    }

    /// The services of these ARNs that have a record, ten to a call.
    pub(crate) async fn find_services(
        &self,
        cluster: &str,
        arns: &[ServiceArn],
    ) -> Result<Vec<ServiceRecord>, AwsError> {
        let mut records = Vec::new();
        for chunk in arns.chunks(super::SERVICES_PER_CALL) {
            let keys =
                chunk.iter().map(|arn| ServiceKey { cluster: cluster.to_owned(), service: arn.to_string() });
            let found = describe_services(self.clients.clone(), keys.collect()).await?;
            records.extend(found.into_values());
        }
        Ok(records)
    }

    /// ARNs of all Express services of a cluster; none if the cluster does not exist.
    pub(crate) async fn list_express_services(&self, cluster: &str) -> Result<Vec<ServiceArn>, AwsError> {
        self.list_services(cluster, Some(types::ResourceManagementType::Ecs)).await
    }

    /// ARNs of all services of a cluster that are not Express services; none if the cluster does not exist.
    pub(crate) async fn list_plain_services(&self, cluster: &str) -> Result<Vec<ServiceArn>, AwsError> {
        self.list_services(cluster, Some(types::ResourceManagementType::Customer)).await
    }

    /// ARNs of all services of a cluster, whoever made them; none if the cluster does not exist.
    pub(crate) async fn list_all_services(&self, cluster: &str) -> Result<Vec<ServiceArn>, AwsError> {
        self.list_services(cluster, None).await
    }

    async fn list_services(
        &self,
        cluster: &str,
        made_by: Option<types::ResourceManagementType>,
    ) -> Result<Vec<ServiceArn>, AwsError> {
        let mut arns = Vec::new();
        let mut next_token = None;
        for _ in 0..PAGE_LIMIT {
            let result = self
                .clients
                .ecs()
                .list_services()
                .cluster(cluster)
                .set_resource_management_type(made_by.clone())
                .max_results(100)
                .set_next_token(next_token)
                .send()
                .await
                .map_err(|error| AwsError::from_sdk(SERVICE, "ListServices", error));
            let output = match result {
                Ok(output) => output,
                Err(error) if is_not_found(&error) => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            arns.extend(output.service_arns().iter().filter_map(|arn| arn.parse().ok()));
            next_token = output.next_token;
            if next_token.is_none() {
                break;
            }
        }
        Ok(arns)
    }
}

/// One call for each cluster among the keys.
pub(super) async fn describe_services(
    clients: Clients,
    keys: Vec<ServiceKey>,
) -> Result<HashMap<ServiceKey, ServiceRecord>, AwsError> {
    let mut records = HashMap::new();
    for (cluster, keys) in by_cluster(keys) {
        let result = clients
            .ecs()
            .describe_services()
            .cluster(cluster)
            .set_services(Some(keys.iter().map(|key| key.service.clone()).collect()))
            .include(types::ServiceField::Tags)
            .send()
            .await
            .map_err(|error| AwsError::from_sdk(SERVICE, "DescribeServices", error));
        let output = match result {
            Ok(output) => output,
            Err(error) if is_not_found(&error) => continue,
            Err(error) => return Err(error),
        };
        let found: Vec<_> = output.services().iter().filter_map(from_output).collect();
        for key in keys {
            if let Some(record) = found.iter().find(|record| key.names(&record.arn)) {
                records.insert(key, record.clone());
            }
        }
    }
    Ok(records)
}

fn from_output(output: &types::Service) -> Option<ServiceRecord> {
    Some(ServiceRecord {
        arn: output.service_arn.as_ref()?.parse().ok()?,
        status: ServiceStatus::from(output.status.as_deref().unwrap_or_default()),
        tags: convert::tags_from_output(output.tags()),
        created_at: convert::to_time(output.created_at.as_ref()),
        desired_count: output.desired_count,
        running_count: output.running_count,
        events: output.events().iter().map(ServiceEvent::from_output).collect(),
        is_express: output.resource_management_type == Some(types::ResourceManagementType::Ecs),
        current_deployment_arn: output.current_service_deployment.clone(),
        current_revision_arns: output
            .current_service_revisions()
            .iter()
            .filter_map(|revision| revision.arn.clone())
            .collect(),
        target_group_arn: output
            .load_balancers()
            .first()
            .and_then(|load_balancer| load_balancer.target_group_arn.clone()),
    })
}
