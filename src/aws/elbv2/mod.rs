//! Elastic Load Balancing v2 as this provider uses it.

mod rules;

use std::collections::HashMap;

pub(crate) use rules::Rule;
#[cfg(test)]
pub(crate) use rules::TargetGroupWeight;

use crate::aws::batch::Batch;
use crate::aws::{AwsError, Clients};
use crate::service::LoadBalancerAddress;

/// `DescribeLoadBalancers` takes at most this many ARNs.
const LOAD_BALANCERS_PER_CALL: usize = 20;

const SERVICE: &str = "ELBv2";

/// The ELBv2 API. Its reads of load balancers are shared between concurrent callers.
pub(crate) struct Elbv2 {
    clients: Clients,
    load_balancers: Batch<String, LoadBalancerAddress>,
}

impl Elbv2 {
    /// The API through these clients.
    pub(crate) fn new(clients: Clients) -> Self {
        let for_batch = clients.clone();
        let load_balancers =
            Batch::new(LOAD_BALANCERS_PER_CALL, move |arns| describe_load_balancers(for_batch.clone(), arns));
        Self { clients, load_balancers }
    }

    /// Where a load balancer is; `None`: it does not exist.
    pub(crate) async fn find_load_balancer_address(
        &self,
        arn: &str,
    ) -> Result<Option<LoadBalancerAddress>, AwsError> {
        self.load_balancers.find(&arn.to_owned()).await
    }
}

/// One ARN that does not exist fails the whole call, so a failed call is repeated ARN by ARN.
async fn describe_load_balancers(
    clients: Clients,
    arns: Vec<String>,
) -> Result<HashMap<String, LoadBalancerAddress>, AwsError> {
    match describe(&clients, arns.clone()).await {
        Err(error) if error.has_code("LoadBalancerNotFound") => {
            let mut found = HashMap::new();
            for arn in arns {
                match describe(&clients, vec![arn]).await {
                    Ok(addresses) => found.extend(addresses),
                    Err(error) if error.has_code("LoadBalancerNotFound") => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(found)
        }
        other => other,
    }
}

async fn describe(
    clients: &Clients,
    arns: Vec<String>,
) -> Result<HashMap<String, LoadBalancerAddress>, AwsError> {
    let output = clients
        .elbv2()
        .describe_load_balancers()
        .set_load_balancer_arns(Some(arns))
        .send()
        .await
        .map_err(|error| AwsError::from_sdk(SERVICE, "DescribeLoadBalancers", error))?;
    Ok(output
        .load_balancers()
        .iter()
        .filter_map(|balancer| {
            let address = LoadBalancerAddress {
                dns_name: balancer.dns_name.clone()?,
                zone_id: balancer.canonical_hosted_zone_id.clone()?,
            };
            Some((balancer.load_balancer_arn.clone()?, address))
        })
        .collect())
}
