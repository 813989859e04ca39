//! How a target group checks its targets.

use aws_sdk_elasticloadbalancingv2::types;

/// The health check of a target group. It runs over HTTP at the port of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// Path of an HTTP check, or `/package.service/method`.
    pub path: String,
    /// 5 to 300.
    pub interval_seconds: i32,
    /// 2 to 120, shorter than the interval.
    pub timeout_seconds: i32,
    /// Successes that make a target healthy: 2 to 10.
    pub healthy_threshold_count: i32,
    /// Failures that make it unhealthy: 2 to 10.
    pub unhealthy_threshold_count: i32,
    /// Answers that count as successes.
    pub matcher: Matcher,
}

/// Codes such as `200-399` or `200,204`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matcher {
    /// HTTP status codes.
    Http(String),
    /// gRPC codes, for groups of protocol version `GRPC`.
    Grpc(String),
}

impl Matcher {
    pub(super) fn to_input(&self) -> types::Matcher {
        match self {
            Self::Http(codes) => types::Matcher::builder().http_code(codes).build(),
            Self::Grpc(codes) => types::Matcher::builder().grpc_code(codes).build(),
        }
    }

    fn from_output(output: Option<&types::Matcher>) -> Self {
        match output.and_then(types::Matcher::grpc_code) {
            Some(codes) => Self::Grpc(codes.to_owned()),
            None => Self::Http(output.and_then(types::Matcher::http_code).unwrap_or_default().to_owned()),
        }
    }
}

impl HealthCheck {
    pub(super) fn from_output(output: &types::TargetGroup) -> Self {
        Self {
            path: output.health_check_path.clone().unwrap_or_default(),
            interval_seconds: output.health_check_interval_seconds.unwrap_or_default(),
            timeout_seconds: output.health_check_timeout_seconds.unwrap_or_default(),
            healthy_threshold_count: output.healthy_threshold_count.unwrap_or_default(),
            unhealthy_threshold_count: output.unhealthy_threshold_count.unwrap_or_default(),
            matcher: Matcher::from_output(output.matcher()),
        }
    }
}
