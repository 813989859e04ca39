//! Functions (`provider::express::...`), one file each.

mod console_url;
mod fargate_size;
mod parse_service_arn;

use std::sync::Arc;

use crate::framework::function::{Function, FunctionError, Parameter};
use crate::framework::{Type, Value};

/// Every function of the provider.
pub(super) fn all() -> Vec<Arc<dyn Function>> {
    vec![
        Arc::new(console_url::ConsoleUrl),
        Arc::new(fargate_size::FargateSize),
        Arc::new(parse_service_arn::ParseServiceArn),
    ]
}

/// A parameter that takes a text. Core turns a number into one.
fn text_parameter(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, r#type: Type::String, description, allow_null_value: false }
}

/// The text of the argument at `index`; the framework has checked its type.
fn text_argument(arguments: &[Value], index: usize) -> Result<&str, FunctionError> {
    match arguments.get(index) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(refused(index, "It must be a text.".to_owned())),
    }
}

fn refused(index: usize, text: String) -> FunctionError {
    FunctionError { text, argument: Some(index) }
}

fn text(value: impl Into<String>) -> Value {
    Value::String(value.into())
}

/// An object of texts.
fn object_of_texts(names: &[&str]) -> Type {
    Type::Object(names.iter().map(|name| ((*name).to_owned(), Type::String)).collect())
}
