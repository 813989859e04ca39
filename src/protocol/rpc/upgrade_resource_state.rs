//! `UpgradeResourceState`: before every use of a state, also at the current version.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::{Server, UpgradeResourceStateRequest};
use crate::protocol::proto::tfplugin6::upgrade_resource_state::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).unwrap_or_else(Response::failed)
}

fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_resource(server, &request.type_name)?;
    let response = server.upgrade_resource_state(&UpgradeResourceStateRequest {
        type_name: request.type_name,
        version: request.version,
        raw_state: from_proto::raw_state(request.raw_state),
    });
    let mut diagnostics = response.diagnostics;
    let upgraded_state = to_proto::value(&response.upgraded_state, &entry.r#type, &mut diagnostics);
    Ok(Response { upgraded_state, diagnostics: to_proto::diagnostics(&diagnostics) })
}
