//! A deployment that is given up before its end, because it is certain that it cannot succeed.

use super::Operation;
use super::cause::Finding;
use super::causes::CAUSES;
use super::symptom::Symptom;
use crate::engine::judge::Verdict;
use crate::framework::Diagnostic;
use crate::service::ServiceArn;

/// What AWS says, and what becomes of the deployment.
pub(super) fn explain(operation: Operation, arn: Option<&ServiceArn>, verdict: &Verdict) -> Diagnostic {
    let goes_on = match operation {
        Operation::Create => "The service exists, and ECS goes on trying until it gives up by itself.",
        _ => {
            "ECS goes on trying and goes back to the revision from before by itself, if its circuit breaker is on; that \
             one serves meanwhile."
        }
    };
    let is_denied = verdict.cause == "infrastructure-role-denied";
    let (ending, judgement) = if is_denied {
        (
            "its deployment does not get on",
            "What ECS is denied with a role that was just made passes by itself within minutes. This role is older, so the \
             apply does not wait any longer.",
        )
    } else {
        (
            "its deployment cannot succeed",
            "This cannot pass by itself, so the apply does not wait any longer.",
        )
    };
    let detail = format!("AWS says: {}\n{judgement} {goes_on}", verdict.evidence);
    let diagnostic = Diagnostic::error(format!("{}: {ending}", operation.summary(arn)), detail);
    let diagnostic = if is_denied {
        diagnostic.hint(
            "if the role may do it by now and ECS still does not try again, delete the service and create it anew: \
             terraform apply -replace=<address>",
        )
    } else {
        diagnostic
    };
    let diagnostic = match operation {
        Operation::Create => diagnostic.hint(
            "the service is marked tainted: after correcting the cause, `terraform untaint <address>` lets the next apply \
             continue with it instead of replacing it",
        ),
        _ => diagnostic.hint("correct the cause and apply again: the next plan shows what is running by then"),
    };
    diagnostic
        .hint("to wait for the deployment's end instead, set `fail_early = false` in the provider block")
}

/// The cause that was concluded, with what shows it now; no other one is told beside it.
pub(super) fn find_cause(verdict: &Verdict, findings: Vec<Finding>) -> Vec<Finding> {
    if let Some(found) = findings.into_iter().find(|finding| finding.cause.id == verdict.cause) {
        return vec![found];
    }
    let cause = CAUSES.iter().find(|cause| cause.id == verdict.cause);
    let finding = cause
        .map(|cause| Finding { cause, symptoms: vec![Symptom::new(cause.example.place, &verdict.evidence)] });
    finding.into_iter().collect()
}
