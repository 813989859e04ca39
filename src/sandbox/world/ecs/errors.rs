//! The refusals of Amazon ECS (facts, Express section 1.4; composition section 2.2).

use serde_json::json;

use crate::sandbox::api::ApiError;

/// `InvalidParameterException`.
pub(crate) fn invalid_parameter(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}

/// `ClientException`.
pub(crate) fn client(message: impl Into<String>) -> ApiError {
    ApiError::client("ClientException", message)
}

/// `AccessDeniedException`.
pub(crate) fn access_denied(message: impl Into<String>) -> ApiError {
    ApiError::client("AccessDeniedException", message)
}

/// `ClusterNotFoundException`.
pub(crate) fn cluster_not_found() -> ApiError {
    ApiError::client("ClusterNotFoundException", "Cluster not found.")
}

/// `ServiceNotFoundException`.
pub(crate) fn service_not_found() -> ApiError {
    ApiError::client("ServiceNotFoundException", "Service not found.")
}

/// `ServiceNotActiveException`.
pub(crate) fn service_not_active(message: impl Into<String>) -> ApiError {
    ApiError::client("ServiceNotActiveException", message)
}

/// `ResourceNotFoundException`, as `DescribeExpressGatewayService` answers for an unknown ARN.
pub(crate) fn resource_not_found() -> ApiError {
    ApiError::client("ResourceNotFoundException", "Resource not found")
}

/// `ConflictException` with the ARNs in conflict.
pub(crate) fn conflict(message: impl Into<String>, arn: &str) -> ApiError {
    let mut error = ApiError::client("ConflictException", message);
    error.members.insert("resourceIds".to_owned(), json!([arn]));
    error
}
