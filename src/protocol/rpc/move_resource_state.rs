//! `MoveResourceState`: a `moved` block from another resource type.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::{MoveResourceStateRequest, Server};
use crate::protocol::proto::tfplugin6::move_resource_state::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).unwrap_or_else(Response::failed)
}

fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_resource(server, &request.target_type_name)?;
    let response = server.move_resource_state(MoveResourceStateRequest {
        source_provider_address: request.source_provider_address,
        source_type_name: request.source_type_name,
        source_schema_version: request.source_schema_version,
        source_state: from_proto::raw_state(request.source_state),
        source_private: request.source_private,
        target_type_name: request.target_type_name,
    });
    let mut diagnostics = response.diagnostics;
    Ok(Response {
        target_state: to_proto::value(&response.target_state, &entry.r#type, &mut diagnostics),
        target_private: response.target_private,
        target_identity: to_proto::identity(response.target_identity.as_ref(), entry, &mut diagnostics),
        diagnostics: to_proto::diagnostics(&diagnostics),
    })
}
