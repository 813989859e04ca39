//! What a user is told of an apply that ended before its work did, and of a service that runs no task on purpose.

use super::interruptions::{self, Cut, Work};
use crate::engine::EngineError;
use crate::framework::{Diagnostic, Path};
use crate::service::{ObservedService, ServiceArn};

/// A create that the user stopped. No error: core says itself that it was stopped, and an error of ours would taint the
/// service.
pub(crate) fn explain_stopped_create(arn: &ServiceArn, error: &EngineError) -> Diagnostic {
    let told = Diagnostic::warning(
        format!("The create of service `{}` was stopped", arn.name()),
        format!(
            "Terraform was {}. What AWS has begun goes on, and the state has the service as it is now.",
            error.root()
        ),
    );
    match interruptions::of(Work::Create, Cut::Interrupt).hint {
        Some(hint) => told.hint(hint),
        None => told,
    }
}

/// The deployment that the last apply began has not ended.
pub(crate) fn explain_unended_deployment(name: &str, has_other_changes: bool) -> Diagnostic {
    let next = if has_other_changes {
        "This apply waits for its end, however it ends, before it changes anything."
    } else {
        "This apply follows it to its end, and fails if it fails."
    };
    Diagnostic::warning(
        format!("The last apply of service `{name}` has not ended"),
        format!("The deployment that it began is still running. {next}"),
    )
    .at(Path::attribute("deployment"))
}

/// A create was cut short and the service is in the state.
pub(crate) fn explain_unended_create(name: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("The create of service `{name}` has not ended"),
        "An apply was cut short while it made the service. This apply does the rest.",
    )
    .at(Path::attribute("deployment"))
}

/// The deployment that the last apply began failed while nobody looked.
pub(crate) fn explain_failed_deployment(name: &str, status: &str, reason: Option<&str>) -> Diagnostic {
    let reason = reason.map(|reason| format!("\nReason: {reason}")).unwrap_or_default();
    Diagnostic::warning(
        format!("The deployment that the last apply of service `{name}` began has failed"),
        format!(
            "It ended {status} after that apply had left it.{reason}\nThe state holds what the service really runs, and \
             this plan deploys again."
        ),
    )
    .at(Path::attribute("deployment"))
}

/// ECS is to run no task although the bounds want some.
pub(crate) fn explain_missing_tasks(name: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Service `{name}` runs no task"),
        "ECS is to run 0 tasks although the service's bounds ask for more, so its URL answers 503. The circuit breaker \
         leaves a service like that whose first deployment failed. This apply brings the tasks back.",
    )
    .at(Path::attribute("deployment"))
}

/// The service is as wanted and runs no task: somebody parked it by its live bounds. `planned_minimum`: the fewest tasks
/// that the configuration asks for; with 0 the plan has said it.
pub(crate) fn explain_parked(observed: &ObservedService, planned_minimum: Option<i64>) -> Option<Diagnostic> {
    let counts = observed.task_counts?;
    let is_parked = counts.desired == 0 && counts.minimum == 0 && planned_minimum != Some(0);
    is_parked.then(|| {
        Diagnostic::warning(
            format!("Service `{}` runs no task", observed.arn.name()),
            "Its live bounds ask for no task: somebody parked it, or a scheduled action did. That is left as it is, and \
             the URL answers 503 until the bounds are raised.",
        )
        .at(Path::attribute("scaling_target"))
        .hint(format!(
            "see its bounds: aws application-autoscaling describe-scalable-targets --service-namespace ecs --resource-ids \
             service/{}/{}",
            observed.arn.cluster(),
            observed.arn.name()
        ))
    })
}
