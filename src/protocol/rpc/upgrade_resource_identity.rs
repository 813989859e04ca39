//! `UpgradeResourceIdentity` (protocol 6.9).

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::{Server, UpgradeResourceIdentityRequest};
use crate::protocol::proto::tfplugin6::upgrade_resource_identity::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).unwrap_or_else(Response::failed)
}

fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_resource(server, &request.type_name)?;
    let response = server.upgrade_resource_identity(&UpgradeResourceIdentityRequest {
        type_name: request.type_name,
        version: request.version,
        raw_identity: from_proto::raw_state(request.raw_identity),
    });
    let mut diagnostics = response.diagnostics;
    let identity = Some(response.upgraded_identity).filter(|identity| !identity.is_null());
    let upgraded_identity = to_proto::identity(identity.as_ref(), entry, &mut diagnostics);
    Ok(Response { upgraded_identity, diagnostics: to_proto::diagnostics(&diagnostics) })
}
