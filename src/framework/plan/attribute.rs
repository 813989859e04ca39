//! The plan of one attribute, and of the members of an object, each by itself.

use super::spelling::is_same;
use super::unset::{Stage, plan_unset};
use crate::framework::Value;
use crate::framework::schema::{Attribute, Kind, Nesting};

/// Plans the members of one object. `prior` is the same object in the state, if it is there.
///
/// A configuration that is not an object, null or unknown, is planned as it is.
pub(super) fn plan_object(
    members: &[Attribute],
    config: &Value,
    prior: Option<&Value>,
    stage: Stage<'_>,
) -> Value {
    let Value::Object(configured) = config else { return config.clone() };
    let prior = prior.filter(|prior| matches!(prior, Value::Object(_)));
    let stage = if prior.is_none() { Stage::Create } else { stage };
    let planned = members.iter().map(|attribute| {
        let config = configured.get(attribute.name).unwrap_or(&Value::Null);
        let prior = prior.and_then(|prior| prior.member(attribute.name)).unwrap_or(&Value::Null);
        (attribute.name, plan_attribute(attribute, config, prior, stage))
    });
    Value::object(planned)
}

fn plan_attribute(attribute: &Attribute, config: &Value, prior: &Value, stage: Stage<'_>) -> Value {
    if attribute.write_only {
        return Value::Null;
    }
    if config.is_null() {
        return if attribute.is_computed() { plan_unset(attribute, prior, stage) } else { config.clone() };
    }
    if config.is_unknown() {
        return config.clone();
    }
    if is_same(attribute, prior, config) {
        return prior.clone();
    }
    let Kind::Nested(nesting, members) = &attribute.kind else { return config.clone() };
    match (nesting, config) {
        (Nesting::Single, Value::Object(_)) => plan_object(members, config, Some(prior), stage),
        (Nesting::List, Value::List(configs)) => {
            let priors = if let Value::List(priors) = prior { priors.as_slice() } else { &[] };
            let configs = configs.iter().enumerate();
            Value::List(
                configs
                    .map(|(index, config)| plan_object(members, config, priors.get(index), stage))
                    .collect(),
            )
        }
        (Nesting::Map, Value::Map(configs)) => {
            let prior_of = |key| if let Value::Map(priors) = prior { priors.get(key) } else { None };
            let configs = configs.iter();
            let planned = configs
                .map(|(key, config)| (key.clone(), plan_object(members, config, prior_of(key), stage)));
            Value::Map(planned.collect())
        }
        // Elements of a set have neither computed members nor spellings (schema check).
        _ => config.clone(),
    }
}
