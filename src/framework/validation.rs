//! Checks of a configuration against its schema.

use crate::framework::diagnostics::Diagnostics;
use crate::framework::schema::{Attribute, Kind, Mode, Nesting, Target, Validator};
use crate::framework::{Diagnostic, Path, Type, Value};

/// Checks everything that the schema says of a configuration: what is missing, what may not be set, what is
/// deprecated, and every validator on every known, non-null value. Unknown values are never reported.
pub fn validate_config(members: &[Attribute], config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    check_object(members, config, &Path::default(), &mut diagnostics);
    diagnostics
}

fn check_object(members: &[Attribute], config: &Value, path: &Path, diagnostics: &mut Diagnostics) {
    let Value::Object(values) = config else { return };
    for attribute in members {
        let value = values.get(attribute.name).unwrap_or(&Value::Null);
        check_attribute(attribute, value, &path.then(attribute.name), diagnostics);
    }
}

fn check_attribute(attribute: &Attribute, value: &Value, path: &Path, diagnostics: &mut Diagnostics) {
    if value.is_null() {
        if attribute.mode == Mode::Required {
            diagnostics.push(missing(path));
        }
        return;
    }
    if attribute.mode == Mode::Computed {
        diagnostics.push(
            Diagnostic::error(
                format!("{path} cannot be set"),
                "Only the provider determines this attribute; remove it from the configuration.",
            )
            .at(path.clone()),
        );
        return;
    }
    if let Some(instead) = attribute.deprecation {
        diagnostics.push(Diagnostic::warning(format!("{path} is deprecated"), instead).at(path.clone()));
    }
    if value.is_unknown() {
        return;
    }
    let before = diagnostics.iter().count();
    match &attribute.kind {
        Kind::Value(r#type) => check_elements_present(r#type, value, path, diagnostics),
        Kind::Nested(nesting, members) => check_nested(*nesting, members, value, path, diagnostics),
    }
    if diagnostics.iter().count() == before {
        for validator in &attribute.validators {
            apply(validator, attribute, value, path, diagnostics);
        }
    }
}

fn missing(path: &Path) -> Diagnostic {
    Diagnostic::error(
        format!("Missing value for {path}"),
        "A value is required here; none is set, or it is null.",
    )
    .at(path.clone())
}

fn check_nested(
    nesting: Nesting,
    members: &[Attribute],
    value: &Value,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    match (nesting, value) {
        (Nesting::Single, object) => check_object(members, object, path, diagnostics),
        (_, Value::List(elements)) => {
            for (index, element) in elements.iter().enumerate() {
                check_element(members, element, &path.index(index), diagnostics);
            }
        }
        (_, Value::Set(elements)) => {
            for element in elements {
                check_element(members, element, path, diagnostics);
            }
        }
        (_, Value::Map(elements)) => {
            for (key, element) in elements {
                check_element(members, element, &path.key(key), diagnostics);
            }
        }
        _ => {}
    }
}

fn check_element(members: &[Attribute], element: &Value, path: &Path, diagnostics: &mut Diagnostics) {
    if element.is_null() {
        diagnostics.push(null_element(path));
    }
    check_object(members, element, path, diagnostics);
}

/// A null inside a collection is nothing that AWS could be told.
fn check_elements_present(r#type: &Type, value: &Value, path: &Path, diagnostics: &mut Diagnostics) {
    if value.is_null() {
        diagnostics.push(null_element(path));
        return;
    }
    match (r#type, value) {
        (Type::List(element), Value::List(elements)) => {
            for (index, value) in elements.iter().enumerate() {
                check_elements_present(element, value, &path.index(index), diagnostics);
            }
        }
        (Type::Set(element), Value::Set(elements)) => {
            for value in elements {
                check_elements_present(element, value, path, diagnostics);
            }
        }
        (Type::Map(element), Value::Map(elements)) => {
            for (key, value) in elements {
                check_elements_present(element, value, &path.key(key), diagnostics);
            }
        }
        _ => {}
    }
}

fn null_element(path: &Path) -> Diagnostic {
    Diagnostic::error(
        format!("Invalid value for {path}"),
        "An element is null. Allowed: a value for every element.",
    )
    .hint("leave the element out, for example with a `for` expression that ends in `if v != null`")
    .at(path.clone())
}

fn apply(
    validator: &Validator,
    attribute: &Attribute,
    value: &Value,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    // The keys of a map of secrets are names.
    let is_secret = attribute.sensitive || attribute.may_hold_secrets && validator.target() != Target::Keys;
    let mut check = |value: &Value, path: &Path| {
        if value.is_null() || value.is_unknown() {
            return;
        }
        if let Err(found) = validator.check(value) {
            let found = if is_secret {
                "The value, which may be a secret and is not repeated here, is not allowed".to_owned()
            } else {
                found
            };
            diagnostics.push(invalid(path, &found, &validator.allowed));
        }
    };
    match (validator.target(), value) {
        (Target::Value, value) => check(value, path),
        (Target::Elements, Value::List(elements)) => {
            for (index, element) in elements.iter().enumerate() {
                check(element, &path.index(index));
            }
        }
        (Target::Elements, Value::Set(elements)) => elements.iter().for_each(|element| check(element, path)),
        (Target::Elements, Value::Map(elements)) => {
            for (key, element) in elements {
                check(element, &path.key(key));
            }
        }
        (Target::Keys, Value::Map(elements)) => {
            for key in elements.keys() {
                check(&Value::String(key.clone()), &path.key(key));
            }
        }
        (Target::Elements | Target::Keys, _) => {}
    }
}

fn invalid(path: &Path, found: &str, allowed: &str) -> Diagnostic {
    let found = found.trim_end_matches('.');
    let found = match found.strip_prefix("It ") {
        Some(rest) => format!("`{path}` {rest}"),
        None => found.to_owned(),
    };
    let stop = if found.ends_with('?') { "" } else { "." };
    let allowed = allowed.trim_end_matches('.');
    Diagnostic::error(format!("Invalid value for {path}"), format!("{found}{stop} Allowed: {allowed}."))
        .at(path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::schema::validators::{length_between, one_of};

    fn text(value: &str) -> Value {
        Value::String(value.to_owned())
    }

    fn check(attribute: Attribute, value: Value, expected: &[(&str, &str)]) {
        let config = Value::object([(attribute.name, value)]);
        let diagnostics = validate_config(&[attribute], &config);
        let found: Vec<(String, String)> = diagnostics
            .into_iter()
            .map(|diagnostic| {
                (diagnostic.path.map(|path| path.to_string()).unwrap_or_default(), diagnostic.summary)
            })
            .collect();
        let found: Vec<(&str, &str)> =
            found.iter().map(|(path, summary)| (path.as_str(), summary.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_required_must_be_there_at_every_depth() {
        let nested = || vec![Attribute::required("image", Type::String)];
        let empty = || Value::object([("image", Value::Null)]);
        check(Attribute::required("a", Type::String), Value::Null, &[("a", "Missing value for a")]);
        check(Attribute::required("a", Type::String), Value::unknown(), &[]);
        let list = Attribute::nested("n", Mode::Optional, Nesting::List, nested());
        check(list, Value::List(vec![empty()]), &[("n[0].image", "Missing value for n[0].image")]);
        let map = Attribute::nested("n", Mode::Optional, Nesting::Map, nested());
        let value = Value::Map([("k".to_owned(), empty())].into());
        check(map, value, &[("n[\"k\"].image", "Missing value for n[\"k\"].image")]);
    }

    #[test]
    fn what_only_the_provider_sets_cannot_be_set() {
        check(Attribute::computed("a", Type::String), text("x"), &[("a", "a cannot be set")]);
    }

    #[test]
    fn validators_see_known_values_only() {
        let list = || {
            Attribute::optional("a", Type::List(Box::new(Type::String)))
                .validate(one_of(&["x"]).for_elements())
        };
        let value = Value::List(vec![text("x"), Value::unknown(), text("y")]);
        check(list(), value, &[("a[2]", "Invalid value for a[2]")]);
        check(list(), Value::unknown(), &[]);
        check(list(), Value::Null, &[]);
    }

    #[test]
    fn keys_and_values_of_a_map_are_found_by_their_key() {
        let map = Attribute::optional("tags", Type::Map(Box::new(Type::String)))
            .validate(length_between(1, 3).for_keys())
            .validate(length_between(0, 2).for_elements());
        let value = Value::Map([("long".to_owned(), text("v")), ("k".to_owned(), text("long"))].into());
        check(
            map,
            value,
            &[
                ("tags[\"long\"]", "Invalid value for tags[\"long\"]"),
                ("tags[\"k\"]", "Invalid value for tags[\"k\"]"),
            ],
        );
    }

    #[test]
    fn an_element_of_a_set_is_found_at_the_set() {
        let set = Attribute::optional("s", Type::Set(Box::new(Type::String)))
            .validate(one_of(&["x"]).for_elements());
        check(set, Value::Set(vec![text("y")]), &[("s", "Invalid value for s")]);
    }

    #[test]
    fn a_null_element_is_refused_where_it_is() {
        let map = Attribute::optional("environment", Type::Map(Box::new(Type::String)));
        let value = Value::Map([("A".to_owned(), Value::Null)].into());
        check(map, value, &[("environment[\"A\"]", "Invalid value for environment[\"A\"]")]);
    }

    #[test]
    fn a_deprecated_attribute_warns_whoever_sets_it() {
        let attribute = || Attribute::optional("old", Type::String).deprecated("Use `new`.");
        check(attribute(), text("x"), &[("old", "old is deprecated")]);
        check(attribute(), Value::Null, &[]);
    }

    #[test]
    fn a_message_says_what_was_found_and_what_is_allowed_but_no_secret() {
        let attribute = Attribute::optional("a", Type::String).validate(one_of(&["x", "z"]));
        let detail = |attribute: Attribute| {
            let config = Value::object([("a", text("hunter2"))]);
            validate_config(&[attribute], &config).into_iter().map(|it| it.detail).collect::<Vec<_>>()
        };
        assert_eq!(detail(attribute.clone()), ["`a` is \"hunter2\". Allowed: \"x\", \"z\"."]);
        let concealed = "The value, which may be a secret and is not repeated here, is not allowed. Allowed: \"x\", \
                         \"z\".";
        assert_eq!(detail(attribute.clone().may_hold_secrets()), [concealed]);
        assert_eq!(detail(attribute.sensitive()), [concealed]);
    }
}
