//! A failure in the user's words: what failed, what AWS says, what was seen, what to do next.

use std::fmt::Write as _;

use super::Operation;
use super::cause::Finding;
use super::causes::find_causes;
use super::evidence::{Evidence, list_symptoms, of_refusal, render};
use super::hopeless;
use super::interruptions::{self, Cut, Work};
use super::split_rule::explain_split_rule;
use crate::aws::AwsError;
use crate::engine::error::Aftermath;
use crate::engine::{DeploymentFailure, EngineError};
use crate::framework::Diagnostic;
use crate::service::{DeploymentStatus, ServiceArn};

/// A call that AWS refused, or did not answer.
pub(crate) fn explain_refusal(
    operation: Operation,
    arn: Option<&ServiceArn>,
    error: &AwsError,
) -> Diagnostic {
    refusal(error.to_diagnostic(operation.summary(arn)), &find_causes(&[of_refusal(error)]))
}

/// Any failure of an engine: the cause in a sentence, what was tried and answered, the evidence, what to do.
pub(crate) fn explain(
    operation: Operation,
    arn: Option<&ServiceArn>,
    error: &EngineError,
    evidence: &Evidence,
) -> Diagnostic {
    let mut diagnostic = describe(operation, arn, error);
    let below = render(evidence, &diagnostic.detail);
    diagnostic.detail.push_str(&below);
    let findings = find_causes(&list_symptoms(error, evidence));
    match error.root() {
        EngineError::Aws(_) => refusal(diagnostic, &findings),
        EngineError::Hopeless { verdict, .. } => {
            with_causes(diagnostic, &hopeless::find_cause(verdict, findings))
        }
        _ => with_causes(diagnostic, &findings),
    }
}

/// What helps about a cause says more than what helps about any refusal of its kind.
fn refusal(mut diagnostic: Diagnostic, findings: &[Finding]) -> Diagnostic {
    if !findings.is_empty() {
        diagnostic.hints.clear();
    }
    with_causes(diagnostic, findings)
}

/// Says the causes before everything else, and what to do about them before what holds for any failure.
pub(super) fn with_causes(mut diagnostic: Diagnostic, findings: &[Finding]) -> Diagnostic {
    let mut told = String::new();
    let mut hints: Vec<String> = Vec::new();
    for finding in findings {
        let _ = writeln!(told, "Cause: {} ({})", finding.cause.sentence, finding.cause.id);
        hints.extend(finding.fix());
    }
    diagnostic.detail.insert_str(0, &told);
    hints.append(&mut diagnostic.hints);
    for hint in hints {
        if !diagnostic.hints.contains(&hint) {
            diagnostic.hints.push(hint);
        }
    }
    diagnostic
}

/// A failure without its causes and evidence.
fn describe(operation: Operation, arn: Option<&ServiceArn>, error: &EngineError) -> Diagnostic {
    match error {
        EngineError::Aws(error) => error.to_diagnostic(operation.summary(arn)),
        EngineError::AlreadyExists { arn, is_importable } => explain_already_exists(arn, *is_importable),
        EngineError::Step { step, source, aftermath } => explain_step(step, aftermath, describe(operation, arn, source)),
        EngineError::Missing { .. } | EngineError::NotOurs { .. } | EngineError::Unfit { .. } => explain_unfit(operation, arn, error),
        EngineError::LeftBehind { arn, is_composed } => explain_left_behind(arn, *is_composed),
        EngineError::Gone { arn } => Diagnostic::error(
            operation.summary(Some(arn)),
            format!("`{arn}` was deleted while Terraform was at work."),
        )
        .hint("apply again: the refresh notices and the plan makes a new service"),
        EngineError::DeploymentFailed(failure) => explain_deployment(operation, arn, failure),
        EngineError::Superseded { expected, actual } => Diagnostic::error(
            format!("{}: another deployment came in between", operation.summary(arn)),
            format!("This apply deployed `{expected}`, but `{actual}` counts now. Somebody deployed at the same time."),
        )
        .hint("plan again: it shows what differs from the configuration now"),
        EngineError::NoTasks { .. } => explain_no_tasks(operation, arn, error),
        EngineError::Busy { .. } => explain_busy(operation, arn, error),
        EngineError::SplitRule(split) => explain_split_rule(operation, arn, split),
        EngineError::ResourceFailed { kind, arn: resource_arn, reason } => {
            let resource = resource_arn.as_deref().unwrap_or("(it has no ARN yet)");
            let reason = reason.as_deref().unwrap_or("no reason given");
            let detail = format!("AWS could not provision {kind} {resource}: {reason}");
            Diagnostic::error(operation.summary(arn), detail)
        }
        EngineError::Hopeless { verdict, .. } => hopeless::explain(operation, arn, verdict),
        EngineError::InfrastructureRoleGone { role_arn, evidence } => explain_role(arn, role_arn.as_deref(), evidence),
        EngineError::TimedOut { pending } => explain_timeout(operation, arn, pending),
        EngineError::Interrupted { pending } => Diagnostic::error(
            format!("{}: interrupted", operation.summary(arn)),
            format!("Terraform was stopped while {pending}. What AWS has begun goes on."),
        )
        .hint(continue_hint(operation, arn)),
    }
}

/// The failure of a part, with what became of the others.
fn explain_step(step: &str, aftermath: &Aftermath, mut diagnostic: Diagnostic) -> Diagnostic {
    let _ = write!(diagnostic.detail, "\nThe part that failed: {step}.");
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
        format!("`{arn}` lives, and no apply of this configuration began it within the last 24 hours."),
    );
    if is_importable {
        diagnostic
            .hint(format!("import it: terraform import <address> {arn}"))
            .hint("or choose another `service_name`")
            .hint(
                "if it is the one that this apply replaces (`create_before_destroy`, also of a resource that depends on it), \
                 both live for a while: the new one needs another `service_name`, or the replacement has to be in place",
            )
    } else {
        diagnostic.hint(
            "it is an ordinary ECS service, which cannot be imported here: choose another `service_name`",
        )
    }
}

fn explain_left_behind(arn: &ServiceArn, is_composed: bool) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        format!("An interrupted apply left service `{}` behind", arn.name()),
        format!(
            "`{arn}` was begun for a service like this one, but its apply ended before Terraform could save it. Since \
             the service has no `service_name`, whether it is this one cannot be known, and nothing was created."
        ),
    )
    .hint(format!("keep it: terraform import <address> {arn}"));
    let diagnostic = if is_composed {
        diagnostic.hint("remove it: import it in the same way, then terraform destroy -target=<address>")
    } else {
        diagnostic.hint(format!("remove it: aws ecs delete-express-gateway-service --service-arn {arn}"))
    };
    diagnostic.hint("with a `service_name`, an interrupted create is continued by the next apply")
}

fn explain_deployment(
    operation: Operation,
    arn: Option<&ServiceArn>,
    failure: &DeploymentFailure,
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
    .hint("create the role again with the same name, then run destroy again: it continues where it stopped")
    .hint("let the service depend on the role's policy attachment, so that it is destroyed first: depends_on = [...]")
}

fn explain_timeout(operation: Operation, arn: Option<&ServiceArn>, pending: &str) -> Diagnostic {
    let detail = format!("Time ran out while {pending}. What AWS has begun goes on.");
    Diagnostic::error(format!("{}: timed out", operation.summary(arn)), detail)
        .hint(continue_hint(operation, arn))
        .hint(format!("or raise `timeouts.{}`", operation.verb()))
}

/// How an operation that ended early goes on, as the table of interruptions has it. Terraform marks as tainted what a create
/// with an error left.
fn continue_hint(operation: Operation, arn: Option<&ServiceArn>) -> &'static str {
    let work = match (operation, arn) {
        (Operation::Create, Some(_)) => Some(Work::Create),
        (Operation::Update, _) => Some(Work::Update),
        (Operation::Delete, _) => Some(Work::Destroy),
        _ => None,
    };
    work.and_then(|work| interruptions::of(work, Cut::Timeout).hint)
        .unwrap_or("apply again: it continues with what is already under way")
}

fn explain_no_tasks(operation: Operation, arn: Option<&ServiceArn>, error: &EngineError) -> Diagnostic {
    let detail = format!(
        "The deployment ended well, but that is not enough: {error}. Without a task the URL answers 503. ECS leaves a \
         service like that whose first deployment failed."
    );
    let diagnostic = Diagnostic::error(format!("{}: too few tasks run", operation.summary(arn)), detail);
    match (operation, arn) {
        (Operation::Create, Some(_)) => diagnostic.hint(continue_hint(operation, arn)),
        _ => diagnostic
            .hint("apply again: the plan shows that tasks are missing, and the apply brings them back"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ecs::{ServiceEvent, StoppedTask};

    fn arn() -> ServiceArn {
        "arn:aws:ecs:eu-west-1:123456789012:service/prod/api".parse().expect("valid")
    }

    fn shown(diagnostic: &Diagnostic) -> String {
        format!("{}\n\n{}", diagnostic.summary, diagnostic.render_detail())
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
                stopped_reason: Some("Essential container in task exited".to_owned()),
                ..StoppedTask::default()
            }],
            ..Evidence::default()
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
        let error = EngineError::LeftBehind { arn: arn(), is_composed: false };
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
