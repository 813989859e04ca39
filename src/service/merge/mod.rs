//! Out-of-band changes: what others did to a resource since we last wrote it, and what we want of it now, in one.
//!
//! Three documents go in: `base` is what we last wrote (`None`: nothing yet, for example after an import), `live` is
//! what is there, `want` is what we want. What we last wrote of a task definition is what [`SentLeaves`] names. Leaf by leaf (facts, composition section 5):
//!
//! - a leaf that we want is what we want: it is in the configuration, and a plan has shown it;
//! - a leaf that we wrote and want no more goes;
//! - a leaf that we never wrote stays as others made it;
//! - a leaf with a rule of [`Rule::KeptIfUnchanged`] stays as others made it until we want it otherwise than before.
//!
//! Documents are canonical: no read-only members, no empty ones, lists of named elements in any order.

mod document;
mod sent_leaves;
mod set;
mod task_definition;

pub use document::{Merged, Rule, Rules, merge_documents};
pub use sent_leaves::{DamagedTags, SentLeaves};
pub use set::{MergedSet, merge_sets};
pub use task_definition::{is_same_but_for_members, merge_task_definitions, sent_tags};
