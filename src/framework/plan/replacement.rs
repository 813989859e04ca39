//! Which changes replace the object.

use super::spelling::is_same;
use crate::framework::path::Step;
use crate::framework::schema::{Attribute, Kind, Nesting, Replace};
use crate::framework::{Path, Value};

/// The paths whose planned change forces a replacement, by the schema. Nothing on create.
pub fn replaced_paths(members: &[Attribute], prior: &Value, planned: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    if !prior.is_null() && !planned.is_null() {
        collect_object(members, prior, planned, &Path::default(), &mut paths);
    }
    paths
}

/// Those of `paths` whose value changes, each once, in order. Core rejects a path that neither side has.
pub fn changed_paths(mut paths: Vec<Path>, prior: &Value, planned: &Value) -> Vec<Path> {
    paths.sort();
    paths.dedup();
    paths.retain(|path| at(prior, path) != at(planned, path));
    paths
}

fn collect_object(members: &[Attribute], prior: &Value, planned: &Value, path: &Path, paths: &mut Vec<Path>) {
    for attribute in members {
        let prior = prior.member(attribute.name).unwrap_or(&Value::Null);
        let planned = planned.member(attribute.name).unwrap_or(&Value::Null);
        if prior != planned {
            collect_attribute(attribute, prior, planned, &path.then(attribute.name), paths);
        }
    }
}

fn collect_attribute(
    attribute: &Attribute,
    prior: &Value,
    planned: &Value,
    path: &Path,
    paths: &mut Vec<Path>,
) {
    let replaces = match attribute.replace {
        Replace::Never => false,
        Replace::Always => !is_same(attribute, prior, planned),
        Replace::If(decides) => !is_same(attribute, prior, planned) && decides(prior, planned),
    };
    if replaces {
        paths.push(path.clone());
        return;
    }
    let Kind::Nested(nesting, members) = &attribute.kind else { return };
    match nesting {
        Nesting::Single => collect_object(members, prior, planned, path, paths),
        Nesting::List => {
            let (priors, plans) = (elements(prior), elements(planned));
            for index in 0..priors.len().max(plans.len()) {
                let prior = priors.get(index).unwrap_or(&Value::Null);
                let planned = plans.get(index).unwrap_or(&Value::Null);
                collect_object(members, prior, planned, &path.index(index), paths);
            }
        }
        Nesting::Map => collect_map(members, prior, planned, path, paths),
        // A set's elements have no path of their own, and a changed one is another one.
        Nesting::Set => {
            if members.iter().any(|member| matches!(member.replace, Replace::Always)) {
                paths.push(path.clone());
            }
        }
    }
}

fn collect_map(members: &[Attribute], prior: &Value, planned: &Value, path: &Path, paths: &mut Vec<Path>) {
    let (Value::Map(_) | Value::Null, Value::Map(_) | Value::Null) = (prior, planned) else { return };
    let mut keys: Vec<&String> = Vec::new();
    for side in [prior, planned] {
        if let Value::Map(entries) = side {
            keys.extend(entries.keys());
        }
    }
    keys.sort();
    keys.dedup();
    for key in keys {
        let path = path.key(key);
        let prior = step_into(prior, &Step::Key(key.clone())).unwrap_or(&Value::Null);
        let planned = step_into(planned, &Step::Key(key.clone())).unwrap_or(&Value::Null);
        collect_object(members, prior, planned, &path, paths);
    }
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::List(elements) => elements,
        _ => &[],
    }
}

fn at<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    path.0.iter().try_fold(value, step_into)
}

fn step_into<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match (value, step) {
        (Value::Object(members), Step::Attribute(name)) => members.get(name),
        (Value::Map(elements), Step::Key(key)) => elements.get(key),
        (Value::List(elements) | Value::Tuple(elements), Step::Index(index)) => {
            elements.get(usize::try_from(*index).ok()?)
        }
        _ => None,
    }
}
