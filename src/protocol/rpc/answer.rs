//! Answers that say why there is no other answer.

#![expect(clippy::needless_update, reason = "some responses hold nothing but diagnostics")]

use crate::framework::Diagnostics;
use crate::protocol::proto::tfplugin6 as proto;
use crate::protocol::to_proto;

/// The response of an RPC.
pub(super) trait Answer: Send + 'static {
    /// The answer to a request that could not be served.
    fn failed(diagnostics: Diagnostics) -> Self;
}

/// One event of a streamed answer.
pub(super) trait Event: Send + 'static {
    /// The event that says why the request could not be served.
    fn failed(diagnostics: Diagnostics) -> Self;
}

macro_rules! answers_with_diagnostics {
    ($($rpc:ident),* $(,)?) => {
        $(impl Answer for proto::$rpc::Response {
            fn failed(diagnostics: Diagnostics) -> Self {
                Self { diagnostics: to_proto::diagnostics(&diagnostics), ..Self::default() }
            }
        })*
    };
}

answers_with_diagnostics! {
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    get_functions,
    validate_provider_config,
    validate_resource_config,
    validate_data_resource_config,
    configure_provider,
    upgrade_resource_state,
    upgrade_resource_identity,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
    move_resource_state,
    generate_resource_config,
    read_data_source,
    validate_list_resource_config,
    validate_action_config,
    plan_action,
}

impl Answer for proto::call_function::Response {
    fn failed(diagnostics: Diagnostics) -> Self {
        let error = proto::FunctionError { text: in_one_text(&diagnostics), function_argument: None };
        Self { result: None, error: Some(error) }
    }
}

impl Answer for proto::stop_provider::Response {
    fn failed(diagnostics: Diagnostics) -> Self {
        Self { error: in_one_text(&diagnostics) }
    }
}

impl Event for proto::list_resource::Event {
    fn failed(diagnostics: Diagnostics) -> Self {
        Self { diagnostic: to_proto::diagnostics(&diagnostics), ..Self::default() }
    }
}

impl Event for proto::invoke_action::Event {
    fn failed(diagnostics: Diagnostics) -> Self {
        use proto::invoke_action::event::{Completed, Type};
        let completed = Completed { diagnostics: to_proto::diagnostics(&diagnostics) };
        Self { r#type: Some(Type::Completed(completed)) }
    }
}

fn in_one_text(diagnostics: &Diagnostics) -> String {
    let texts = diagnostics
        .iter()
        .map(|diagnostic| format!("{}: {}", diagnostic.summary, diagnostic.render_detail()));
    texts.collect::<Vec<_>>().join("\n")
}
