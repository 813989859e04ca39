//! From the framework's types to wire messages. Shapes are in [`schema`].

mod schema;

use crate::framework::function::FunctionError;
use crate::framework::path::Step;
use crate::framework::server::ResourceEntry;
use crate::framework::value::msgpack;
use crate::framework::{Diagnostic, Diagnostics, Path, Severity, Type, Value};
use crate::protocol::proto::tfplugin6 as proto;
use crate::protocol::proto::tfplugin6::attribute_path::step::Selector;

pub(crate) use schema::{functions, identity_schema, schema};

/// A value of `type` as msgpack. One that does not have the type is our defect: there is no answer then, and
/// `diagnostics` says so.
pub(crate) fn value(
    value: &Value,
    r#type: &Type,
    diagnostics: &mut Diagnostics,
) -> Option<proto::DynamicValue> {
    match msgpack::encode(value, r#type) {
        Ok(msgpack) => Some(proto::DynamicValue { msgpack, json: Vec::new() }),
        Err(error) => {
            diagnostics.push(Diagnostic::error(
                "The provider made an invalid value",
                format!(
                    "A value does not have the type of the provider's schema: {error}. This is a defect of the \
                     provider, not of your configuration."
                ),
            ));
            None
        }
    }
}

/// An identity of `entry`, if it is known and the resource has one.
pub(crate) fn identity(
    identity: Option<&Value>,
    entry: &ResourceEntry,
    diagnostics: &mut Diagnostics,
) -> Option<proto::ResourceIdentityData> {
    let identity_data = value(identity?, entry.identity_type.as_ref()?, diagnostics)?;
    Some(proto::ResourceIdentityData { identity_data: Some(identity_data) })
}

/// Messages to the user, with their hints below the details.
pub(crate) fn diagnostics(diagnostics: &Diagnostics) -> Vec<proto::Diagnostic> {
    diagnostics.iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: &Diagnostic) -> proto::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => proto::diagnostic::Severity::Error,
        Severity::Warning => proto::diagnostic::Severity::Warning,
    };
    proto::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary.clone(),
        detail: with_whole_path(diagnostic).render_detail(),
        attribute: diagnostic.path.as_ref().map(path),
    }
}

/// Most cores show the resource's first line for a nested attribute, so the text has to say which one it is.
fn with_whole_path(diagnostic: &Diagnostic) -> Diagnostic {
    let mut diagnostic = diagnostic.clone();
    if let Some(path) = diagnostic.path.as_ref().filter(|path| path.0.len() > 1) {
        let whole = path.to_string();
        if !diagnostic.summary.contains(&whole) && !diagnostic.detail.contains(&whole) {
            let separator = if diagnostic.detail.is_empty() { "" } else { "\n" };
            diagnostic.detail = format!("{}{separator}Argument: `{whole}`.", diagnostic.detail);
        }
    }
    diagnostic
}

/// A path to an attribute or element.
pub(crate) fn path(path: &Path) -> proto::AttributePath {
    let steps = path.0.iter().map(|step| {
        let selector = match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        };
        proto::attribute_path::Step { selector: Some(selector) }
    });
    proto::AttributePath { steps: steps.collect() }
}

/// Why a function has no result. Core puts a full stop behind the text.
pub(crate) fn function_error(error: &FunctionError) -> proto::FunctionError {
    proto::FunctionError {
        text: error.text.strip_suffix('.').unwrap_or(&error.text).to_owned(),
        function_argument: error.argument.and_then(|argument| i64::try_from(argument).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_attribute_is_named_by_its_whole_path_once() {
        let path = Path::attribute("scaling_target").then("min_task_count");
        let told = |summary: &str, path: &Path| {
            diagnostic(&Diagnostic::error(summary, "No.").at(path.clone()).hint("write less")).detail
        };
        let expected = "No.\nArgument: `scaling_target.min_task_count`.\n\nhint: write less";
        assert_eq!(told("`min_task_count` is too great", &path), expected);
        assert_eq!(told("Invalid value for scaling_target.min_task_count", &path), "No.\n\nhint: write less");
        assert_eq!(told("`cluster` is wrong", &Path::attribute("cluster")), "No.\n\nhint: write less");
    }

    #[test]
    fn the_full_stop_behind_a_function_error_is_cores() {
        let said = |text: &str| {
            let error = FunctionError { text: text.to_owned(), argument: Some(1) };
            function_error(&error).text
        };
        assert_eq!(said("It is wrong. Write another."), "It is wrong. Write another");
        assert_eq!(said("It is wrong"), "It is wrong");
    }

    #[test]
    fn a_diagnostic_keeps_its_hints_and_its_place() {
        let place = Path::attribute("tags").key("a").index(3);
        let sent = diagnostic(&Diagnostic::warning("No", "Because.").hint("do").at(place));
        assert_eq!(sent.severity(), proto::diagnostic::Severity::Warning);
        assert_eq!(sent.detail, "Because.\nArgument: `tags[\"a\"][3]`.\n\nhint: do");
        let selectors: Vec<_> =
            sent.attribute.expect("a path").steps.into_iter().filter_map(|step| step.selector).collect();
        let expected = [
            Selector::AttributeName("tags".to_owned()),
            Selector::ElementKeyString("a".to_owned()),
            Selector::ElementKeyInt(3),
        ];
        assert_eq!(selectors, expected);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_reported_and_not_sent() {
        let mut diagnostics = Diagnostics::none();
        assert_eq!(value(&Value::Bool(true), &Type::String, &mut diagnostics), None);
        assert!(diagnostics.has_errors());
    }
}
