//! AWS STS.

use serde_json::Value;

use super::{Scope, unknown_operation};
use crate::sandbox::api::{ApiError, Request};

/// Executes one STS operation.
pub(crate) fn call(scope: &mut Scope<'_>, request: &Request) -> Result<Value, ApiError> {
    let _ = scope;
    Err(unknown_operation(request))
}
