//! `ValidateProviderConfig`.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::Server;
use crate::protocol::proto::tfplugin6::validate_provider_config::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).unwrap_or_else(Response::failed)
}

fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let config = from_proto::value(request.config, server.provider_type(), "provider block")?;
    Ok(Response { diagnostics: to_proto::diagnostics(&server.validate_provider_config(&config)) })
}
