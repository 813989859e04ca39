//! Requests to the wire and responses from it: what the server's side does, the other way round.

use tonic::Status;

use crate::framework::path::Step;
use crate::framework::server::{ClientCapabilities, RawState};
use crate::framework::value::msgpack;
use crate::framework::{Diagnostic, Diagnostics, Path, Type, Value};
use crate::protocol::from_proto;
use crate::protocol::proto::tfplugin6 as proto;
use crate::protocol::proto::tfplugin6::attribute_path::step::Selector;

#[expect(clippy::unnecessary_wraps, reason = "a message's field is always optional")]
pub(super) fn capabilities(capabilities: ClientCapabilities) -> Option<proto::ClientCapabilities> {
    Some(proto::ClientCapabilities {
        deferral_allowed: capabilities.deferral_allowed,
        write_only_attributes_allowed: capabilities.write_only_attributes_allowed,
        ..proto::ClientCapabilities::default()
    })
}

pub(super) fn encode(value: &Value, r#type: &Type) -> Result<Option<proto::DynamicValue>, Status> {
    let msgpack =
        msgpack::encode(value, r#type).map_err(|error| Status::invalid_argument(error.to_string()))?;
    Ok(Some(proto::DynamicValue { msgpack, json: Vec::new() }))
}

pub(super) fn decode(value: Option<proto::DynamicValue>, r#type: &Type) -> Result<Value, Status> {
    from_proto::decode(&value.unwrap_or_default(), r#type)
        .map_err(|error| Status::data_loss(error.to_string()))
}

pub(super) fn raw_state(state: RawState) -> proto::RawState {
    proto::RawState { json: state.json, flatmap: state.flatmap.into_iter().collect() }
}

/// Diagnostics as they were shown: their hints are part of the detail.
pub(super) fn diagnostics(messages: Vec<proto::Diagnostic>) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    diagnostics.extend(messages.into_iter().map(|message| {
        let diagnostic = match message.severity() {
            proto::diagnostic::Severity::Warning => Diagnostic::warning(message.summary, message.detail),
            _ => Diagnostic::error(message.summary, message.detail),
        };
        Diagnostic { path: message.attribute.map(path), ..diagnostic }
    }));
    diagnostics
}

pub(super) fn path(path: proto::AttributePath) -> Path {
    let steps = path.steps.into_iter().filter_map(|step| step.selector);
    Path(
        steps
            .map(|selector| match selector {
                Selector::AttributeName(name) => Step::Attribute(name),
                Selector::ElementKeyString(key) => Step::Key(key),
                Selector::ElementKeyInt(index) => Step::Index(index),
            })
            .collect(),
    )
}
