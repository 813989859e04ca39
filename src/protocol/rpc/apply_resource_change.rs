//! `ApplyResourceChange`: what exists afterwards reaches core, whatever else fails.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::{ApplyResourceChangeRequest, Server};
use crate::protocol::proto::tfplugin6::apply_resource_change::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).await.unwrap_or_else(Response::failed)
}

async fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_resource(server, &request.type_name)?;
    let request = ApplyResourceChangeRequest {
        prior_state: from_proto::value(request.prior_state, &entry.r#type, "prior state")?,
        planned_state: from_proto::value(request.planned_state, &entry.r#type, "planned state")?,
        config: from_proto::value(request.config, &entry.r#type, "configuration")?,
        planned_private: request.planned_private,
        planned_identity: from_proto::identity(request.planned_identity, entry)?,
        type_name: request.type_name,
    };
    let promised = request.planned_state.clone();
    let response = server.apply_resource_change(request).await;
    let mut diagnostics = response.diagnostics;
    let new_state = to_proto::value(&response.new_state, &entry.r#type, &mut diagnostics)
        // A state of ours that does not fit the schema is our defect. Without any state core would forget
        // the object, so the known part of what was promised takes its place, beside the error.
        .or_else(|| to_proto::value(&promised.with_unknown_as_null(), &entry.r#type, &mut diagnostics));
    Ok(Response {
        new_state,
        private: response.private,
        new_identity: to_proto::identity(response.new_identity.as_ref(), entry, &mut diagnostics),
        diagnostics: to_proto::diagnostics(&diagnostics),
        legacy_type_system: false,
    })
}
