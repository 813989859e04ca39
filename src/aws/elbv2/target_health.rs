//! `DescribeTargetHealth`.

use aws_sdk_elasticloadbalancingv2::operation::describe_target_health::DescribeTargetHealthOutput;
use aws_sdk_elasticloadbalancingv2::types;

use super::{Elbv2, from_sdk};
use crate::aws::AwsError;

/// Health of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetHealth {
    /// Address of the target.
    pub target_id: String,
    /// Its port.
    pub port: u16,
    /// `initial`, `healthy`, `unhealthy`, `unused`, `draining`, ...
    pub state: String,
    /// `Target.ResponseCodeMismatch` and alike, where it is not healthy.
    pub reason: Option<String>,
    /// The same in words.
    pub description: Option<String>,
}

impl TargetHealth {
    /// Whether it gets requests.
    pub fn is_healthy(&self) -> bool {
        self.state == "healthy"
    }
}

impl Elbv2 {
    /// The targets of a group; none if it does not exist.
    pub async fn list_target_health(&self, target_group_arn: &str) -> Result<Vec<TargetHealth>, AwsError> {
        let request = self.clients.elbv2().describe_target_health().target_group_arn(target_group_arn);
        let result = request.send().await.map_err(from_sdk("DescribeTargetHealth"));
        let output = AwsError::optional(result, &["TargetGroupNotFound"])?;
        let descriptions = output.iter().flat_map(DescribeTargetHealthOutput::target_health_descriptions);
        Ok(descriptions.filter_map(from_output).collect())
    }
}

fn from_output(output: &types::TargetHealthDescription) -> Option<TargetHealth> {
    let (target, health) = (output.target()?, output.target_health()?);
    Some(TargetHealth {
        target_id: target.id.clone()?,
        port: target.port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default(),
        state: health.state()?.as_str().to_owned(),
        reason: health.reason().map(|reason| reason.as_str().to_owned()),
        description: health.description.clone(),
    })
}
