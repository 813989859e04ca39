//! Failures that explain themselves: evidence is collected within bounds, judged by the causes, and rendered once.
//!
//! `symptom` is one thing that AWS says; `causes` has one file for each cause, which recognises symptoms, says in a
//! sentence what happened, and knows what helps; `evidence` reads what AWS knows; `explain` puts it into one message.
//! `catalogue` is all causes as a page.

pub mod catalogue;
mod cause;
mod causes;
mod evidence;
mod explain;
mod hopeless;
pub mod interruptions;
mod lost_parts;
mod operation;
mod remains;
mod split_rule;
mod symptom;
#[cfg(test)]
mod testing;
mod unfinished;
mod watch;

pub(crate) use evidence::EvidenceReader;
pub(crate) use explain::{explain, explain_refusal};
pub(crate) use lost_parts::{
    explain_loss_during_apply, explain_lost_parts, explain_mending, is_made_again, part_name,
};
pub(crate) use operation::{Operation, name_service};
pub(crate) use remains::explain_remains;
pub(crate) use unfinished::{
    explain_failed_deployment, explain_missing_tasks, explain_parked, explain_stopped_create,
    explain_unended_create, explain_unended_deployment,
};
pub(crate) use watch::Watch;
