//! What a change will do, worked out from the schema's plan behaviour.
//!
//! **Invariant:** planning is a pure function of schema, configuration and state, and what it plans never
//! breaks [`plan_violations`](crate::framework::core_rules::plan_violations).

mod attribute;
mod replacement;
mod spelling;
mod unset;

use std::collections::BTreeSet;

use crate::framework::Value;
use crate::framework::schema::Attribute;

pub use replacement::{changed_paths, replaced_paths};
pub use spelling::respell_object;

use attribute::plan_object;
use unset::Stage;

/// Plans the state after a create (`prior` is null) or an update.
///
/// Configured attributes are planned as configured, or as the state spells the same thing. Computed ones that
/// are not configured follow [`WhenUnset`](crate::framework::schema::WhenUnset). If an update changes nothing,
/// the plan is exactly the state.
pub fn plan_change(members: &[Attribute], config: &Value, prior: &Value) -> Value {
    if prior.is_null() {
        return plan_object(members, config, None, Stage::Create);
    }
    let kept = plan_object(members, config, Some(prior), Stage::Keep);
    let mut changed = changed_names(members, prior, &kept);
    if changed.is_empty() {
        return prior.clone();
    }
    // What becomes unknown may make others unknown. Each round adds at least one name, or it is the last one.
    for _ in members {
        let planned = plan_object(members, config, Some(prior), Stage::Update { changed: &changed });
        let grown = changed_names(members, prior, &planned);
        if grown == changed {
            break;
        }
        changed.extend(grown);
    }
    plan_object(members, config, Some(prior), Stage::Update { changed: &changed })
}

fn changed_names(members: &[Attribute], prior: &Value, planned: &Value) -> BTreeSet<&'static str> {
    let names = members.iter().map(|attribute| attribute.name);
    names.filter(|name| prior.member(name) != planned.member(name)).collect()
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
