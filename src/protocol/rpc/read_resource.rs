//! `ReadResource`: a null state says that the object is gone.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::{ReadResourceRequest, Server};
use crate::protocol::proto::tfplugin6::read_resource::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).await.unwrap_or_else(Response::failed)
}

async fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_resource(server, &request.type_name)?;
    let request = ReadResourceRequest {
        current_state: from_proto::value(request.current_state, &entry.r#type, "state")?,
        private: request.private,
        current_identity: from_proto::identity(request.current_identity, entry)?,
        capabilities: from_proto::capabilities(request.client_capabilities),
        type_name: request.type_name,
    };
    let response = server.read_resource(request).await;
    let mut diagnostics = response.diagnostics;
    Ok(Response {
        new_state: to_proto::value(&response.new_state, &entry.r#type, &mut diagnostics),
        private: response.private,
        new_identity: to_proto::identity(response.new_identity.as_ref(), entry, &mut diagnostics),
        diagnostics: to_proto::diagnostics(&diagnostics),
        deferred: None,
    })
}
