//! `CallFunction`.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::function::{FunctionError, Parameter, Signature};
use crate::framework::server::Server;
use crate::framework::{Diagnostics, Value};
use crate::protocol::proto::tfplugin6::DynamicValue;
use crate::protocol::proto::tfplugin6::call_function::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    let arguments = match server.function(&request.name) {
        Some(entry) => arguments(&entry.signature, request.arguments),
        // The answer to an unknown name does not look at the arguments.
        None => Ok(Vec::new()),
    };
    let result = arguments.and_then(|arguments| server.call_function(&request.name, &arguments));
    match (result, server.function(&request.name)) {
        (Ok(result), Some(entry)) => respond(&result, &entry.signature),
        (Ok(_), None) => Response::default(),
        (Err(error), _) => Response { result: None, error: Some(to_proto::function_error(&error)) },
    }
}

fn respond(result: &Value, signature: &Signature) -> Response {
    let mut diagnostics = Diagnostics::none();
    match to_proto::value(result, &signature.result, &mut diagnostics) {
        Some(result) => Response { result: Some(result), error: None },
        None => Response::failed(diagnostics),
    }
}

fn arguments(signature: &Signature, arguments: Vec<DynamicValue>) -> Result<Vec<Value>, FunctionError> {
    let count = arguments.len();
    let decode = |(position, argument)| {
        let failed = |text| FunctionError { text, argument: Some(position) };
        let parameter = find_parameter(signature, position)
            .ok_or_else(|| failed(format!("One of {count} arguments is too many.")))?;
        from_proto::value(Some(argument), &parameter.r#type, parameter.name).map_err(|diagnostics| {
            failed(diagnostics.iter().map(|diagnostic| diagnostic.detail.as_str()).collect())
        })
    };
    arguments.into_iter().enumerate().map(decode).collect()
}

fn find_parameter(signature: &Signature, position: usize) -> Option<&Parameter> {
    signature.parameters.get(position).or(signature.variadic.as_ref())
}
