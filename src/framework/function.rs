//! Provider functions (`provider::express::name(...)`).

use crate::framework::{Type, Value};

/// A pure function that Terraform can call.
pub trait Function: Send + Sync + 'static {
    /// Name without the provider prefix.
    fn name(&self) -> &'static str;
    /// Parameters, result and documentation.
    fn signature(&self) -> Signature;
    /// Computes the result from known, non-null arguments (unless a parameter allows otherwise).
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}

/// What a function takes, gives and is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// One line.
    pub summary: &'static str,
    /// Markdown.
    pub description: &'static str,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// Takes any number of further arguments.
    pub variadic: Option<Parameter>,
    /// Type of the result.
    pub result: Type,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Name in documentation and errors.
    pub name: &'static str,
    /// Type.
    pub r#type: Type,
    /// What it is.
    pub description: &'static str,
    /// Whether null may be passed.
    pub allow_null_value: bool,
}

/// A call that cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// What is wrong and what is allowed.
    pub text: String,
    /// Index of the argument that it is about.
    pub argument: Option<usize>,
}
