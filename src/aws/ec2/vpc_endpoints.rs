//! `DescribeVpcEndpoints`: which services a VPC reaches without the internet.

use serde::Deserialize;

use super::parameters::Parameters;
use super::{Ec2, Items};
use crate::aws::AwsError;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DescribeVpcEndpointsOutput {
    vpc_endpoint_set: Items<VpcEndpointItem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct VpcEndpointItem {
    service_name: String,
    state: String,
}

impl Ec2 {
    /// Names of the services that a VPC has endpoints of, for example `com.amazonaws.eu-west-1.ecr.api`.
    pub(crate) async fn list_vpc_endpoint_services(&self, vpc_id: &str) -> Result<Vec<String>, AwsError> {
        let parameters = Parameters::default().with_filter("vpc-id", vpc_id);
        let output: DescribeVpcEndpointsOutput =
            self.client.call("DescribeVpcEndpoints", &parameters.0).await?;
        let is_going =
            |state: &str| ["deleting", "deleted", "failed", "rejected", "expired"].contains(&state);
        let endpoints = output.vpc_endpoint_set.item.into_iter();
        Ok(endpoints
            .filter(|endpoint| !is_going(&endpoint.state.to_lowercase()))
            .map(|endpoint| endpoint.service_name)
            .collect())
    }
}
