//! `DescribeLoadBalancerAttributes`, `ModifyLoadBalancerAttributes`: deletion protection, access logs and the rest.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute;

use super::{Elbv2, from_sdk};
use crate::aws::AwsError;

/// The attribute that makes `DeleteLoadBalancer` answer `OperationNotPermitted`.
const DELETION_PROTECTION: &str = "deletion_protection.enabled";

impl Elbv2 {
    /// All attributes of a load balancer by key; `None`: it does not exist.
    pub async fn find_load_balancer_attributes(
        &self,
        arn: &str,
    ) -> Result<Option<BTreeMap<String, String>>, AwsError> {
        let request = self.clients.elbv2().describe_load_balancer_attributes().load_balancer_arn(arn);
        let result = request.send().await.map_err(from_sdk("DescribeLoadBalancerAttributes"));
        let output = AwsError::optional(result, &["LoadBalancerNotFound"])?;
        let pair = |attribute: &LoadBalancerAttribute| {
            Some((attribute.key.clone()?, attribute.value.clone().unwrap_or_default()))
        };
        Ok(output.map(|output| output.attributes().iter().filter_map(pair).collect()))
    }

    /// Sets these attributes and leaves the others. `LoadBalancerNotFound`: it does not exist.
    pub async fn modify_load_balancer_attributes(
        &self,
        arn: &str,
        attributes: &BTreeMap<String, String>,
    ) -> Result<(), AwsError> {
        let attributes = attributes
            .iter()
            .map(|(key, value)| LoadBalancerAttribute::builder().key(key).value(value).build())
            .collect();
        let request = self.clients.elbv2().modify_load_balancer_attributes().load_balancer_arn(arn);
        let result = request.set_attributes(Some(attributes)).send().await;
        result.map(drop).map_err(from_sdk("ModifyLoadBalancerAttributes"))
    }

    /// Protects a load balancer from deletion, or lifts the protection.
    pub async fn put_deletion_protection(&self, arn: &str, is_protected: bool) -> Result<(), AwsError> {
        let attributes = [(DELETION_PROTECTION.to_owned(), is_protected.to_string())].into();
        self.modify_load_balancer_attributes(arn, &attributes).await
    }
}
