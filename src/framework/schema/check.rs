//! What is wrong with a schema: what core refuses when it loads one (protocol section 1.7), what the Go frameworks
//! refuse besides, and what would break this framework's own guarantees. For tests of every real schema.

use std::collections::BTreeSet;

use crate::framework::schema::{Attribute, Kind, Mode, Nesting, Schema, WhenUnset};
use crate::framework::{Path, Type};

/// Names that mean something else in a resource block.
const META_ARGUMENTS: [&str; 7] =
    ["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];

/// What a schema is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaUse {
    /// The provider block.
    Provider,
    /// A managed resource.
    Resource,
    /// A data source.
    DataSource,
    /// The `config` block of a list resource.
    ListResource,
    /// The `config` block of an action.
    Action,
}

impl Schema {
    /// What is wrong with the schema, one sentence each; empty if core will accept it.
    pub fn problems(&self, r#use: SchemaUse) -> Vec<String> {
        let mut check = Check { r#use, top_level: self.names(), problems: Vec::new() };
        check.unique_names(&self.names(), &Path::default());
        for name in self.names() {
            if r#use != SchemaUse::Provider && META_ARGUMENTS.contains(&name) {
                check.add(&Path::attribute(name), "is the name of a meta-argument");
            }
        }
        for attribute in &self.attributes {
            check.attribute(attribute, &Path::attribute(attribute.name), Surroundings::default());
        }
        for block in &self.blocks {
            if r#use != SchemaUse::Provider {
                check.add(&Path::attribute(block.name), "is a block; make it a nested attribute");
            }
            check.block(block);
        }
        if self.version < 0 {
            check.problems.push("The schema version is negative.".to_owned());
        }
        check.problems
    }

    fn names(&self) -> Vec<&'static str> {
        let attributes = self.attributes.iter().map(|attribute| attribute.name);
        attributes.chain(self.blocks.iter().map(|block| block.name)).collect()
    }
}

/// What an attribute is nested in.
#[derive(Debug, Clone, Copy, Default)]
struct Surroundings {
    in_set: bool,
    in_computed: bool,
}

struct Check {
    r#use: SchemaUse,
    top_level: Vec<&'static str>,
    problems: Vec<String>,
}

impl Check {
    fn add(&mut self, path: &Path, problem: &str) {
        self.problems.push(format!("{path} {problem}."));
    }

    fn unique_names(&mut self, names: &[&'static str], path: &Path) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name) {
                self.add(&path.then(name), "is there twice");
            }
        }
    }

    fn block(&mut self, block: &crate::framework::schema::NestedBlock) {
        let path = Path::attribute(block.name);
        if !matches!(block.nesting, Nesting::Single | Nesting::List) {
            self.add(&path, "is a block that is neither single nor a list");
        }
        if block.max_items < 0 || (block.nesting == Nesting::Single && block.max_items > 1) {
            self.add(&path, "has an impossible number of blocks");
        }
        self.name_and_description(block.name, block.description, &path);
        self.members(&block.attributes, &path, Surroundings::default());
    }

    fn members(&mut self, members: &[Attribute], path: &Path, surroundings: Surroundings) {
        let names: Vec<&'static str> = members.iter().map(|member| member.name).collect();
        self.unique_names(&names, path);
        for member in members {
            self.attribute(member, &path.then(member.name), surroundings);
        }
    }

    fn attribute(&mut self, attribute: &Attribute, path: &Path, surroundings: Surroundings) {
        self.name_and_description(attribute.name, attribute.description, path);
        if attribute.deprecation.is_some_and(|instead| instead.trim().is_empty()) {
            self.add(path, "is deprecated without saying what to use instead");
        }
        self.write_only(attribute, path, surroundings);
        self.when_unset(attribute, path);
        if surroundings.in_computed && attribute.mode != Mode::Computed {
            self.add(path, "can be set, but what it is nested in cannot");
        }
        // Core cannot match elements of a set that hold unknown or respelled members.
        if surroundings.in_set && !surroundings.in_computed {
            if attribute.is_computed() {
                self.add(path, "is computed inside of a set that can be configured");
            }
            if attribute.semantic_equality.is_some() {
                self.add(path, "has its own equality inside of a set");
            }
        }
        match &attribute.kind {
            Kind::Value(r#type) => self.value_type(r#type, path, surroundings),
            Kind::Nested(nesting, members) => {
                if members.is_empty() {
                    self.add(path, "is nested, but has no attributes");
                }
                let surroundings = Surroundings {
                    in_set: surroundings.in_set || *nesting == Nesting::Set,
                    in_computed: surroundings.in_computed || attribute.mode == Mode::Computed,
                };
                self.members(members, path, surroundings);
            }
        }
    }

    fn name_and_description(&mut self, name: &str, description: &str, path: &Path) {
        let is_allowed = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '_');
        if name.is_empty() || !name.chars().all(is_allowed) {
            self.add(path, "has a name with other characters than a-z, 0-9 and _");
        }
        if description.trim().is_empty() {
            self.add(path, "has no description");
        }
    }

    fn write_only(&mut self, attribute: &Attribute, path: &Path, surroundings: Surroundings) {
        if !attribute.write_only {
            return;
        }
        if self.r#use != SchemaUse::Resource {
            self.add(path, "is write-only outside of a managed resource");
        }
        if attribute.is_computed() {
            self.add(path, "is write-only and computed");
        }
        if surroundings.in_set {
            self.add(path, "is write-only inside of a set");
        }
        if matches!(attribute.kind, Kind::Nested(..)) {
            self.add(path, "is write-only and nested; make its members write-only");
        }
    }

    fn when_unset(&mut self, attribute: &Attribute, path: &Path) {
        if attribute.when_unset != WhenUnset::Unknown && !attribute.is_computed() {
            self.add(path, "says what it is when left out, but is not computed");
        }
        match &attribute.when_unset {
            WhenUnset::UnknownIfChanged(names) => {
                let unknown: Vec<&str> =
                    names.iter().filter(|name| !self.top_level.contains(name)).copied().collect();
                if !unknown.is_empty() {
                    self.add(path, &format!("depends on what is not there: {}", unknown.join(", ")));
                }
            }
            WhenUnset::Default(default) => {
                let fits = attribute.r#type().check(default).is_ok();
                if !fits || default.is_null() || !default.is_wholly_known() {
                    self.add(path, "has a default that is not a known value of its type");
                }
            }
            WhenUnset::Keep | WhenUnset::Unknown => {}
        }
    }

    fn value_type(&mut self, r#type: &Type, path: &Path, surroundings: Surroundings) {
        if *r#type == Type::Dynamic && surroundings.in_set {
            self.add(path, "is of any type inside of a set");
        }
        if matches!(r#type, Type::List(_) | Type::Set(_) | Type::Map(_)) && holds_dynamic(r#type) {
            self.add(path, "is a collection of elements of any type");
        }
    }
}

fn holds_dynamic(r#type: &Type) -> bool {
    match r#type {
        Type::Dynamic => true,
        Type::Bool | Type::Number | Type::String => false,
        Type::List(element) | Type::Set(element) | Type::Map(element) => holds_dynamic(element),
        Type::Tuple(elements) => elements.iter().any(holds_dynamic),
        Type::Object(members) => members.values().any(holds_dynamic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Value;

    fn check(attribute: Attribute, expected: &[&str]) {
        let schema = Schema { attributes: vec![attribute.describe("A.")], ..Schema::default() };
        assert_eq!(schema.problems(SchemaUse::Resource), expected);
    }

    fn nested(mode: Mode, nesting: Nesting, member: Attribute) -> Attribute {
        Attribute::nested("n", mode, nesting, vec![member.describe("M.")])
    }

    #[test]
    fn names_are_lower_case_unique_and_not_taken() {
        check(Attribute::optional("name_1", Type::String), &[]);
        check(
            Attribute::optional("Name", Type::String),
            &["Name has a name with other characters than a-z, 0-9 and _."],
        );
        check(Attribute::optional("count", Type::String), &["count is the name of a meta-argument."]);
        let twice = || Attribute::optional("a", Type::Bool).describe("A.");
        let schema = Schema { attributes: vec![twice(), twice()], ..Schema::default() };
        assert_eq!(schema.problems(SchemaUse::Provider), ["a is there twice."]);
    }

    #[test]
    fn write_only_goes_with_what_a_user_sets_on_a_resource() {
        check(Attribute::optional("a", Type::String).write_only(), &[]);
        check(Attribute::computed("a", Type::String).write_only(), &["a is write-only and computed."]);
        let attribute = Attribute::optional("a", Type::String).write_only().describe("A.");
        let schema = Schema { attributes: vec![attribute], ..Schema::default() };
        assert_eq!(
            schema.problems(SchemaUse::DataSource),
            ["a is write-only outside of a managed resource."]
        );
    }

    #[test]
    fn a_set_holds_nothing_that_core_could_not_match() {
        let member = Attribute::optional_computed("m", Type::String);
        check(
            nested(Mode::Optional, Nesting::Set, member),
            &["n.m is computed inside of a set that can be configured."],
        );
        check(nested(Mode::Computed, Nesting::Set, Attribute::computed("m", Type::String)), &[]);
        check(
            nested(Mode::Optional, Nesting::Set, Attribute::optional("m", Type::Dynamic)),
            &["n.m is of any type inside of a set."],
        );
        check(
            Attribute::optional("a", Type::List(Box::new(Type::Dynamic))),
            &["a is a collection of elements of any type."],
        );
    }

    #[test]
    fn a_computed_object_has_computed_members() {
        check(
            nested(Mode::Computed, Nesting::Single, Attribute::optional("m", Type::String)),
            &["n.m can be set, but what it is nested in cannot."],
        );
    }

    #[test]
    fn what_is_left_out_has_a_sensible_plan() {
        let default = WhenUnset::Default(Value::Bool(true));
        check(Attribute::optional_computed("a", Type::Bool).when_unset(default.clone()), &[]);
        check(
            Attribute::optional_computed("a", Type::String).when_unset(default.clone()),
            &["a has a default that is not a known value of its type."],
        );
        check(
            Attribute::optional("a", Type::Bool).when_unset(default),
            &["a says what it is when left out, but is not computed."],
        );
        check(
            Attribute::computed("a", Type::Bool).when_unset(WhenUnset::UnknownIfChanged(&["b"])),
            &["a depends on what is not there: b."],
        );
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            ..proptest::prelude::ProptestConfig::default()
        })]

        #[test]
        fn the_schemas_of_the_property_tests_pass(bytes in crate::framework::arbitrary::Choices::bytes()) {
            let attributes = crate::framework::arbitrary::Choices::from(bytes).members(2);
            let schema = Schema { attributes, ..Schema::default() };
            proptest::prop_assert_eq!(schema.problems(SchemaUse::Resource), Vec::<String>::new());
        }
    }
}
