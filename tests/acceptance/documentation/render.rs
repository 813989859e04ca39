//! One page in the registry's layout: front matter, example, arguments, import.

use std::fmt::Write as _;

use terraform_provider_express::framework::Type;
use terraform_provider_express::framework::schema::{Attribute, Kind, Mode, Nesting, Schema, Target};

/// What a page is made of.
pub(super) struct Page {
    /// Title for the registry's search.
    pub(super) title: String,
    /// First heading.
    pub(super) heading: String,
    /// Arguments and attributes.
    pub(super) schema: Schema,
    /// A configuration.
    pub(super) example: Option<String>,
    /// Ways to import: introduction, language, example.
    pub(super) imports: Vec<(&'static str, &'static str, String)>,
}

pub(super) const GENERATED: &str =
    "# made from the schema and the examples by tests/acceptance/documentation: edit those instead";

/// The whole page.
pub(super) fn render(page: &Page) -> String {
    let description = page.schema.description;
    let first = description.split("\n\n").next().unwrap_or_default();
    let mut text = format!(
        "---\n{GENERATED}\npage_title: \"{}\"\nsubcategory: \"\"\ndescription: |-\n  {first}\n---\n\n# {}\n\n{description}\n",
        page.title, page.heading
    );
    if let Some(example) = &page.example {
        let _ = write!(text, "\n## Example Usage\n\n```terraform\n{}\n```\n", example.trim_end());
    }
    let blocks: Vec<_> = page.schema.blocks.iter().map(|block| block.name).collect();
    let _ = write!(text, "\n## Schema\n{}", render_members(&page.schema.members(), &[], &blocks));
    if !page.imports.is_empty() {
        text.push_str("\n## Import\n");
    }
    for (introduction, language, example) in &page.imports {
        let _ = write!(text, "\n{introduction}\n\n```{language}\n{}\n```\n", example.trim_end());
    }
    text
}

/// The groups of one object's members, then the objects nested in it, each with its own anchor. `blocks`: members that
/// are written as blocks, without `=`.
fn render_members(members: &[Attribute], path: &[&str], blocks: &[&str]) -> String {
    let mut members: Vec<&Attribute> = members.iter().collect();
    members.sort_by_key(|member| member.name);
    let is_optional = |mode| matches!(mode, Mode::Optional | Mode::OptionalComputed);
    let mut text = String::new();
    text.push_str(&render_group("Required", &members, path, blocks, |mode| mode == Mode::Required));
    text.push_str(&render_group("Optional", &members, path, blocks, is_optional));
    text.push_str(&render_group("Read-Only", &members, path, blocks, |mode| mode == Mode::Computed));
    for member in members.into_iter().filter(|member| !member.nested_attributes().is_empty()) {
        let inner = [path, &[member.name]].concat();
        let name = inner.join(".");
        let _ = write!(text, "\n<a id=\"{}\"></a>\n### Nested Schema for `{name}`\n", anchor(&inner));
        text.push_str(&render_members(member.nested_attributes(), &inner, &[]));
    }
    text
}

fn render_group(
    title: &str,
    members: &[&Attribute],
    path: &[&str],
    blocks: &[&str],
    is_wanted: impl Fn(Mode) -> bool,
) -> String {
    let wanted = members.iter().filter(|member| is_wanted(member.mode));
    let lines: Vec<_> =
        wanted.map(|member| render_member(member, path, blocks.contains(&member.name))).collect();
    if lines.is_empty() {
        return String::new();
    }
    let heading = if path.is_empty() { format!("### {title}") } else { format!("{title}:") };
    format!("\n{heading}\n\n{}\n", lines.join("\n"))
}

fn anchor(path: &[&str]) -> String {
    format!("nestedatt--{}", path.join("--"))
}

/// One line: name, type, what it is, what is allowed.
fn render_member(member: &Attribute, path: &[&str], is_block: bool) -> String {
    let kind = render_kind(member);
    let kind = if is_block { kind.replace("Attributes", "Block") } else { kind };
    let mut text = format!("- `{}` ({kind})", member.name);
    if let Some(instead) = member.deprecation {
        let _ = write!(text, " **Deprecated:** {instead}");
    }
    if !member.description.is_empty() {
        let _ = write!(text, " {}", member.description);
    }
    for validator in &member.validators {
        let part = match validator.target() {
            Target::Value => "Allowed",
            Target::Elements => "Allowed elements",
            Target::Keys => "Allowed keys",
        };
        let _ = write!(text, " {part}: {}.", validator.allowed);
    }
    let removal = member.removal_words();
    if !removal.is_empty() {
        let _ = write!(text, " {removal}");
    }
    if !member.nested_attributes().is_empty() {
        let inner = [path, &[member.name]].concat();
        let _ = write!(text, " (see [below for nested schema](#{}))", anchor(&inner));
    }
    text
}

fn render_kind(member: &Attribute) -> String {
    let mut text = match &member.kind {
        Kind::Value(r#type) => render_type(r#type),
        Kind::Nested(Nesting::Single, _) => "Attributes".to_owned(),
        Kind::Nested(Nesting::List, _) => "Attributes List".to_owned(),
        Kind::Nested(Nesting::Set, _) => "Attributes Set".to_owned(),
        Kind::Nested(Nesting::Map, _) => "Attributes Map".to_owned(),
    };
    if member.sensitive {
        text.push_str(", Sensitive");
    }
    if member.write_only {
        text.push_str(", Write-only");
    }
    text
}

pub(super) fn render_type(r#type: &Type) -> String {
    match r#type {
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", render_type(element)),
        Type::Set(element) => format!("Set of {}", render_type(element)),
        Type::Map(element) => format!("Map of {}", render_type(element)),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Object(_) => "Object".to_owned(),
    }
}

#[test]
fn a_page_has_its_parts_in_the_registrys_order() {
    let inner = vec![Attribute::required("image", Type::String).describe("What runs.")];
    let page = Page {
        title: "t".to_owned(),
        heading: "h".to_owned(),
        schema: Schema {
            description: "First.\n\nSecond.",
            attributes: vec![
                Attribute::computed("url", Type::String).describe("Where."),
                Attribute::nested("container", Mode::Optional, Nesting::Single, inner).describe("It."),
            ],
            ..Schema::default()
        },
        example: Some("a = 1\n".to_owned()),
        imports: vec![("So:", "shell", "b\n".to_owned())],
    };
    let expected = format!(
        "---\n{GENERATED}\npage_title: \"t\"\nsubcategory: \"\"\ndescription: |-\n  First.\n---\n\n# h\n\nFirst.\n\nSecond.\n\n\
         ## Example Usage\n\n```terraform\na = 1\n```\n\n## Schema\n\n### Optional\n\n\
         - `container` (Attributes) It. (see [below for nested schema](#nestedatt--container))\n\n\
         ### Read-Only\n\n- `url` (String) Where.\n\n\
         <a id=\"nestedatt--container\"></a>\n### Nested Schema for `container`\n\nRequired:\n\n\
         - `image` (String) What runs.\n\n## Import\n\nSo:\n\n```shell\nb\n```\n"
    );
    assert_eq!(render(&page), expected);
}
