//! The plan of a computed attribute that the configuration leaves out.

use std::collections::BTreeSet;

use crate::framework::Value;
use crate::framework::schema::{Attribute, Kind, Mode, Nesting, WhenUnset};

/// What is being planned.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage<'a> {
    /// The object does not exist yet.
    Create,
    /// The object exists; everything that is left out stays. This finds out whether anything changes.
    Keep,
    /// The object exists and these top-level attributes change.
    Update {
        /// Their names.
        changed: &'a BTreeSet<&'static str>,
    },
}

/// Plans a computed attribute that is not configured.
pub(super) fn plan_unset(attribute: &Attribute, prior: &Value, stage: Stage<'_>) -> Value {
    match (stage, &attribute.when_unset) {
        (_, WhenUnset::Default(default)) => default.clone(),
        (stage, _) => plan_without_default(attribute, prior, stage),
    }
}

fn plan_without_default(attribute: &Attribute, prior: &Value, stage: Stage<'_>) -> Value {
    let changed = match stage {
        Stage::Create => return Value::unknown(),
        Stage::Keep => return unset_members(attribute, prior, stage),
        Stage::Update { changed } => changed,
    };
    match &attribute.when_unset {
        WhenUnset::UnknownIfChanged(names) if names.iter().any(|name| changed.contains(name)) => {
            Value::unknown()
        }
        WhenUnset::Unknown if !is_optional_object(attribute, prior) => Value::unknown(),
        WhenUnset::Unknown => unset_members(attribute, prior, stage),
        WhenUnset::Keep | WhenUnset::UnknownIfChanged(_) | WhenUnset::Default(_) => {
            unset_members(attribute, prior, Stage::Keep)
        }
    }
}

/// The state's value, without what only a configuration can have put into it. The defaults of members are for
/// objects that are configured; in one that is left out the provider's values stay.
fn unset_members(attribute: &Attribute, prior: &Value, stage: Stage<'_>) -> Value {
    let (Kind::Nested(_, members), true) = (&attribute.kind, is_optional_object(attribute, prior)) else {
        return prior.clone();
    };
    let planned = members.iter().map(|member| {
        let prior = prior.member(member.name).unwrap_or(&Value::Null);
        let planned =
            if member.is_computed() { plan_without_default(member, prior, stage) } else { Value::Null };
        (member.name, planned)
    });
    Value::object(planned)
}

fn is_optional_object(attribute: &Attribute, prior: &Value) -> bool {
    attribute.mode == Mode::OptionalComputed
        && matches!(attribute.kind, Kind::Nested(Nesting::Single, _))
        && matches!(prior, Value::Object(_))
}
