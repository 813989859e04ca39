//! Checks across arguments of the provider block. They say nothing about what is unknown.

use std::cell::RefCell;

use super::members::Members;
use crate::framework::{Diagnostic, Diagnostics, Path, Value};

/// Checks the block.
pub(crate) fn check(config: &Value) -> Diagnostics {
    let unknown = RefCell::new(Vec::new());
    let block = Members::of(config, Path::default(), &unknown);
    let mut diagnostics = Diagnostics::none();
    for (argument, needed) in
        [("secret_key", "access_key"), ("access_key", "secret_key"), ("token", "access_key")]
    {
        if block.is_set(argument) && !block.is_set(needed) {
            diagnostics.push(incomplete(&block, argument, needed));
        }
    }
    if block.is_set("allowed_account_ids") && block.is_set("forbidden_account_ids") {
        diagnostics.push(exclusive(&block, "allowed_account_ids", "forbidden_account_ids"));
    }
    if let Some(identity) = block.block("assume_role_with_web_identity") {
        diagnostics.extend(check_web_identity(&identity));
    }
    diagnostics
}

fn check_web_identity(block: &Members<'_>) -> Option<Diagnostic> {
    match (block.is_set("web_identity_token"), block.is_set("web_identity_token_file")) {
        (true, true) => Some(exclusive(block, "web_identity_token", "web_identity_token_file")),
        (false, false) => Some(incomplete(block, "role_arn", "web_identity_token_file")),
        _ => None,
    }
}

fn incomplete(block: &Members<'_>, argument: &str, needed: &str) -> Diagnostic {
    let path = block.path(argument);
    Diagnostic::error(
        format!("`{path}` needs `{}`", block.path(needed)),
        format!("`{path}` is set, but `{}` is not.", block.path(needed)),
    )
    .at(path)
}

fn exclusive(block: &Members<'_>, first: &str, second: &str) -> Diagnostic {
    let (first, second) = (block.path(first), block.path(second));
    Diagnostic::error(
        format!("`{first}` and `{second}` exclude each other"),
        format!("Set `{first}` or `{second}`, not both."),
    )
    .at(second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::config::schema::tests::{config, object, text, texts};

    #[track_caller]
    fn check_block(members: &[(&str, Value)], expected: &[&str]) {
        let diagnostics = check(&config(members));
        let summaries: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.summary.as_str()).collect();
        assert_eq!(summaries, expected);
        assert!(diagnostics.iter().all(|diagnostic| diagnostic.path.is_some()));
    }

    #[test]
    fn keys_come_in_pairs() {
        check_block(&[("secret_key", text("s"))], &["`secret_key` needs `access_key`"]);
        check_block(&[("access_key", text("a"))], &["`access_key` needs `secret_key`"]);
        check_block(&[("token", text("t"))], &["`token` needs `access_key`"]);
        check_block(&[("access_key", Value::unknown()), ("secret_key", text("s"))], &[]);
    }

    #[test]
    fn exclusive_arguments_are_refused() {
        let ids = texts(&["123456789012"]);
        check_block(
            &[("allowed_account_ids", ids.clone()), ("forbidden_account_ids", ids)],
            &["`allowed_account_ids` and `forbidden_account_ids` exclude each other"],
        );
    }

    #[test]
    fn a_web_identity_has_one_token() {
        let block = |members: &[(&str, Value)]| {
            let name = "assume_role_with_web_identity";
            [(name, object(name, members))]
        };
        let role = ("role_arn", text("arn:aws:iam::123456789012:role/r"));
        let (token, file) = (("web_identity_token", text("t")), ("web_identity_token_file", text("f")));
        check_block(&block(&[role.clone(), file.clone()]), &[]);
        check_block(
            &block(std::slice::from_ref(&role)),
            &[
                "`assume_role_with_web_identity.role_arn` needs `assume_role_with_web_identity.web_identity_token_file`",
            ],
        );
        check_block(
            &block(&[role, token, file]),
            &["`assume_role_with_web_identity.web_identity_token` and \
               `assume_role_with_web_identity.web_identity_token_file` exclude each other"],
        );
    }
}
