//! Values by their shape.

use std::collections::BTreeMap;

use terraform_provider_express::framework::{Diagnostics, Type, Value};

/// A string.
pub(crate) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// A configuration of `type` in which everything is absent but `members`. Blocks that may repeat are not
/// told from list attributes, so this is for types without such blocks.
pub(crate) fn object_of<const N: usize>(r#type: &Type, members: [(&str, Value); N]) -> Value {
    let Type::Object(attributes) = r#type else { panic!("not an object type: {type:?}") };
    let mut object: BTreeMap<_, _> = attributes.keys().map(|name| (name.clone(), Value::Null)).collect();
    for (name, value) in members {
        assert!(object.insert(name.to_owned(), value).is_some(), "no attribute {name}");
    }
    Value::Object(object)
}

/// `value` with one attribute replaced.
pub(crate) fn with(value: &Value, name: &str, attribute: Value) -> Value {
    let Value::Object(members) = value else { panic!("not an object: {value:?}") };
    let mut members = members.clone();
    assert!(members.insert(name.to_owned(), attribute).is_some(), "no attribute {name}");
    Value::Object(members)
}

/// The summaries, for comparing.
pub(crate) fn summaries(diagnostics: &Diagnostics) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| diagnostic.summary.as_str()).collect()
}

/// Summaries and details with their hints.
pub(crate) fn told(diagnostics: &Diagnostics) -> String {
    let texts: Vec<_> =
        diagnostics.iter().map(|it| format!("{}\n{}", it.summary, it.render_detail())).collect();
    texts.join("\n")
}
