//! `ImportResourceState`: core reads what was imported right afterwards.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::{ImportResourceStateRequest, Server};
use crate::protocol::proto::tfplugin6::import_resource_state::{ImportedResource, Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).await.unwrap_or_else(Response::failed)
}

async fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_resource(server, &request.type_name)?;
    let request = ImportResourceStateRequest {
        identity: from_proto::identity(request.identity, entry)?,
        capabilities: from_proto::capabilities(request.client_capabilities),
        id: request.id,
        type_name: request.type_name,
    };
    let response = server.import_resource_state(request).await;
    let mut diagnostics = response.diagnostics;
    let imported_resources = response.imported_resources.into_iter().map(|imported| ImportedResource {
        state: to_proto::value(&imported.state, &entry.r#type, &mut diagnostics),
        identity: to_proto::identity(imported.identity.as_ref(), entry, &mut diagnostics),
        private: imported.private,
        type_name: imported.type_name,
    });
    Ok(Response {
        imported_resources: imported_resources.collect(),
        diagnostics: to_proto::diagnostics(&diagnostics),
        deferred: None,
    })
}
