//! Messages without what stands in `secrets`: people put the secret itself there, and AWS repeats it as the name of a
//! parameter that does not exist.

use std::collections::BTreeMap;

use super::model::ServiceModel;
use crate::framework::{Attr, Diagnostic, Path};
use crate::service::Arn;

/// The message with every written reference that is no ARN replaced by the argument that holds it.
pub(super) fn conceal(mut diagnostic: Diagnostic, model: &ServiceModel) -> Diagnostic {
    for (path, value) in written(model) {
        let instead = format!("[the value of {path}]");
        let hide = |text: &mut String| *text = replace_word(text, &value, &instead);
        hide(&mut diagnostic.summary);
        hide(&mut diagnostic.detail);
        diagnostic.hints.iter_mut().for_each(hide);
    }
    diagnostic
}

/// What is written in the place of references, the longest first.
fn written(model: &ServiceModel) -> Vec<(Path, String)> {
    let mut found = Vec::new();
    if let Some(main) = model.primary_container.known() {
        let path = Path::attribute("primary_container");
        collect(&path.then("secrets"), &main.secrets, &mut found);
        if let Some(logs) = main.log_configuration.known() {
            collect(&path.then("log_configuration").then("secret_options"), &logs.secret_options, &mut found);
        }
    }
    for (name, sidecar) in model.sidecars.known().into_iter().flatten() {
        if let Some(sidecar) = sidecar.known() {
            collect(&Path::attribute("sidecars").key(name).then("secrets"), &sidecar.secrets, &mut found);
        }
    }
    found.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    found
}

fn collect(path: &Path, values: &Attr<BTreeMap<String, Attr<String>>>, found: &mut Vec<(Path, String)>) {
    for (key, value) in values.known().into_iter().flatten() {
        if let Some(value) = value.known().filter(|value| !value.is_empty() && value.parse::<Arn>().is_err())
        {
            found.push((path.key(key), value.clone()));
        }
    }
}

/// Replaces a word where it is not a part of a longer one.
fn replace_word(text: &str, word: &str, instead: &str) -> String {
    let is_letter = |it: Option<char>| it.is_some_and(|it| it.is_alphanumeric() || "_-/".contains(it));
    let (mut replaced, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(word) {
        let end = at + word.len();
        let before = rest[..at].chars().next_back().or_else(|| replaced.chars().next_back());
        let stands_alone = !is_letter(before) && !is_letter(rest[end..].chars().next());
        replaced.push_str(&rest[..at]);
        replaced.push_str(if stands_alone { instead } else { word });
        rest = &rest[end..];
    }
    replaced.push_str(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_replaced_where_it_stands_alone() {
        assert_eq!(
            replace_word("invalid ssm parameters: pw1, pw12 pw1", "pw1", "[x]"),
            "invalid ssm parameters: [x], pw12 [x]"
        );
        assert_eq!(replace_word("pw1pw1", "pw1", "[x]"), "pw1pw1");
    }
}
