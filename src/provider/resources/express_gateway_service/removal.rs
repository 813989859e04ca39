//! What a configuration no longer says, and what that means for a service that exists.
//!
//! A state cannot tell an argument that was removed from one that was never written: it has what is live in both cases.
//! So an apply keeps the names of what the configuration set beside the state, and the next plan compares.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value as Json;

use super::memory;
use super::model::ServiceModel;
use super::schema::schema;
use crate::framework::plan::plan_change;
use crate::framework::resource::{Plan, Private};
use crate::framework::schema::{Attribute, Kind, Lack, Mode, Nesting, Removal, WhenUnset};
use crate::framework::{Diagnostic, Model, Path, Value};
use crate::provider::handle::{COMPOSED_ENGINE, MANAGED_ENGINE};

/// The resource's attributes.
pub(super) static ATTRIBUTES: LazyLock<Vec<Attribute>> = LazyLock::new(|| schema().attributes);

/// Member of the private bytes with the paths that the last apply's configuration set.
const WRITTEN: &str = "written";

/// What removing an argument of a service does, by engine.
pub(super) trait Removals {
    /// AWS keeps the value; the composed engine goes back to its default.
    fn kept_or_default(self) -> Self;

    /// Only services of the composed engine have it. `way`: how the managed engine can have it all the same.
    fn composed_only(self, removal: Removal, reason: &'static str, way: Option<&'static str>) -> Self;
}

impl Removals for Attribute {
    fn kept_or_default(self) -> Self {
        self.when_removed_from(MANAGED_ENGINE, Removal::Kept)
            .when_removed_from(COMPOSED_ENGINE, Removal::Default)
    }

    fn composed_only(self, removal: Removal, reason: &'static str, way: Option<&'static str>) -> Self {
        self.when_removed(removal).lacking(Lack { kind: MANAGED_ENGINE, reason, way })
    }
}

/// Paths, as people write them.
pub(super) type Paths = BTreeSet<String>;

/// The arguments that the last apply's configuration set and this one does not.
pub(super) fn removed(config: &ServiceModel, private: &Private, engine: &str) -> Paths {
    let written = written_before(private);
    if written.is_empty() {
        return Paths::new();
    }
    let now = written_now(config, engine);
    written.into_iter().filter(|path| !now.contains(path)).collect()
}

/// The bytes to keep beside a state that this configuration led to. After a failure, what was set before counts still:
/// it may not be gone yet.
pub(super) fn remember(private: &Private, config: &ServiceModel, engine: &str, has_failed: bool) -> Private {
    let mut written = written_now(config, engine);
    if has_failed {
        written.extend(written_before(private));
    }
    let written: Vec<_> = written.into_iter().map(Json::String).collect();
    memory::with_member(private, WRITTEN, (!written.is_empty()).then_some(Json::Array(written)))
}

fn written_before(private: &Private) -> Paths {
    let written = memory::member(private, WRITTEN);
    let written = written.as_ref().and_then(Json::as_array).into_iter().flatten();
    written.filter_map(Json::as_str).map(str::to_owned).collect()
}

fn written_now(config: &ServiceModel, engine: &str) -> Paths {
    let mut written = Paths::new();
    collect_written(&ATTRIBUTES, &config.to_value(), engine, "", &mut written);
    written
}

/// Only of what the provider fills in: everything else shows in the state whether it was written.
fn collect_written(
    attributes: &[Attribute],
    config: &Value,
    engine: &str,
    parent: &str,
    written: &mut Paths,
) {
    for attribute in attributes {
        let Some(value) = config.member(attribute.name).filter(|value| !value.is_null()) else { continue };
        let path = format!("{parent}{}", attribute.name);
        if let (Kind::Nested(Nesting::Single, members), Value::Object(_)) = (&attribute.kind, value) {
            collect_written(members, value, engine, &format!("{path}."), written);
        } else if is_filled_in(attribute, engine) {
            written.insert(path);
        }
    }
}

fn is_filled_in(attribute: &Attribute, engine: &str) -> bool {
    attribute.mode == Mode::OptionalComputed
        && !matches!(attribute.when_unset, WhenUnset::Default(_))
        && !matches!(attribute.replace, crate::framework::schema::Replace::Always)
        && matches!(attribute.removal(engine), Some(Removal::Default | Removal::Kept))
}

/// The removed arguments whose removal does this.
pub(super) fn with_removal(removed: &Paths, engine: &str, wanted: Removal) -> Paths {
    let does = |path: &&String| find(path).is_some_and(|attribute| attribute.removal(engine) == Some(wanted));
    removed.iter().filter(does).cloned().collect()
}

fn find(path: &str) -> Option<&'static Attribute> {
    let mut attributes: &'static [Attribute] = &ATTRIBUTES;
    let mut found = None;
    for name in path.split('.') {
        let attribute = attributes.iter().find(|attribute| attribute.name == name)?;
        attributes = attribute.nested_attributes();
        found = Some(attribute);
    }
    found
}

/// Plans an update anew in which these arguments are open, as when the service is created: whatever depends on a change
/// is open as well.
pub(super) fn reopen(plan: &mut Plan<ServiceModel>, paths: &Paths) {
    let Some(prior) = plan.prior.as_ref().filter(|_| !paths.is_empty()) else { return };
    let config = opened(&ATTRIBUTES, &plan.config.to_value(), paths, "");
    let planned = plan_change(&ATTRIBUTES, &config, &prior.to_value());
    if let Ok(planned) = ServiceModel::from_value(&planned, &Path::default()) {
        plan.planned = planned;
    }
}

/// A configuration in which these arguments are not known.
fn opened(attributes: &[Attribute], config: &Value, paths: &Paths, parent: &str) -> Value {
    if config.is_unknown() {
        return Value::unknown();
    }
    let members = attributes.iter().map(|attribute| {
        let value = config.member(attribute.name).unwrap_or(&Value::Null);
        let path = format!("{parent}{}", attribute.name);
        let inside = format!("{path}.");
        // An object that only the user makes is gone with all that it had.
        let is_gone = value.is_null() && attribute.mode == Mode::Optional;
        let value = if paths.contains(&path) {
            Value::unknown()
        } else if !is_gone && paths.iter().any(|path| path.starts_with(&inside)) {
            opened(attribute.nested_attributes(), value, paths, &inside)
        } else {
            value.clone()
        };
        (attribute.name, value)
    });
    Value::object(members)
}

/// `planned` with the default wherever it is open, `config` says nothing, and removing the argument would bring the
/// default back.
pub(super) fn filled(
    attributes: &[Attribute],
    config: &Value,
    planned: &Value,
    default: &Value,
    engine: &str,
) -> Value {
    let Value::Object(values) = planned else { return planned.clone() };
    let members = attributes.iter().map(|attribute| {
        let config = config.member(attribute.name).unwrap_or(&Value::Null);
        let planned = values.get(attribute.name).unwrap_or(&Value::Null);
        // A default of which nothing is known leaves everything open.
        let default = default.member(attribute.name).cloned().unwrap_or_else(Value::unknown);
        (attribute.name, fill(attribute, config, planned, &default, engine))
    });
    Value::object(members)
}

fn fill(attribute: &Attribute, config: &Value, planned: &Value, default: &Value, engine: &str) -> Value {
    let is_open = planned.is_unknown() && config.is_null();
    match &attribute.kind {
        Kind::Nested(Nesting::Single, _) if is_open && matches!(default, Value::Object(_)) => default.clone(),
        Kind::Nested(Nesting::Single, members) => filled(members, config, planned, default, engine),
        _ if is_open && attribute.removal(engine) == Some(Removal::Default) => default.clone(),
        _ => planned.clone(),
    }
}

/// `planned` without what the managed engine does not have and nobody set.
pub(super) fn without_lacking(attributes: &[Attribute], planned: &Value) -> Value {
    let Value::Object(values) = planned else { return planned.clone() };
    let members = attributes.iter().map(|attribute| {
        let planned = values.get(attribute.name).unwrap_or(&Value::Null);
        let value = match &attribute.kind {
            _ if attribute.lack.is_some() && planned.is_unknown() => Value::Null,
            Kind::Nested(Nesting::Single, members) => without_lacking(members, planned),
            _ => planned.clone(),
        };
        (attribute.name, value)
    });
    Value::object(members)
}

/// Arguments of a configuration that the managed engine does not have, with what they are.
pub(super) fn lacking(config: &ServiceModel) -> Vec<(Path, Lack)> {
    let mut found = Vec::new();
    collect_lacking(&ATTRIBUTES, &config.to_value(), None, &mut found);
    found
}

fn collect_lacking(
    attributes: &[Attribute],
    config: &Value,
    parent: Option<&Path>,
    found: &mut Vec<(Path, Lack)>,
) {
    for attribute in attributes {
        let Some(value) = config.member(attribute.name).filter(|value| !value.is_null()) else { continue };
        let path =
            parent.map_or_else(|| Path::attribute(attribute.name), |parent| parent.then(attribute.name));
        if let Some(lack) = attribute.lack {
            found.push((path, lack));
        } else if let Kind::Nested(Nesting::Single, members) = &attribute.kind {
            collect_lacking(members, value, Some(&path), found);
        }
    }
}

/// Says which removed arguments AWS keeps: the plan shows no change of them.
pub(super) fn warn_about_kept(plan: &Plan<ServiceModel>, removed: &Paths) -> Option<Diagnostic> {
    let is_managed = plan.planned.engine.known().is_some_and(|engine| engine == MANAGED_ENGINE);
    if !is_managed || !plan.requires_replace.is_empty() {
        return None;
    }
    let kept = with_removal(removed, MANAGED_ENGINE, Removal::Kept);
    let planned = plan.planned.to_value();
    let values: Vec<String> = kept
        .iter()
        .filter_map(|path| {
            let value = path.split('.').try_fold(&planned, |value, name| value.member(name))?;
            Some(format!("`{path}` = {}", value_words(value)?))
        })
        .collect();
    (!values.is_empty()).then(|| {
        Diagnostic::warning(
            "What was removed from the configuration keeps its value",
            format!(
                "Express Mode has no way back to the value that it would choose for a new service, so the service \
                 keeps {}.",
                values.join(", ")
            ),
        )
        .hint("write the value that you want; the engine `composed` goes back to the documented default")
    })
}

fn value_words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(format!("{text:?}")),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Set(elements) => {
            let elements: Vec<String> = elements.iter().filter_map(value_words).collect();
            Some(format!("[{}]", elements.join(", ")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::framework::value::json::adapt;

    fn config(members: &Json) -> ServiceModel {
        let value = adapt(members, &schema().r#type()).expect("a configuration");
        ServiceModel::from_value(&value, &Path::default()).expect("the schema's shape")
    }

    fn paths(paths: &[&str]) -> Paths {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    /// Every argument says what its removal does; nothing that cannot be removed does.
    #[test]
    fn every_argument_says_what_its_removal_does() {
        fn check(attributes: &[Attribute], parent: &str, is_composed_only: bool, missing: &mut Vec<String>) {
            for attribute in attributes {
                let path = format!("{parent}{}", attribute.name);
                let is_object = matches!(attribute.kind, Kind::Nested(Nesting::Single, _));
                let is_composed_only = is_composed_only || attribute.lack.is_some();
                let engines = [MANAGED_ENGINE, COMPOSED_ENGINE];
                let needed =
                    engines.into_iter().filter(|engine| !is_composed_only || *engine == COMPOSED_ENGINE);
                let is_optional = matches!(attribute.mode, Mode::Optional | Mode::OptionalComputed);
                for engine in needed {
                    let says = attribute.removal(engine).is_some();
                    // An object that the provider fills in is what its members are.
                    let must = is_optional && !(is_object && attribute.mode == Mode::OptionalComputed);
                    if must && !says || !is_optional && says {
                        missing.push(format!("{path} ({engine})"));
                    }
                }
                if is_optional {
                    check(attribute.nested_attributes(), &format!("{path}."), is_composed_only, missing);
                }
            }
        }
        let mut missing = Vec::new();
        check(&ATTRIBUTES, "", false, &mut missing);
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn what_an_apply_found_written_and_a_configuration_no_longer_says_is_removed() {
        let before = config(&json!({
            "cpu": "512", "task_role_arn": "arn:aws:iam::123456789012:role/task",
            "deployment_configuration": { "alarm": { "enable": false } },
            "primary_container": { "image": "a", "container_port": 8080, "environment": { "A": "1" } },
        }));
        let private = remember(&Private::new(), &before, COMPOSED_ENGINE, false);
        let after = config(&json!({ "deployment_configuration": { "alarm": { "threshold_percent": 5 } } }));
        assert_eq!(
            removed(&after, &private, COMPOSED_ENGINE),
            paths(&["cpu", "deployment_configuration.alarm.enable", "primary_container.container_port"])
        );
        assert_eq!(removed(&before, &private, COMPOSED_ENGINE), Paths::new());
        assert_eq!(removed(&after, &Private::new(), COMPOSED_ENGINE), Paths::new());
    }

    #[test]
    fn an_object_that_goes_as_a_whole_does_not_come_back_with_a_member_that_it_had() {
        let paths = paths(&["primary_container.container_port", "deployment_configuration.alarm.enable"]);
        let opened = opened(&ATTRIBUTES, &config(&json!({})).to_value(), &paths, "");
        assert_eq!(opened.member("primary_container"), Some(&Value::Null));
        let alarm = opened.member("deployment_configuration").and_then(|pace| pace.member("alarm"));
        assert_eq!(alarm.and_then(|alarm| alarm.member("enable")), Some(&Value::unknown()));
    }

    #[test]
    fn after_a_failure_what_was_written_before_counts_still() {
        let private = remember(&Private::new(), &config(&json!({ "cpu": "512" })), COMPOSED_ENGINE, false);
        let after = config(&json!({ "memory": "2048" }));
        let failed = remember(&private, &after, COMPOSED_ENGINE, true);
        assert_eq!(removed(&after, &failed, COMPOSED_ENGINE), paths(&["cpu"]));
        let done = remember(&failed, &after, COMPOSED_ENGINE, false);
        assert_eq!(removed(&after, &done, COMPOSED_ENGINE), Paths::new());
    }

    #[test]
    fn other_members_of_the_private_bytes_stay_and_nothing_written_is_nothing_kept() {
        let nothing = config(&json!({}));
        assert_eq!(remember(&Private::new(), &nothing, MANAGED_ENGINE, false), Private::new());
        let foreign = br#"{"other":1,"written":["cpu"]}"#.to_vec();
        assert_eq!(remember(&foreign, &nothing, MANAGED_ENGINE, false), br#"{"other":1}"#.to_vec());
    }

    #[test]
    fn the_managed_engine_says_what_it_keeps() {
        let planned =
            config(&json!({ "engine": "managed", "cpu": "512", "scaling_target": { "min_task_count": 2 } }));
        let plan = Plan {
            config: config(&json!({})),
            prior: Some(planned.clone()),
            planned,
            requires_replace: Vec::new(),
            replaces_live: false,
            private: Private::new(),
        };
        let warning =
            warn_about_kept(&plan, &paths(&["cpu", "scaling_target.min_task_count"])).expect("a warning");
        assert!(
            warning.detail.ends_with("keeps `cpu` = \"512\", `scaling_target.min_task_count` = 2."),
            "{warning:?}"
        );
        assert_eq!(warn_about_kept(&plan, &Paths::new()), None);
    }
}
