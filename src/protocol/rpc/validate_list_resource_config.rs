//! `ValidateListResourceConfig`.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::Server;
use crate::protocol::proto::tfplugin6::validate_list_resource_config::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).unwrap_or_else(Response::failed)
}

/// `limit` and `include_resource` are core's own arguments, which core checks.
fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_list_resource(server, &request.type_name)?;
    let config = from_proto::value(request.config, &entry.r#type, "configuration")?;
    let diagnostics = server.validate_list_resource_config(&request.type_name, &config);
    Ok(Response { diagnostics: to_proto::diagnostics(&diagnostics) })
}
