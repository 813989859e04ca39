//! A denial that AWS tells only in passing, while it goes on trying.

use super::Operation;
use crate::framework::Diagnostic;
use crate::service::ServiceArn;

/// What AWS says, and what the infrastructure role needs.
pub(super) fn explain_denial(
    operation: Operation,
    arn: Option<&ServiceArn>,
    role_arn: Option<&str>,
    evidence: &str,
) -> Diagnostic {
    let role = role_arn.unwrap_or("the infrastructure role");
    Diagnostic::error(
        format!("{}: AWS is denied what it needs", operation.summary(arn)),
        format!(
            "ECS builds load balancer, certificate and scaling with {role}, and goes on trying. AWS says: {evidence}"
        ),
    )
    .hint("correct the role, then apply again: ECS continues where it stopped")
}
