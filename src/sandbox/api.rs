//! The seam between the wire and the simulated world: one request, one answer, no protocol.
//!
//! The wire layer decodes an HTTP request into a [`Request`] and encodes the answer; the world executes it.
//! Inputs and outputs are JSON values with the member names of the AWS API model. A value is already in the
//! form that the service's own protocol gives it (ECS timestamps are epoch seconds, ELBv2's are ISO 8601
//! strings); the wire layer changes only the notation.

use std::time::SystemTime;

use serde_json::{Map, Value};

/// The AWS services that the sandbox knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Amazon ECS (awsJson 1.1).
    Ecs,
    /// Amazon ECR (awsJson 1.1).
    Ecr,
    /// Elastic Load Balancing v2 (Query).
    Elbv2,
    /// Amazon EC2 (EC2 Query).
    Ec2,
    /// AWS Certificate Manager (awsJson 1.1).
    Acm,
    /// Application Auto Scaling (awsJson 1.1).
    ApplicationAutoScaling,
    /// Amazon CloudWatch (RPC v2 CBOR, JSON or Query, as the caller likes).
    CloudWatch,
    /// AWS IAM (Query), which is global: its state belongs to the account.
    Iam,
    /// Amazon CloudWatch Logs (awsJson 1.1).
    Logs,
    /// Amazon Route 53 (REST XML), which is global: its state belongs to the account.
    Route53,
    /// AWS Secrets Manager (awsJson 1.1).
    SecretsManager,
    /// Parameter Store of AWS Systems Manager (awsJson 1.1).
    Ssm,
    /// AWS STS (Query).
    Sts,
    /// AWS WAF v2 (awsJson 1.1).
    Wafv2,
}

/// Who asks, where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext {
    /// Account that the credentials belong to.
    pub account_id: String,
    /// Region of the SigV4 credential scope.
    pub region: String,
    /// The sandbox's time at which the request takes effect.
    pub now: SystemTime,
}

/// One decoded API call.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Service that is asked.
    pub service: Service,
    /// Operation name as in the API model, for example `CreateExpressGatewayService`.
    pub operation: String,
    /// Input members.
    pub input: Value,
    /// Who asks, where and when.
    pub context: RequestContext,
}

/// A refusal in AWS's words.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Error code as the service's protocol spells it.
    pub code: String,
    /// Message text.
    pub message: String,
    /// Further modelled members of the error.
    pub members: Map<String, Value>,
}

impl ApiError {
    /// A client error (HTTP 400).
    pub fn client(code: &str, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.to_owned(), message: message.into(), members: Map::new() }
    }
}
