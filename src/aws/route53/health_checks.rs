//! `CreateHealthCheck`, `DeleteHealthCheck`.

use aws_sdk_route53::types;

use super::{Route53, from_sdk, not_sent};
use crate::aws::{AwsError, AwsErrorKind};

/// What a health check is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheckInput {
    /// Unique in the account: the same reference with the same settings answers with the same check.
    pub caller_reference: String,
    /// What it looks at.
    pub config: HealthCheckConfig,
}

/// What a health check looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthCheckConfig {
    /// A CloudWatch alarm. While the alarm has no data, it is unhealthy.
    Alarm {
        /// Region of the alarm.
        region: String,
        /// Name of the alarm.
        name: String,
    },
    /// Healthy while one of these checks is.
    AnyOf(Vec<String>),
}

impl Route53 {
    /// Makes a health check and answers its id. `HealthCheckAlreadyExists`: the reference has other settings.
    pub async fn create_health_check(&self, input: &HealthCheckInput) -> Result<String, AwsError> {
        const OPERATION: &str = "CreateHealthCheck";
        let config = input.config.to_input().map_err(not_sent(OPERATION))?;
        let request = self.clients.route53().create_health_check().caller_reference(&input.caller_reference);
        let output = request.health_check_config(config).send().await.map_err(from_sdk(OPERATION))?;
        let nothing =
            || AwsError::of_kind(super::SERVICE, OPERATION, AwsErrorKind::Unparsable, "the answer is empty");
        Ok(output.health_check.ok_or_else(nothing)?.id)
    }

    /// Deletes a health check.
    pub async fn delete_health_check(&self, id: &str) -> Result<(), AwsError> {
        let result = self.clients.route53().delete_health_check().health_check_id(id).send().await;
        AwsError::optional(result.map_err(from_sdk("DeleteHealthCheck")), &["NoSuchHealthCheck"])?;
        Ok(())
    }
}

impl HealthCheckConfig {
    fn to_input(&self) -> Result<types::HealthCheckConfig, aws_sdk_route53::error::BuildError> {
        let config = types::HealthCheckConfig::builder();
        match self {
            Self::Alarm { region, name } => config
                .r#type(types::HealthCheckType::CloudwatchMetric)
                .insufficient_data_health_status(types::InsufficientDataHealthStatus::Unhealthy)
                .alarm_identifier(
                    types::AlarmIdentifier::builder()
                        .region(types::CloudWatchRegion::from(region.as_str()))
                        .name(name)
                        .build()?,
                ),
            Self::AnyOf(children) => config
                .r#type(types::HealthCheckType::Calculated)
                .health_threshold(1)
                .set_child_health_checks(Some(children.clone())),
        }
        .build()
    }
}
