//! `ConfigureProvider`. In reattach mode one process is configured many times.

use std::sync::Arc;

use super::answer::Answer as _;
use crate::framework::Diagnostics;
use crate::framework::server::{ConfigureRequest, Server};
use crate::protocol::proto::tfplugin6::configure_provider::{Request, Response};
use crate::protocol::{from_proto, to_proto};

pub(super) async fn answer(server: Arc<Server>, request: Request) -> Response {
    respond(&server, request).await.unwrap_or_else(Response::failed)
}

async fn respond(server: &Server, request: Request) -> Result<Response, Diagnostics> {
    let request = ConfigureRequest {
        terraform_version: request.terraform_version,
        config: from_proto::value(request.config, server.provider_type(), "provider block")?,
        capabilities: from_proto::capabilities(request.client_capabilities),
    };
    Ok(Response { diagnostics: to_proto::diagnostics(&server.configure(request).await) })
}
