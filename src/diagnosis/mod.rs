//! Failures that explain themselves: evidence is collected within bounds, then rendered once.

mod causes;
mod denial;
mod evidence;
mod explain;
mod remains;
mod split_rule;

pub(crate) use evidence::{Evidence, collect_evidence};
pub(crate) use explain::{Operation, explain, explain_refusal};
pub(crate) use remains::explain_remains;
