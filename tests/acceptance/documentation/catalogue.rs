//! The page of all causes, made from the provider's own.

use std::fmt::Write as _;

use terraform_provider_express::diagnosis::catalogue::entries;

const HEAD: &str = "---
# made from src/diagnosis/causes by tests/acceptance/documentation: edit those instead
page_title: \"Catalogue of errors\"
subcategory: \"\"
description: |-
  Every cause of a failure that the provider knows: what happened, what AWS says, what to do.
---

# Catalogue of errors

Where AWS says enough for it, an error of this provider names its cause in one line: `Cause: ... (name)`. This page has
every cause by that name, with words of AWS that show it, and what to do about it. An error without such a line still has
all evidence that was found: [Troubleshooting](troubleshooting.md) says how to read it.

To see what the provider says about a cause before it happens to you, start [the sandbox](sandbox.md) with its name as a
scenario and apply there:

```shell
terraform-provider-express sandbox --scenario image-not-found
```
";

/// The whole page.
pub(super) fn render_catalogue() -> String {
    let mut text = HEAD.to_owned();
    let mut family = "";
    for entry in entries() {
        if entry.family != family {
            family = entry.family;
            let _ = write!(text, "\n## {family}\n");
        }
        let _ = write!(
            text,
            "\n### {}\n\n{} AWS says, for example:\n\n```text\n{}\n```\n\n",
            entry.id, entry.sentence, entry.message
        );
        for hint in entry.fix {
            let _ = writeln!(text, "- {}", escape(&hint));
        }
    }
    text
}

/// `<account>` is no tag: outside of code, the registry would hide it.
fn escape(hint: &str) -> String {
    let parts = hint.split('`').enumerate();
    let parts =
        parts.map(|(index, part)| if index % 2 == 0 { part.replace('<', "&lt;") } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("`")
}

#[test]
fn what_stands_for_a_name_is_not_hidden_as_a_tag() {
    assert_eq!(escape("make <name>, as `<ARN>:<key>`"), "make &lt;name>, as `<ARN>:<key>`");
}
