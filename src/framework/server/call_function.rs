//! `CallFunction`.

use super::Server;
use crate::framework::Value;
use crate::framework::function::FunctionError;

impl Server {
    /// Calls a function with arguments of its parameters' types.
    pub fn call_function(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        match self.function(name) {
            Some(entry) => entry.function.call(arguments),
            None => {
                Err(FunctionError { text: format!("The provider has no function {name}."), argument: None })
            }
        }
    }
}
