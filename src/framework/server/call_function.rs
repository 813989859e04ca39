//! `CallFunction`.

use super::guard::guarded_call;
use super::{FunctionEntry, Server};
use crate::framework::Value;
use crate::framework::function::{FunctionError, Parameter};

impl Server {
    /// Calls a function with arguments of its parameters' types.
    ///
    /// # Errors
    /// Arguments that the signature does not allow, each by its index; what the function itself refuses.
    pub fn call_function(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        let Some(entry) = self.function(name) else {
            return Err(error(format!("The provider has no function {name}.")));
        };
        entry.check_arguments(arguments)?;
        let called = guarded_call(name, "call", || entry.function.call(arguments));
        let result =
            called.map_err(|panicked| error(format!("{}. {}", panicked.summary, panicked.detail)))??;
        match entry.signature.result.check(&result) {
            Ok(()) if result.is_wholly_known() => Ok(result),
            _ => Err(error(format!(
                "The result of {name} is not of its type. This is a defect of the provider."
            ))),
        }
    }
}

impl FunctionEntry {
    /// The parameter that takes the argument at `index`.
    pub fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.signature.parameters.get(index).or(self.signature.variadic.as_ref())
    }

    fn check_arguments(&self, arguments: &[Value]) -> Result<(), FunctionError> {
        let expected = self.signature.parameters.len();
        if arguments.len() < expected {
            return Err(error(format!("It takes {expected} arguments; {} are given.", arguments.len())));
        }
        for (index, argument) in arguments.iter().enumerate() {
            let refuse = |text: String| Err(FunctionError { text, argument: Some(index) });
            let Some(parameter) = self.parameter(index) else {
                return refuse(format!("It takes {expected} arguments; this is one too many."));
            };
            if argument.is_null() && !parameter.allow_null_value {
                return refuse(format!("{} must not be null.", parameter.name));
            }
            if !argument.is_wholly_known() {
                return refuse(format!("{} must be known.", parameter.name));
            }
            if let Err(problem) = parameter.r#type.check(argument) {
                return refuse(format!("{} does not fit: {problem}.", parameter.name));
            }
        }
        Ok(())
    }
}

fn error(text: String) -> FunctionError {
    FunctionError { text, argument: None }
}
