//! `GenerateResourceConfig`: core 1.14 and later ask for it when they write the configuration of imported objects.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::Server;
use crate::protocol::proto::tfplugin6::generate_resource_config::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).unwrap_or_else(Response::failed)
}

fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let entry = from_proto::find_resource(server, &request.type_name)?;
    let state = from_proto::value(request.state, &entry.r#type, "state")?;
    let generated = server.generate_resource_config(&request.type_name, &state);
    let mut diagnostics = generated.diagnostics;
    Ok(Response {
        config: to_proto::value(&generated.config, &entry.r#type, &mut diagnostics),
        diagnostics: to_proto::diagnostics(&diagnostics),
    })
}
