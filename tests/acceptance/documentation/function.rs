//! The page of a function in the registry's layout.

use std::fmt::Write as _;

use terraform_provider_express::framework::function::{Function, Signature};

use super::render::{GENERATED, render_type};

/// The whole page.
pub(super) fn render_function(function: &dyn Function, example: &str) -> String {
    let (name, signature) = (function.name(), function.signature());
    let Signature { summary, description, .. } = &signature;
    let mut text = format!(
        "---\n{GENERATED}\npage_title: \"{name} function - express\"\nsubcategory: \"\"\ndescription: |-\n  {summary}\n\
         ---\n\n# function: {name}\n\n{description}\n\n## Example Usage\n\n```terraform\n{}\n```\n",
        example.trim_end()
    );
    let parameters: Vec<_> = signature.parameters.iter().chain(&signature.variadic).collect();
    let list: Vec<_> = parameters
        .iter()
        .map(|parameter| format!("{} {}", parameter.name, render_type(&parameter.r#type).to_lowercase()))
        .collect();
    let result = render_type(&signature.result).to_lowercase();
    let _ = write!(
        text,
        "\n## Signature\n\n```text\n{name}({}) {result}\n```\n\n## Arguments\n",
        list.join(", ")
    );
    for (position, parameter) in parameters.iter().enumerate() {
        let kind = render_type(&parameter.r#type);
        let _ = write!(text, "\n{}. `{}` ({kind}) {}", position + 1, parameter.name, parameter.description);
    }
    text.push('\n');
    text
}
