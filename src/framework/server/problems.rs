//! What core would refuse of the provider as a whole.

use super::Server;
use crate::framework::Type;
use crate::framework::resource::IdentitySchema;
use crate::framework::schema::{Schema, SchemaUse};

impl Server {
    /// What is wrong with the provider's schemas, names, identities and functions, one sentence each. A test of
    /// the real provider asserts that there is nothing. `local_name` is the provider's, as in `express`.
    pub fn problems(&self, local_name: &str) -> Vec<String> {
        let mut problems = prefixed("The provider block", self.schema.problems(SchemaUse::Provider));
        for (type_name, entry) in &self.resources {
            problems.extend(prefixed(type_name, entry.schema.problems(SchemaUse::Resource)));
            problems.extend(name_problem(type_name, local_name));
            if let Some(identity) = &entry.identity_schema {
                problems.extend(prefixed(type_name, identity_problems(identity)));
            }
        }
        for (type_name, entry) in &self.data_sources {
            problems.extend(prefixed(type_name, entry.schema.problems(SchemaUse::DataSource)));
            problems.extend(name_problem(type_name, local_name));
        }
        for (type_name, entry) in &self.list_resources {
            problems.extend(prefixed(type_name, entry.schema.problems(SchemaUse::ListResource)));
            problems.extend(computed_problems(type_name, &entry.schema));
            if self.resources.get(type_name).is_none_or(|resource| resource.identity_schema.is_none()) {
                problems
                    .push(format!("{type_name}: is listed, but is no managed resource with an identity."));
            }
        }
        for (type_name, entry) in &self.actions {
            problems.extend(prefixed(type_name, entry.schema.problems(SchemaUse::Action)));
            problems.extend(computed_problems(type_name, &entry.schema));
            problems.extend(name_problem(type_name, local_name));
        }
        for (name, entry) in &self.functions {
            let is_allowed = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '_');
            if !name.chars().all(is_allowed) || name.is_empty() {
                problems.push(format!("{name}: is not a name for a function."));
            }
            if entry.signature.summary.is_empty() || entry.signature.description.is_empty() {
                problems.push(format!("{name}: has no summary or no description."));
            }
        }
        problems
    }
}

fn prefixed(name: &str, problems: Vec<String>) -> Vec<String> {
    problems.into_iter().map(|problem| format!("{name}: {problem}")).collect()
}

fn name_problem(type_name: &str, local_name: &str) -> Option<String> {
    let is_prefixed = type_name.strip_prefix(local_name).is_some_and(|rest| rest.starts_with('_'));
    (!is_prefixed).then(|| format!("{type_name}: does not start with \"{local_name}_\"."))
}

/// The `config` block of a list resource or an action is only ever written, so nothing in it is computed.
fn computed_problems(type_name: &str, schema: &Schema) -> Vec<String> {
    let computed = schema.attributes.iter().filter(|attribute| attribute.is_computed());
    computed.map(|attribute| format!("{type_name}: {} is computed.", attribute.name)).collect()
}

fn identity_problems(identity: &IdentitySchema) -> Vec<String> {
    let mut problems = Vec::new();
    let is_primitive = |r#type: &Type| matches!(r#type, Type::Bool | Type::Number | Type::String);
    for attribute in &identity.attributes {
        let fits = match &attribute.r#type {
            Type::List(element) => is_primitive(element),
            other => is_primitive(other),
        };
        if !fits {
            problems.push(format!("the identity's {} is neither primitive nor a list.", attribute.name));
        }
    }
    if !identity.attributes.iter().any(|attribute| attribute.required_for_import) {
        problems.push("no attribute of the identity is required for import.".to_owned());
    }
    problems
}
