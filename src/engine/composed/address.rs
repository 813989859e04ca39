//! Where services are reached, without reading the rest of them: for lists of many.

use std::collections::{BTreeMap, HashMap};

use tokio::task::JoinSet;

use super::ComposedEngine;
use super::ground::Apis;
use crate::aws::ecs::ServiceRecord;
use crate::aws::{AwsError, AwsErrorKind};
use crate::service::{HOST_TAG_KEY, IngressPath, ObjectNames, ServiceArn};

/// Services whose load balancers are looked up at the same time.
const LOOKED_UP_AT_ONCE: usize = 8;

impl ComposedEngine {
    /// Where each of these services is reached; one that has no address yet, or none that may be read, is missing.
    ///
    /// Calls: one `DescribeSecurityGroups` for a hundred services; for each one without a domain a
    /// `DescribeTargetGroups`, and a `DescribeLoadBalancers` that those which are looked up together share.
    pub(crate) async fn list_ingress_paths(
        &self,
        records: &[&ServiceRecord],
    ) -> Result<BTreeMap<ServiceArn, IngressPath>, AwsError> {
        let mut paths = or_nothing(find_hosts(&self.apis, records).await)?;
        let without_host: Vec<_> = records.iter().filter(|record| !paths.contains_key(&record.arn)).collect();
        for group in without_host.chunks(LOOKED_UP_AT_ONCE) {
            let mut tasks = JoinSet::new();
            for record in group {
                let (apis, arn) = (self.apis.clone(), record.arn.clone());
                let target_group_arn = record.target_group_arn.clone();
                tasks.spawn(async move {
                    let found = find_plain_address(&apis, target_group_arn.as_deref()).await;
                    or_nothing(found).map(|found| Some((arn, found?)))
                });
            }
            while let Some(finished) = tasks.join_next().await {
                paths.extend(finished.expect("the look-up neither panics nor is aborted")?);
            }
        }
        Ok(paths)
    }
}

/// A URL that may not be read is missing, and the log says so.
fn or_nothing<T: Default>(result: Result<T, AwsError>) -> Result<T, AwsError> {
    match result {
        Err(error) if error.kind == AwsErrorKind::AccessDenied => {
            tracing::warn!(error = %error, "not allowed to read where services are reached");
            Ok(T::default())
        }
        other => other,
    }
}

/// Services on a domain of their own: the tags of their security groups name it.
async fn find_hosts(
    apis: &Apis,
    records: &[&ServiceRecord],
) -> Result<BTreeMap<ServiceArn, IngressPath>, AwsError> {
    let names = records.iter().map(|record| ObjectNames::new(record.arn.clone()));
    let by_group: HashMap<String, ObjectNames> =
        names.map(|names| (names.service_security_group(), names)).collect();
    let groups = apis.ec2.list_security_groups_of_names(by_group.keys()).await?;
    let mut paths = BTreeMap::new();
    for group in groups {
        let names = by_group.get(&group.name).filter(|names| names.owner().owns(&group.tags));
        if let (Some(names), Some(host)) = (names, group.tags.get(HOST_TAG_KEY)) {
            paths.insert(names.service().clone(), IngressPath::new("PUBLIC", host));
        }
    }
    Ok(paths)
}

/// A service without a domain: its target group names the load balancer, which has a host name of AWS's.
async fn find_plain_address(
    apis: &Apis,
    target_group_arn: Option<&str>,
) -> Result<Option<IngressPath>, AwsError> {
    let Some(arn) = target_group_arn else { return Ok(None) };
    let group = apis.elbv2.find_target_group(arn).await?;
    let Some(arn) = group.and_then(|group| group.load_balancer_arns.into_iter().next()) else {
        return Ok(None);
    };
    let address = apis.elbv2.find_load_balancer_address(&arn).await?;
    Ok(address.map(|address| IngressPath::plain_http("PUBLIC", &address.dns_name)))
}
