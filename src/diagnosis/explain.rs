//! A failure in the user's words: what failed, what AWS says, what was seen, what to do next.

use std::fmt::Write as _;

use super::Evidence;
use super::causes::list_hints;
use super::denial::explain_denial;
use super::split_rule::explain_split_rule;
use crate::aws::AwsError;
use crate::aws::ecs::StoppedTask;
use crate::engine::error::Aftermath;
use crate::engine::{DeploymentFailure, EngineError};
use crate::framework::Diagnostic;
use crate::service::{DeploymentStatus, ServiceArn};

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Read,
    Update,
    Delete,
    Import,
    Redeploy,
    RollBack,
}

impl Operation {
    fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Import => "import",
            Self::Redeploy => "redeploy",
            Self::RollBack => "roll back",
        }
    }

    pub(crate) fn summary(self, arn: Option<&ServiceArn>) -> String {
        match arn {
            Some(arn) => format!("Cannot {} service `{}`", self.verb(), arn.name()),
            None => format!("Cannot {} the service", self.verb()),
        }
    }
}

/// A call that AWS refused, or did not answer.
pub(crate) fn explain_refusal(
    operation: Operation,
    arn: Option<&ServiceArn>,
    error: &AwsError,
) -> Diagnostic {
    error.to_diagnostic(operation.summary(arn))
}

/// Any failure of an engine.
pub(crate) fn explain(
    operation: Operation,
    arn: Option<&ServiceArn>,
    error: &EngineError,
    evidence: &Evidence,
) -> Diagnostic {
    match error {
        EngineError::Aws(error) => explain_refusal(operation, arn, error),
        EngineError::AlreadyExists { arn, is_importable } => explain_already_exists(arn, *is_importable),
        EngineError::Step { step, source, aftermath } => explain_step(step, aftermath, explain(operation, arn, source, evidence)),
        EngineError::Missing { .. } | EngineError::NotOurs { .. } | EngineError::Unfit { .. } => explain_unfit(operation, arn, error),
        EngineError::LeftBehind { arn } => explain_left_behind(arn),
        EngineError::Gone { arn } => Diagnostic::error(
            operation.summary(Some(arn)),
            format!("`{arn}` was deleted while Terraform was at work."),
        )
        .hint("apply again: the refresh notices and the plan makes a new service"),
        EngineError::DeploymentFailed(failure) => explain_deployment(operation, arn, failure, evidence),
        EngineError::Superseded { expected, actual } => Diagnostic::error(
            format!("{}: another deployment came in between", operation.summary(arn)),
            format!("This apply deployed `{expected}`, but `{actual}` counts now. Somebody deployed at the same time."),
        )
        .hint("plan again: it shows what differs from the configuration now"),
        EngineError::Busy { .. } => explain_busy(operation, arn, error),
        EngineError::SplitRule(split) => explain_split_rule(operation, arn, split),
        EngineError::ResourceFailed { kind, arn: resource_arn, reason } => {
            let resource = resource_arn.as_deref().unwrap_or("(it has no ARN yet)");
            let reason = reason.as_deref().unwrap_or("no reason given");
            let detail = format!("AWS could not provision {kind} {resource}: {reason}");
            with_evidence(Diagnostic::error(operation.summary(arn), detail), evidence)
        }
        EngineError::Denied { role_arn, evidence } => explain_denial(operation, arn, role_arn.as_deref(), evidence),
        EngineError::InfrastructureRoleGone { role_arn, evidence } => explain_role(arn, role_arn.as_deref(), evidence),
        EngineError::TimedOut { pending } => explain_timeout(operation, arn, pending, evidence),
        EngineError::Interrupted { pending } => Diagnostic::error(
            format!("{}: interrupted", operation.summary(arn)),
            format!("Terraform was stopped while {pending}. What AWS has begun goes on."),
        )
        .hint(continue_hint(operation, arn)),
    }
}

/// The failure of a step, with the step's name and what became of the others.
fn explain_step(step: &str, aftermath: &Aftermath, mut diagnostic: Diagnostic) -> Diagnostic {
    let _ = write!(diagnostic.detail, "\nThe step that failed: {step}.");
    if !aftermath.undone.is_empty() {
        let _ = write!(diagnostic.detail, "\nUndone: {}.", aftermath.undone.join(", "));
    }
    if !aftermath.kept.is_empty() {
        let _ = write!(diagnostic.detail, "\nKept: {}.", aftermath.kept.join(", "));
    }
    diagnostic
}

/// Something is missing, somebody else's, or cannot be built.
fn explain_unfit(operation: Operation, arn: Option<&ServiceArn>, error: &EngineError) -> Diagnostic {
    let detail = match error {
        EngineError::Unfit { reason, .. } => reason.clone(),
        other => format!("{}.", capitalized(&other.to_string())),
    };
    let diagnostic = Diagnostic::error(operation.summary(arn), detail);
    match error {
        EngineError::Unfit { hint, .. } => diagnostic.hint(hint),
        EngineError::NotOurs { kind, .. } => diagnostic
            .hint(format!("remove or rename that {kind}, or choose another `service_name` or host name")),
        _ => diagnostic.hint("make it first, or correct the configuration"),
    }
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn explain_already_exists(arn: &ServiceArn, is_importable: bool) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        format!("Service `{}` already exists", arn.name()),
        format!("`{arn}` lives, and this configuration did not begin it."),
    );
    if is_importable {
        diagnostic
            .hint(format!("import it: terraform import <address> {arn}"))
            .hint("or choose another `service_name`")
    } else {
        diagnostic.hint(
            "it is an ordinary ECS service, which cannot be imported here: choose another `service_name`",
        )
    }
}

fn explain_left_behind(arn: &ServiceArn) -> Diagnostic {
    Diagnostic::error(
        format!("An interrupted apply left service `{}` behind", arn.name()),
        format!(
            "`{arn}` was begun for a service like this one, but its apply ended before Terraform could save it. Since \
             the service has no `service_name`, whether it is this one cannot be known, and nothing was created."
        ),
    )
    .hint(format!("keep it: terraform import <address> {arn}"))
    .hint(format!("remove it: aws ecs delete-express-gateway-service --service-arn {arn}"))
    .hint("with a `service_name`, an interrupted create is continued by the next apply")
}

fn explain_deployment(
    operation: Operation,
    arn: Option<&ServiceArn>,
    failure: &DeploymentFailure,
    evidence: &Evidence,
) -> Diagnostic {
    let ending = match failure.status {
        DeploymentStatus::RollbackSuccessful => "its deployment was rolled back",
        DeploymentStatus::RollbackFailed => "its deployment failed and could not be rolled back",
        DeploymentStatus::Stopped => "its deployment was stopped",
        _ => "its deployment failed",
    };
    let mut detail = format!("Deployment {} ended {}.", failure.deployment_arn, failure.status);
    // The longer of the two often repeats the shorter one.
    let mut reasons: Vec<_> =
        [&failure.rollback_reason, &failure.status_reason].into_iter().flatten().collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.len()));
    for reason in reasons {
        if !detail.contains(reason) {
            let _ = write!(detail, "\nReason: {reason}");
        }
    }
    if !failure.triggered_alarm_names.is_empty() {
        let _ = write!(detail, "\nAlarms that went off: {}", failure.triggered_alarm_names.join(", "));
    }
    let diagnostic = Diagnostic::error(format!("{}: {ending}", operation.summary(arn)), detail);
    let diagnostic = with_evidence(diagnostic, evidence);
    match operation {
        Operation::Create => diagnostic.hint(
            "the service exists and is marked tainted: after correcting the configuration, `terraform untaint \
             <address>` lets the next apply update it in place instead of replacing it",
        ),
        _ => diagnostic.hint("the state holds what is really running: the next plan shows the difference"),
    }
}

fn explain_busy(operation: Operation, arn: Option<&ServiceArn>, error: &EngineError) -> Diagnostic {
    Diagnostic::error(
        format!("{}: another deployment is running", operation.summary(arn)),
        format!(
            "The {error} and was not begun by this apply. An update in the middle of a deployment can leave the \
             listener rule split over both target groups, so nothing was changed."
        ),
    )
    .hint("wait for its end and apply again, or raise `timeouts.update`")
    .hint("or stop it: aws ecs stop-service-deployment --service-deployment-arn <arn> --stop-type ROLLBACK")
}

fn explain_role(arn: Option<&ServiceArn>, role_arn: Option<&str>, evidence: &str) -> Diagnostic {
    let role = role_arn.unwrap_or("the infrastructure role");
    Diagnostic::error(
        format!("{}: ECS cannot assume the infrastructure role", Operation::Delete.summary(arn)),
        format!("ECS needs {role} to take the load balancer rule, certificate and scaling away. AWS says: {evidence}"),
    )
    .hint(
        "create the role again with the same name, trust for `ecs.amazonaws.com` and the policy \
         AmazonECSInfrastructureRoleforExpressGatewayServices, then run destroy again: it continues where it stopped",
    )
    .hint("let the service depend on the role's policy attachment, so that it is destroyed first: depends_on = [...]")
}

fn explain_timeout(
    operation: Operation,
    arn: Option<&ServiceArn>,
    pending: &str,
    evidence: &Evidence,
) -> Diagnostic {
    let detail = format!("Time ran out while {pending}. What AWS has begun goes on.");
    let diagnostic = Diagnostic::error(format!("{}: timed out", operation.summary(arn)), detail);
    with_evidence(diagnostic, evidence)
        .hint(continue_hint(operation, arn))
        .hint(format!("or raise `timeouts.{}`", operation.verb()))
}

/// How an operation that ended early goes on. Terraform marks as tainted what a create with an error left.
fn continue_hint(operation: Operation, arn: Option<&ServiceArn>) -> &'static str {
    match (operation, arn) {
        (Operation::Create, Some(_)) => {
            "the service exists and is marked tainted: `terraform untaint <address>` lets the next apply continue with \
             it instead of replacing it"
        }
        _ => "apply again: it continues with what is already under way",
    }
}

/// Adds what was seen below the detail.
fn with_evidence(mut diagnostic: Diagnostic, evidence: &Evidence) -> Diagnostic {
    if !evidence.stopped_tasks.is_empty() {
        diagnostic.detail.push_str("\nTasks that stopped:");
        for (line, count) in count_equal(evidence.stopped_tasks.iter().map(describe_task)) {
            let times = if count == 1 { String::new() } else { format!(" ({count} tasks)") };
            let _ = write!(diagnostic.detail, "\n  - {line}{times}");
        }
    }
    if !evidence.events.is_empty() {
        diagnostic.detail.push_str("\nService events:");
        for event in &evidence.events {
            let _ = write!(diagnostic.detail, "\n  - {}", event.message);
        }
    }
    list_hints(evidence).into_iter().fold(diagnostic, Diagnostic::hint)
}

/// Distinct lines in order of appearance, and how often each appears.
fn count_equal(lines: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for line in lines {
        match counted.iter_mut().find(|(known, _)| *known == line) {
            Some((_, count)) => *count += 1,
            None => counted.push((line, 1)),
        }
    }
    counted
}

fn describe_task(task: &StoppedTask) -> String {
    let mut line = task.stopped_reason.clone().unwrap_or_else(|| "no reason given".to_owned());
    for container in &task.containers {
        if let Some(exit_code) = container.exit_code {
            let _ = write!(line, "; container {} exited with {exit_code}", container.name);
        }
        if let Some(reason) = container.reason.as_ref().filter(|reason| !line.contains(reason.as_str())) {
            let _ = write!(line, "; {reason}");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ecs::ServiceEvent;

    fn arn() -> ServiceArn {
        "arn:aws:ecs:eu-west-1:123456789012:service/prod/api".parse().expect("valid")
    }

    fn shown(diagnostic: &Diagnostic) -> String {
        format!("{}\n\n{}", diagnostic.summary, diagnostic.render_detail())
    }

    #[test]
    fn equal_lines_are_told_once_with_their_number() {
        let lines = ["a", "b", "a"].map(str::to_owned).into_iter();
        assert_eq!(count_equal(lines), [("a".to_owned(), 2), ("b".to_owned(), 1)]);
    }

    #[test]
    fn a_rolled_back_update_names_reason_alarm_tasks_and_events() {
        let failure = DeploymentFailure {
            deployment_arn: "arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/api/abc".to_owned(),
            status: DeploymentStatus::RollbackSuccessful,
            status_reason: None,
            rollback_reason: Some("Service deployment rolled back because of alarm.".to_owned()),
            triggered_alarm_names: vec!["prod/api/RollbackAlarm".to_owned()],
            created_at: None,
        };
        let evidence = Evidence {
            events: vec![ServiceEvent { created_at: None, message: "(service api) rolled back.".to_owned() }],
            stopped_tasks: vec![StoppedTask {
                task_definition_arn: None,
                stopped_at: None,
                stopped_reason: Some("Essential container in task exited".to_owned()),
                containers: Vec::new(),
            }],
        };
        let error = EngineError::DeploymentFailed(Box::new(failure));
        insta::assert_snapshot!(shown(&explain(Operation::Update, Some(&arn()), &error, &evidence)));
    }

    #[test]
    fn a_taken_name_gives_the_import_command() {
        let error = EngineError::AlreadyExists { arn: arn(), is_importable: true };
        insta::assert_snapshot!(shown(&explain(Operation::Create, None, &error, &Evidence::default())));
    }

    #[test]
    fn what_an_interrupted_apply_left_behind_can_be_kept_or_removed() {
        let error = EngineError::LeftBehind { arn: arn() };
        insta::assert_snapshot!(shown(&explain(Operation::Create, None, &error, &Evidence::default())));
    }

    #[test]
    fn a_missing_infrastructure_role_gives_the_way_out() {
        let error = EngineError::InfrastructureRoleGone {
            role_arn: Some("arn:aws:iam::123456789012:role/infrastructure".to_owned()),
            evidence: "ECS was unable to assume the role.".to_owned(),
        };
        insta::assert_snapshot!(shown(&explain(
            Operation::Delete,
            Some(&arn()),
            &error,
            &Evidence::default()
        )));
    }

    #[test]
    fn a_timeout_says_what_was_missing() {
        let error = EngineError::TimedOut { pending: "waiting for certificate PROVISIONING".to_owned() };
        insta::assert_snapshot!(shown(&explain(
            Operation::Create,
            Some(&arn()),
            &error,
            &Evidence::default()
        )));
    }
}
